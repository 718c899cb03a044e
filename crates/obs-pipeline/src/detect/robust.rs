//! Medians, and the scale on which residuals of different sensors are compared.

use super::ResidualConfig;

/// Makes a median absolute deviation comparable with a standard deviation (of a Gaussian).
const MAD_TO_SD: f64 = 1.4826;

/// Residuals smaller than this (in standard deviations of the sensor) are rounding, not behaviour.
const SILENT: f64 = 1e-9;

/// Median by partial sorting of `values` (mean of the middle two for an even count); `None` of nothing.
pub(crate) fn median(values: &mut [f64]) -> Option<f64> {
    let n = values.len();
    if n == 0 {
        return None;
    }
    let (below, middle, _) = values.select_nth_unstable_by(n / 2, f64::total_cmp);
    let middle = *middle;
    if n % 2 == 1 {
        return Some(middle);
    }
    let lower = below.iter().copied().max_by(f64::total_cmp)?;
    Some(f64::midpoint(lower, middle))
}

/// 1.4826 times the median absolute deviation of `residuals` (which are reordered), at least `sd_floor` of their
/// standard deviation; 1 where they are all but equal, so that a later one counts in standard deviations of the
/// sensor.
pub(super) fn residual_scale(residuals: &mut [f64], cfg: &ResidualConfig) -> f64 {
    let Some(centre) = median(residuals) else { return 1.0 };
    let n = residuals.len() as f64;
    let mean = residuals.iter().sum::<f64>() / n;
    let sd = (residuals.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / n).sqrt();
    for r in residuals.iter_mut() {
        *r = (*r - centre).abs();
    }
    let mad = MAD_TO_SD * median(residuals).unwrap_or(0.0);
    let scale = mad.max(cfg.sd_floor * sd);
    if scale > SILENT { scale } else { 1.0 }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_value_or_the_mean_of_two() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [f64::MAX, f64::MAX]), Some(f64::MAX));
    }

    #[test]
    fn the_scale_is_floored_by_the_deviation_and_one_for_silence() {
        let cfg = ResidualConfig::default();
        let mut mostly_silent = vec![0.0; 99];
        mostly_silent.push(10.0);
        let sd = (100.0 / 100.0 - 0.1_f64.powi(2)).sqrt();
        assert!((residual_scale(&mut mostly_silent, &cfg) - 0.05 * sd).abs() < 1e-12);
        assert_eq!(residual_scale(&mut [4.0; 9], &cfg), 1.0);
        let mut spread: Vec<f64> = (-50..=50).map(f64::from).collect();
        assert!((residual_scale(&mut spread, &cfg) - 1.4826 * 25.0).abs() < 1e-9);
    }
}
