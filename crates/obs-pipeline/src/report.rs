//! [`RunReport`]: what a run found.

use crate::analytics::{Correlation, Occupancy};
use crate::drift::DriftState;
use crate::forecast::Rul;
use crate::frame::{TimeAxis, format_time};
use crate::health::Zone;
use crate::input::ReadReport;
use crate::input::quality::Quality;
use crate::thresholds::Thresholds;
use serde::Serialize;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunOutcome {
    /// All phases ran.
    Success,
    /// There was nothing to do, for this reason.
    Noop(String),
}

/// Rows of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RowCounts {
    /// Rows read from the input, and from the baseline where there is one.
    pub read: u64,
    /// Healthy rows the detectors learned from.
    pub train: u64,
    /// Rows that have a score.
    pub scored: u64,
    /// Rows that could not be parsed, or whose time appeared again later.
    pub dropped: u64,
}

/// A sensor and its share in an episode.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CulpritReport {
    /// The sensor.
    pub sensor: String,
    /// Its share of the squared residuals, 0 to 1.
    pub share: f64,
}

/// An episode with times in place of rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EpisodeReport {
    /// Time of its first row at or over the threshold.
    pub start: String,
    /// Time of its last row.
    pub end: String,
    /// Likely onset, at or before `start`.
    pub onset: String,
    /// Highest fused score.
    pub peak_z: f64,
    /// Mean fused score.
    pub mean_z: f64,
    /// `info`, `warning` or `critical`.
    pub severity: &'static str,
    /// The unit, where the input holds several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The sensors to blame, most first, at most three; empty where they cannot be told.
    pub culprits: Vec<CulpritReport>,
}

/// Scores row by row; every vector has one value per scored row.
#[derive(Clone, Debug, Default)]
pub struct Scored {
    /// What `time` counts.
    pub axis: Option<TimeAxis>,
    /// Time of the row.
    pub time: Vec<i64>,
    /// Rows at which a stretch starts, row 0 left out.
    pub breaks: Vec<usize>,
    /// Calibrated streams: name without `_z`, and values in -3 to 10.
    pub streams: Vec<(&'static str, Vec<f64>)>,
    /// The fused score.
    pub fused: Vec<f64>,
    /// The alarm threshold in force.
    pub threshold: Vec<f64>,
    /// Number of the episode, from 1; 0 outside.
    pub episode: Vec<u32>,
    /// Health index, 0 to 100.
    pub health: Vec<f64>,
    /// Operating regime; -1 for unknown.
    pub regime: Vec<i32>,
    /// Drift chart.
    pub drift: Vec<DriftState>,
}

impl Scored {
    /// Time of a row as files write it.
    pub fn format_time(&self, row: usize) -> String {
        format_time(self.axis.unwrap_or(TimeAxis::Counter), self.time[row])
    }
}

/// How far one sensor stood from its training level.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HotspotReport {
    /// The sensor.
    pub sensor: String,
    /// Mean distance in training standard deviations.
    pub mean_abs_z: f64,
    /// Largest distance.
    pub max_abs_z: f64,
    /// When that was.
    pub at: String,
}

/// Health over a stretch of time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HealthPoint {
    /// Time of its first row.
    pub start: String,
    /// Time of its last row.
    pub end: String,
    /// Mean health.
    pub mean: f64,
    /// Lowest health.
    pub min: f64,
    /// Zone of the mean.
    pub zone: &'static str,
}

/// Which sensors made a stretch of time strange.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ContributionReport {
    /// Time of its first row.
    pub start: String,
    /// Time of its last row.
    pub end: String,
    /// The sensors with the largest shares, most first, at most three.
    pub sensors: Vec<CulpritReport>,
}

/// What stood out, beside the episodes: `analytics.json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AnalyticsReport {
    /// Sensors by mean distance from their training level, farthest first.
    pub hotspots: Vec<HotspotReport>,
    /// Health, downsampled.
    pub health: Vec<HealthPoint>,
    /// Contributions of sensors, downsampled; empty with a single sensor.
    pub contributions: Vec<ContributionReport>,
    /// How long each operating regime lasted.
    pub regimes: Vec<Occupancy>,
    /// How alike the detectors' streams are.
    pub detectors: Correlation,
}

/// Health at the last scored row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HealthReport {
    /// 0 to 100.
    pub index: f64,
    /// Its zone.
    pub zone: Zone,
}

/// What a run found.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// How it ended.
    pub outcome: RunOutcome,
    /// Rows by use.
    pub rows: RowCounts,
    /// The sensors used, in order.
    pub sensors: Vec<String>,
    /// What reading the input told.
    pub read: ReadReport,
    /// What the data contract told.
    pub quality: Option<Quality>,
    /// Cells filled with the sensor's training median.
    pub imputed_cells: u64,
    /// Whether the models came from the registry.
    pub models_reused: bool,
    /// Hash of the training features: the key of the models.
    pub feature_hash: String,
    /// Thresholds and how far they can be trusted.
    pub thresholds: Option<Thresholds>,
    /// The episodes, in order of time.
    pub episodes: Vec<EpisodeReport>,
    /// Health at the end; `None` when nothing was scored.
    pub health: Option<HealthReport>,
    /// State of the drift chart at the end.
    pub drift: DriftState,
    /// Remaining life; `None` with the reason in `rul_refusal`.
    pub rul: Option<Rul>,
    /// Why there is no remaining life.
    pub rul_refusal: Option<String>,
    /// What stood out beside the episodes; `None` when nothing was scored.
    pub analytics: Option<AnalyticsReport>,
    /// Warnings of all phases, one line each.
    pub warnings: Vec<String>,
    /// Scores row by row.
    pub scored: Scored,
}

impl RunReport {
    /// A report of a run that found nothing to do.
    pub(crate) fn noop(reason: String, read: ReadReport) -> Self {
        Self {
            outcome: RunOutcome::Noop(reason),
            rows: RowCounts {
                read: read.rows_read,
                dropped: read.rows_dropped + read.duplicates,
                ..RowCounts::default()
            },
            sensors: Vec::new(),
            read,
            quality: None,
            imputed_cells: 0,
            models_reused: false,
            feature_hash: String::new(),
            thresholds: None,
            episodes: Vec::new(),
            health: None,
            drift: DriftState::default(),
            rul: None,
            rul_refusal: None,
            analytics: None,
            warnings: Vec::new(),
            scored: Scored::default(),
        }
    }
}
