//! The health index: the fused score on a scale of 0 (failed) to 100 (as in training).

use serde::{Deserialize, Serialize};

use crate::stretch::ewma;

/// Numbers of the health index.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HealthConfig {
    /// Health at the alarm threshold. Default 50.
    pub at_alarm: f64,
    /// Multiple of the alarm threshold at which health reaches 0. Default 10.
    pub zero_ratio: f64,
    /// Weight of the newest row in the moving average. Default 0.1.
    pub alpha: f64,
    /// From this health on the zone is healthy. Default 70.
    pub healthy_from: f64,
    /// Under this health the zone is critical. Default 30.
    pub critical_under: f64,
}

impl Default for HealthConfig {
    fn default() -> Self {
        Self { at_alarm: 50.0, zero_ratio: 10.0, alpha: 0.1, healthy_from: 70.0, critical_under: 30.0 }
    }
}

/// Where a health value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Zone {
    /// 70 or more.
    Healthy,
    /// 30 to 70.
    Degrading,
    /// Under 30.
    Critical,
}

impl Zone {
    /// The zone of a health value.
    pub fn of(health: f64, cfg: &HealthConfig) -> Self {
        if health >= cfg.healthy_from {
            Self::Healthy
        } else if health >= cfg.critical_under {
            Self::Degrading
        } else {
            Self::Critical
        }
    }

    /// `healthy`, `degrading` or `critical`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degrading => "degrading",
            Self::Critical => "critical",
        }
    }
}

/// Health of one fused score before smoothing: 100 at or under the training median, straight down to 50 at the alarm
/// threshold, then with the logarithm of score over threshold to 0 at ten times the threshold.
///
/// The threshold counts as at least 0.1 above both zero and the median, so that the scale never folds.
pub fn instant(fused: f64, threshold: f64, median: f64, cfg: &HealthConfig) -> f64 {
    let threshold = threshold.max(median + 0.1).max(0.1);
    let health = if fused <= threshold {
        let above = (fused - median) / (threshold - median);
        (100.0 - cfg.at_alarm).mul_add(-above, 100.0)
    } else {
        let decades = (fused / threshold).ln() / cfg.zero_ratio.max(1.001).ln();
        cfg.at_alarm * (1.0 - decades)
    };
    if fused.is_nan() { f64::NAN } else { health.clamp(0.0, 100.0) }
}

/// The smoothed health of every row, 0..=100: EWMA (`cfg.alpha`, restarted at `breaks`) of [`instant`].
///
/// `thresholds` holds one threshold per row; as many rows as the shorter of the two. `median` is
/// [`crate::thresholds::Baseline::median`]. A row without a score keeps the health before it (NaN at a stretch's start).
pub fn index(
    fused: &[f64],
    thresholds: &[f64],
    median: f64,
    breaks: &[usize],
    cfg: &HealthConfig,
) -> Vec<f64> {
    let raw: Vec<f64> =
        fused.iter().zip(thresholds).map(|(score, limit)| instant(*score, *limit, median, cfg)).collect();
    ewma(&raw, cfg.alpha, breaks)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CFG: HealthConfig = HealthConfig {
        at_alarm: 50.0,
        zero_ratio: 10.0,
        alpha: 0.1,
        healthy_from: 70.0,
        critical_under: 30.0,
    };

    #[test]
    fn the_scale_has_its_documented_fixed_points() {
        let at = |fused: f64| instant(fused, 2.0, 0.5, &CFG);
        for (fused, want) in [
            (-3.0, 100.0),
            (0.5, 100.0),
            (1.25, 75.0),
            (2.0, 50.0),
            (20.0, 0.0),
            (2.0 * 10f64.sqrt(), 25.0),
            (99.0, 0.0),
        ] {
            assert!((at(fused) - want).abs() < 1e-9, "{fused}: {}", at(fused));
        }
    }

    #[test]
    fn health_is_smoothed_and_restarts_at_breaks() {
        let h = index(&[0.0, 20.0, 20.0], &[2.0; 3], 0.0, &[2], &CFG);
        assert!((h[0] - 100.0).abs() < 1e-9 && (h[1] - 90.0).abs() < 1e-9 && h[2].abs() < 1e-9, "{h:?}");
    }

    #[test]
    fn zones_meet_at_70_and_30() {
        let names = [100.0, 70.0, 69.9, 30.0, 29.9, 0.0].map(|h| Zone::of(h, &CFG).as_str());
        assert_eq!(names, ["healthy", "healthy", "degrading", "degrading", "critical", "critical"]);
    }

    #[test]
    fn a_threshold_at_or_under_the_median_does_not_fold_the_scale() {
        assert!((instant(1.0, 0.0, 1.0, &CFG) - 100.0).abs() < 1e-9);
        assert!((instant(1.1, -4.0, 1.0, &CFG) - 50.0).abs() < 1e-9);
        assert!(index(&[], &[], 0.0, &[], &CFG).is_empty());
        assert!(instant(f64::NAN, 1.0, 0.0, &CFG).is_nan());
    }

    proptest! {
        #[test]
        fn health_stays_in_range_and_falls_as_the_score_rises(
            mut x in prop::collection::vec(-3.0..50.0f64, 1..50),
            threshold in -1.0..5.0f64,
            median in -2.0..2.0f64,
        ) {
            x.sort_by(f64::total_cmp);
            let h: Vec<f64> = x.iter().map(|x| instant(*x, threshold, median, &CFG)).collect();
            prop_assert!(h.iter().all(|h| (0.0..=100.0).contains(h)));
            prop_assert!(h.windows(2).all(|w| w[1] <= w[0] + 1e-9));
        }
    }
}
