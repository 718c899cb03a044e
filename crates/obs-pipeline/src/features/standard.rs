//! [`Standard`]: mean and standard deviation per column, the change of units that makes sensors comparable.

use serde::{Deserialize, Serialize};

use crate::Matrix;

/// Standardised values are cut to `-LIMIT..=LIMIT`: a reading a million standard deviations out says no more than one
/// twice as far, and its square must not overflow.
pub const LIMIT: f64 = 1e6;

/// Relative spread below which a column counts as constant: what is left is rounding.
const CONSTANT: f64 = 1e-12;

/// Magnitude from which sums of squares are taken in units of the largest value, so that they do not overflow.
const LARGE: f64 = 1e100;

/// Means and standard deviations (population, divisor n), one of each per column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Standard {
    /// Mean of each column; 0 where it holds no number.
    #[serde(with = "crate::detect::exact::f64s")]
    pub means: Vec<f64>,
    /// Standard deviation of each column, never 0: a constant column has 1, so that a later change of it counts in
    /// the sensor's own unit instead of blowing up.
    #[serde(with = "crate::detect::exact::f64s")]
    pub sds: Vec<f64>,
}

impl Standard {
    /// Measures the columns of `x`; `NaN` and infinite cells are left out.
    #[must_use]
    pub fn fit(x: &Matrix) -> Self {
        let mut largest = vec![0.0_f64; x.cols];
        each(x, |c, v| largest[c] = largest[c].max(v.abs()));
        let units: Vec<f64> = largest.iter().map(|&l| if l > LARGE { l } else { 1.0 }).collect();
        let mut counts = vec![0.0_f64; x.cols];
        let mut means = vec![0.0; x.cols];
        each(x, |c, v| {
            counts[c] += 1.0;
            means[c] += v / units[c];
        });
        for (mean, count) in means.iter_mut().zip(&counts) {
            *mean /= count.max(1.0);
        }
        let mut squares = vec![0.0; x.cols];
        each(x, |c, v| {
            let d = v / units[c] - means[c];
            squares[c] += d * d;
        });
        let sds = (0..x.cols)
            .map(|c| {
                let sd = (squares[c] / counts[c].max(1.0)).sqrt();
                if sd <= CONSTANT * means[c].abs().max(f64::MIN_POSITIVE) { 1.0 } else { sd * units[c] }
            })
            .collect();
        let means = means.iter().zip(&units).map(|(m, u)| m * u).collect();
        Self { means, sds }
    }

    /// Number of columns.
    pub fn cols(&self) -> usize {
        self.means.len()
    }

    /// `value` of column `c` in standard deviations from its mean, cut to [`LIMIT`]; `NaN` becomes 0, the mean: what
    /// is not known counts as typical.
    pub fn value(&self, c: usize, value: f64) -> f64 {
        let z = (value - self.means[c]) / self.sds[c];
        if z.is_nan() { 0.0 } else { z.clamp(-LIMIT, LIMIT) }
    }

    /// Standardises one row into `out`. Columns that `row` lacks count as `NaN`; columns it has too many are ignored.
    pub fn row(&self, row: &[f64], out: &mut [f64]) {
        for (c, o) in out.iter_mut().enumerate().take(self.cols()) {
            *o = self.value(c, row.get(c).copied().unwrap_or(f64::NAN));
        }
    }

    /// Every row of `x` by [`Standard::row`].
    #[must_use]
    pub fn apply(&self, x: &Matrix) -> Matrix {
        let mut out = Matrix::zeros(x.rows, self.cols());
        for r in 0..x.rows {
            self.row(x.row(r), out.row_mut(r));
        }
        out
    }

    /// Whether this can be used for `cols` columns: as many entries, every one finite, no deviation of 0.
    pub(crate) fn is_sound(&self, cols: usize) -> bool {
        self.means.len() == cols
            && self.sds.len() == cols
            && self.means.iter().all(|m| m.is_finite())
            && self.sds.iter().all(|s| s.is_finite() && *s > 0.0)
    }
}

/// Calls `f(column, value)` for every finite cell, row after row.
fn each(x: &Matrix, mut f: impl FnMut(usize, f64)) {
    for r in 0..x.rows {
        for (c, &v) in x.row(r).iter().enumerate() {
            if v.is_finite() {
                f(c, v);
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use super::*;

    #[test]
    fn standardised_columns_have_mean_zero_and_deviation_one() {
        let x = Matrix::from_columns(&[vec![1.0, 2.0, 3.0, 4.0], vec![1e9, 3e9, 1e9, 3e9]]);
        let z = Standard::fit(&x).apply(&x);
        for c in 0..2 {
            let column = z.column(c);
            let mean = column.iter().sum::<f64>() / 4.0;
            let variance = column.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 4.0;
            assert!(mean.abs() < 1e-12 && (variance - 1.0).abs() < 1e-12, "column {c}: {mean} {variance}");
        }
    }

    #[test]
    fn a_constant_column_becomes_zero_and_its_later_change_counts_in_its_own_unit() {
        let constant = Standard::fit(&Matrix::from_columns(&[vec![0.1; 1000]]));
        assert!(constant.value(0, 0.1).abs() < 1e-9);
        assert!((constant.value(0, 2.1) - 2.0).abs() < 1e-9);
    }

    #[test]
    fn values_near_the_largest_double_stay_finite() {
        let x = Matrix::from_columns(&[vec![1e308, -1e308, 1.7e308, 0.0]]);
        let standard = Standard::fit(&x);
        assert!(standard.is_sound(1), "{standard:?}");
        assert!(standard.apply(&x).data.iter().all(|v| v.abs() < 2.0));
    }

    #[test]
    fn gaps_are_left_out_of_the_fit_and_become_the_mean() {
        let standard = Standard::fit(&Matrix::from_columns(&[vec![1.0, f64::NAN, 3.0]]));
        assert_eq!(standard.means, [2.0]);
        assert_eq!(standard.value(0, f64::NAN), 0.0);
        assert_eq!(standard.value(0, f64::INFINITY), LIMIT);
    }

    #[test]
    fn a_row_of_another_width_is_read_as_far_as_it_goes() {
        let standard = Standard { means: vec![1.0, 1.0], sds: vec![1.0, 1.0] };
        let mut out = [9.0; 2];
        standard.row(&[3.0], &mut out);
        assert_eq!(out, [2.0, 0.0]);
        standard.row(&[1.0, 2.0, 77.0], &mut out);
        assert_eq!(out, [0.0, 1.0]);
    }
}
