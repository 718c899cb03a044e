//! Culprits: the sensors that explain an episode.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::matrix::Matrix;

/// One sensor's part in an episode.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Culprit {
    /// Column of the contribution matrix.
    pub sensor: usize,
    /// Mean share of the contributions over the episode's rows, 0..=1.
    pub share: f64,
}

/// The `top` sensors by mean contribution over `rows`, largest first, ties by column.
///
/// `shares.row(r)` holds each sensor's contribution at row `r` (its squared residual, or that over the row's sum); each
/// row is divided by its own sum, so one wild row does not decide alone. Values that are not positive and finite count
/// as 0; rows past the matrix are left out. Empty when no sensor contributes.
pub fn top_culprits(shares: &Matrix, rows: Range<usize>, top: usize) -> Vec<Culprit> {
    let mut sums = vec![0.0; shares.cols];
    let mut counted = 0_usize;
    for row in rows.start..rows.end.min(shares.rows) {
        let values = shares.row(row);
        let total: f64 = values.iter().copied().filter(|v| counts(*v)).sum();
        if total > 0.0 && total.is_finite() {
            counted += 1;
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += if counts(*value) { value / total } else { 0.0 };
            }
        }
    }
    let named = sums.into_iter().enumerate().filter(|(_, sum)| *sum > 0.0);
    let mut out: Vec<Culprit> =
        named.map(|(sensor, sum)| Culprit { sensor, share: sum / counted as f64 }).collect();
    out.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.sensor.cmp(&b.sensor)));
    out.truncate(top);
    out
}

/// Whether a contribution is a usable number.
fn counts(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn culprits_are_the_largest_mean_shares_in_order() {
        let shares = Matrix::from_columns(&[
            vec![9.0, 0.1, 0.1, 9.0],
            vec![0.0, 0.6, 3.0, 0.0],
            vec![0.0, 0.3, 0.9, 0.0],
            vec![0.0, 0.0, 0.0, 0.0],
        ]);
        let top = top_culprits(&shares, 1..3, 3);
        assert_eq!(top.iter().map(|c| c.sensor).collect::<Vec<_>>(), [1, 2, 0]);
        assert!((top[0].share - f64::midpoint(0.6, 0.75)).abs() < 1e-12);
        assert!((top.iter().map(|c| c.share).sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn odd_values_and_rows_past_the_end_are_left_out() {
        let shares = Matrix::from_columns(&[vec![f64::NAN, 0.0], vec![2.0, -1.0]]);
        assert_eq!(top_culprits(&shares, 0..9, 3), [Culprit { sensor: 1, share: 1.0 }]);
        assert!(top_culprits(&shares, 1..2, 3).is_empty());
        assert!(top_culprits(&Matrix::default(), 0..3, 3).is_empty());
    }
}
