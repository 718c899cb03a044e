//! [`Calibration`]: a detector's raw scores to robust z values, comparable across detectors.
//!
//! The scale comes from *out-of-fold* training scores: scores of rows the model that scored them was not fitted on.
//! In-sample scores are too low, and thresholds from them alarm on most healthy rows of a short training set.

use serde::{Deserialize, Serialize};

use crate::quantile::{finite, mad_sd, median};

/// Numbers of [`Calibration::fit_with`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CalibrationConfig {
    /// Lowest z. Default -3: how far below normal a score lies says nothing about a fault.
    pub clip_low: f64,
    /// Highest z. Default 10: one detector that explodes may not drown the others in fusion.
    pub clip_high: f64,
    /// Smallest scale, as a share of the largest distance of a training score from the median. Default 1e-6.
    /// It stands in when more than half of the training scores are equal.
    pub min_scale_share: f64,
}

impl Default for CalibrationConfig {
    fn default() -> Self {
        Self { clip_low: -3.0, clip_high: 10.0, min_scale_share: 1e-6 }
    }
}

/// The robust centre and scale of one stream: z = (x - median) / `mad_scale`, on log x where `log` is set.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Median of the out-of-fold scores (of their logarithms where `log` is set).
    pub median: f64,
    /// 1.4826 times their median absolute deviation; 0 when they do not differ at all, and then every z is 0:
    /// a stream that never moved carries no scale to judge by.
    pub mad_scale: f64,
    /// Whether the logarithm is taken first.
    pub log: bool,
    /// Lowest z that [`apply`](Self::apply) returns.
    pub clip_low: f64,
    /// Highest z that [`apply`](Self::apply) returns.
    pub clip_high: f64,
}

impl Calibration {
    /// Fits on out-of-fold training scores with the default configuration.
    ///
    /// `ratio_scale`: the stream is a ratio (`pca_spe`, `pca_t2`, `ar1`, `omr`, `omr_w16`; see [`is_ratio_scale`]),
    /// whose logarithm is the more symmetric quantity. Values that are not finite are left out.
    pub fn fit(oof: &[f64], ratio_scale: bool) -> Self {
        Self::fit_with(oof, ratio_scale, &CalibrationConfig::default())
    }

    /// [`fit`](Self::fit) with other numbers.
    pub fn fit_with(oof: &[f64], ratio_scale: bool, cfg: &CalibrationConfig) -> Self {
        let values: Vec<f64> = finite(oof).into_iter().map(|x| transform(x, ratio_scale)).collect();
        let center = median(&values).unwrap_or(0.0);
        let mad = mad_sd(&values, center).unwrap_or(0.0);
        let widest = values.iter().map(|v| (v - center).abs()).fold(0.0, f64::max);
        Self {
            median: center,
            mad_scale: mad.max(widest * cfg.min_scale_share),
            log: ratio_scale,
            clip_low: cfg.clip_low,
            clip_high: cfg.clip_high,
        }
    }

    /// The z of each raw score, clipped. NaN stays NaN (no score at that row); infinities are clipped.
    pub fn apply(&self, raw: &[f64]) -> Vec<f64> {
        raw.iter().map(|&x| self.apply_one(x)).collect()
    }

    /// The z of one raw score.
    pub fn apply_one(&self, raw: f64) -> f64 {
        if raw.is_nan() {
            return f64::NAN;
        }
        if self.mad_scale <= 0.0 {
            return 0.0;
        }
        let z = (transform(raw, self.log) - self.median) / self.mad_scale;
        z.max(self.clip_low).min(self.clip_high)
    }
}

/// Whether the stream of this name is calibrated on the logarithm of its scores.
pub fn is_ratio_scale(stream: &str) -> bool {
    matches!(stream, "ar1" | "pca_spe" | "pca_t2" | "omr" | "omr_w16")
}

