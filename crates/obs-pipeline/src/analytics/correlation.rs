//! How alike the detectors' streams are.

use serde::{Deserialize, Serialize};

use crate::fusion::Stream;

/// Correlations between streams.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    /// Stream names, in the order of rows and columns.
    pub names: Vec<String>,
    /// `values[i][j]`: Pearson correlation of streams i and j, -1..=1; 1 on the diagonal; symmetric.
    pub values: Vec<Vec<f64>>,
}

/// Pearson correlations between all pairs of streams.
pub fn correlation(streams: &[Stream<'_>]) -> Correlation {
    let n = streams.len();
    let mut values = vec![vec![1.0; n]; n];
    for i in 0..n {
        for j in 0..i {
            let r = pearson(streams[i].z, streams[j].z);
            values[i][j] = r;
            values[j][i] = r;
        }
    }
    Correlation { names: streams.iter().map(|s| s.name.to_owned()).collect(), values }
}

/// Pearson correlation over the rows where both are finite; 0 where one of them does
/// not vary, nothing is left, or squares overflow (from about 1e150).
pub fn pearson(a: &[f64], b: &[f64]) -> f64 {
    let both = || a.iter().zip(b).filter(|(x, y)| x.is_finite() && y.is_finite());
    let (n, sum_a, sum_b) = both().fold((0.0, 0.0, 0.0), |(n, a, b), (x, y)| (n + 1.0, a + x, b + y));
    let (mean_a, mean_b) = (sum_a / n, sum_b / n);
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (x, y) in both() {
        let (dx, dy) = (x - mean_a, y - mean_b);
        aa += dx * dx;
        bb += dy * dy;
        ab += dx * dy;
    }
    let scale = aa.sqrt() * bb.sqrt();
    // Below rounding error of the means a stream counts as constant.
    let flat = |square: f64, mean: f64| square <= n * (mean * 1e-12).powi(2);
    if !scale.is_finite() || scale <= 0.0 || flat(aa, mean_a) || flat(bb, mean_b) {
        return 0.0;
    }
    (ab / scale).clamp(-1.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlation_matches_a_hand_computed_case() {
        // Deviations (-1, 0, 1) and (-1, 1, 0): 1 / 2.
        assert!((pearson(&[1.0, 2.0, 3.0], &[1.0, 3.0, 2.0]) - 0.5).abs() < 1e-12);
        assert!((pearson(&[1.0, f64::NAN, 2.0], &[5.0, 0.0, 3.0]) + 1.0).abs() < 1e-12);
    }

    #[test]
    fn constant_or_empty_streams_correlate_with_nothing() {
        assert!(pearson(&[0.1; 50], &[1.0; 50]).abs() < 1e-12);
        let ramp: Vec<f64> = (0..50).map(f64::from).collect();
        assert!(pearson(&[0.1; 50], &ramp).abs() < 1e-12);
        assert!(pearson(&[], &[]).abs() < 1e-12);
        assert!(pearson(&[1e300, -1e300, 1e300], &ramp).abs() < 1e-12);
    }

    #[test]
    fn the_matrix_is_symmetric_with_ones_on_the_diagonal() {
        let (a, b) = ([1.0, 2.0, 3.0], [3.0, 1.0, 2.0]);
        let c = correlation(&[Stream { name: "ar1", z: &a }, Stream { name: "omr", z: &b }]);
        assert_eq!(c.names, ["ar1", "omr"]);
        assert!((c.values[0][1] - c.values[1][0]).abs() < 1e-15 && (c.values[0][1] + 0.5).abs() < 1e-12);
        assert!((c.values[0][0] - 1.0).abs() < 1e-15);
    }
}
