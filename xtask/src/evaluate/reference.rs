//! The figures to beat: the same protocols with scikit-learn 1.9 in Python, means of five seeds.

use serde::Serialize;

/// The streams of the table, in its order.
pub(super) const STREAMS: [&str; 8] =
    ["ar1", "pca_spe", "pca_t2", "iforest", "gmm", "omr", "gmm_w16", "omr_w16"];

/// Reference figures of one data set. Two values are the least and the greatest over seeds.
#[derive(Debug, Serialize)]
pub(super) struct Reference {
    /// ROC-AUC of the streams, in the order of [`STREAMS`]; `None` where it was not measured.
    pub(super) streams: [Option<f64>; STREAMS.len()],
    pub(super) roc_auc: Option<f64>,
    pub(super) average_precision: Option<f64>,
    pub(super) f1: Option<f64>,
    pub(super) false_alarm_rate: [f64; 2],
    pub(super) missed_rate: Option<f64>,
    /// Labelled events that an episode touches.
    pub(super) touched: [usize; 2],
    pub(super) events: usize,
    pub(super) false_episodes: [usize; 2],
}

/// SKAB valve1.
pub(super) static VALVE1: Reference = Reference {
    streams: [
        Some(0.881),
        Some(0.810),
        Some(0.662),
        Some(0.805),
        Some(0.823),
        Some(0.852),
        Some(0.894),
        None,
    ],
    roc_auc: Some(0.883),
    average_precision: Some(0.904),
    f1: Some(0.726),
    false_alarm_rate: [0.184, 0.184],
    missed_rate: Some(0.339),
    touched: [13, 14],
    events: 16,
    false_episodes: [0, 2],
};

/// NAB machine temperature.
pub(super) static MACHINE_TEMPERATURE: Reference = Reference {
    streams: [Some(0.601), Some(0.793), Some(0.812), Some(0.849), Some(0.823), Some(0.799), None, None],
    roc_auc: Some(0.841),
    average_precision: Some(0.437),
    f1: Some(0.046),
    false_alarm_rate: [0.001, 0.001],
    missed_rate: Some(0.977),
    touched: [2, 2],
    events: 4,
    false_episodes: [2, 2],
};

/// Tennessee Eastman, fault 4.
pub(super) static TEP_4: Reference = Reference {
    streams: [Some(1.0), Some(1.0), Some(0.943), Some(0.826), Some(1.0), Some(1.0), None, None],
    roc_auc: Some(1.0),
    average_precision: Some(1.0),
    f1: Some(0.997),
    false_alarm_rate: [0.0, 0.0],
    missed_rate: Some(0.007),
    touched: [1, 1],
    events: 1,
    false_episodes: [0, 0],
};

/// C-MAPSS FD001, detection.
pub(super) static FD001: Reference = Reference {
    streams: [Some(0.812), Some(0.691), Some(0.943), Some(0.956), Some(0.927), Some(0.755), None, None],
    roc_auc: Some(0.931),
    average_precision: Some(0.721),
    f1: Some(0.650),
    false_alarm_rate: [0.012, 0.012],
    missed_rate: Some(0.437),
    touched: [27, 27],
    events: 33,
    false_episodes: [7, 11],
};

/// SKAB without a fault.
pub(super) static ANOMALY_FREE: Reference = Reference {
    streams: [None; STREAMS.len()],
    roc_auc: None,
    average_precision: None,
    f1: None,
    false_alarm_rate: [0.267, 0.276],
    missed_rate: None,
    touched: [0, 0],
    events: 0,
    false_episodes: [6, 6],
};

/// Remaining life on FD001 by one method: both errors capped at 125 cycles.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct LifeReference {
    pub(super) method: &'static str,
    pub(super) rmse: f64,
    pub(super) phm08: f64,
}

/// Remaining life on FD001, the best last.
pub(super) static LIFE: [LifeReference; 4] = [
    LifeReference { method: "Holt", rmse: 23.5, phm08: 3188.0 },
    LifeReference { method: "exponential over 30 cycles", rmse: 19.2, phm08: 979.0 },
    LifeReference { method: "similarity", rmse: 14.6, phm08: 365.0 },
    LifeReference { method: "gradient boosting (for orientation)", rmse: 11.8, phm08: 222.0 },
];