/// The value that is centred and scaled. A ratio of 0 or less takes the smallest positive number's logarithm (-708),
/// which clipping maps to the lowest z.
fn transform(x: f64, log: bool) -> f64 {
    if log { x.max(f64::MIN_POSITIVE).ln() } else { x }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn z_is_the_distance_from_the_median_in_robust_sd() {
        let c = Calibration::fit(&[1.0, 2.0, 3.0, 4.0, 5.0], false);
        assert!(close(c.median, 3.0) && close(c.mad_scale, 1.4826) && !c.log);
        let z = c.apply(&[3.0, 4.4826, 1.5174]);
        assert!(close(z[0], 0.0) && close(z[1], 1.0) && close(z[2], -1.0), "{z:?}");
    }

    #[test]
    fn ratio_streams_are_calibrated_on_the_logarithm() {
        let e = std::f64::consts::E;
        let c = Calibration::fit(&[1.0, e, e * e], true);
        assert!(close(c.median, 1.0) && close(c.mad_scale, 1.4826));
        assert!(close(c.apply_one(e.powf(1.0 + 2.0 * 1.4826)), 2.0));
    }

    #[test]
    fn z_is_clipped_and_odd_scores_are_safe() {
        let c = Calibration::fit(&[1.0, 2.0, 3.0], true);
        let z = c.apply(&[0.0, -5.0, 1e300, f64::INFINITY, f64::NAN]);
        assert_eq!(z[..4], [-3.0, -3.0, 10.0, 10.0]);
        assert!(z[4].is_nan());
    }

    #[test]
    fn a_stream_without_spread_or_without_rows_gives_zero() {
        assert_eq!(Calibration::fit(&[5.0; 10], false).apply(&[5.0, 99.0]), [0.0, 0.0]);
        assert_eq!(Calibration::fit(&[], true).apply(&[1.0]), [0.0]);
        assert_eq!(Calibration::fit(&[f64::NAN], false).apply(&[1.0]), [0.0]);
    }

    #[test]
    fn mostly_equal_scores_still_get_a_positive_scale() {
        let c = Calibration::fit(&[0.0, 0.0, 0.0, 0.0, 2.0], false);
        assert!(close(c.mad_scale, 2e-6));
        assert_eq!(c.apply(&[0.0, 2.0]), [0.0, 10.0]);
    }

    #[test]
    fn the_ratio_scale_streams_are_those_of_squares_and_rms() {
        let names = ["ar1", "pca_spe", "pca_t2", "iforest", "gmm", "gmm_w16", "omr", "omr_w16"];
        let log: Vec<&str> = names.into_iter().filter(|n| is_ratio_scale(n)).collect();
        assert_eq!(log, ["ar1", "pca_spe", "pca_t2", "omr", "omr_w16"]);
    }

    proptest! {
        #[test]
        fn shifting_and_scaling_a_stream_leaves_z_unchanged(
            oof in prop::collection::vec(-100.0..100.0f64, 5..80),
            raw in prop::collection::vec(-200.0..200.0f64, 1..40),
            scale in 0.01..100.0f64,
            shift in -1e3..1e3f64,
        ) {
            let map = |v: &[f64]| v.iter().map(|x| x * scale + shift).collect::<Vec<_>>();
            let a = Calibration::fit(&oof, false).apply(&raw);
            let b = Calibration::fit(&map(&oof), false).apply(&map(&raw));
            for (x, y) in a.iter().zip(&b) {
                prop_assert!((x - y).abs() < 1e-3, "{x} {y}");
            }
        }

        #[test]
        fn scaling_a_ratio_stream_leaves_z_unchanged(
            oof in prop::collection::vec(0.01..100.0f64, 5..80),
            raw in prop::collection::vec(0.001..1000.0f64, 1..40),
            scale in 1e-3..1e3f64,
        ) {
            let map = |v: &[f64]| v.iter().map(|x| x * scale).collect::<Vec<_>>();
            let a = Calibration::fit(&oof, true).apply(&raw);
            let b = Calibration::fit(&map(&oof), true).apply(&map(&raw));
            for (x, y) in a.iter().zip(&b) {
                prop_assert!((x - y).abs() < 1e-6, "{x} {y}");
            }
        }

        #[test]
        fn z_keeps_the_order_of_scores_and_stays_in_its_range(
            oof in prop::collection::vec(0.0..10.0f64, 0..40),
            mut raw in prop::collection::vec(prop::num::f64::NORMAL | prop::num::f64::ZERO, 1..40),
            log: bool,
        ) {
            raw.sort_by(f64::total_cmp);
            let z = Calibration::fit(&oof, log).apply(&raw);
            prop_assert!(z.iter().all(|z| (-3.0..=10.0).contains(z)));
            prop_assert!(z.windows(2).all(|w| w[0] <= w[1]));
        }
    }
}
