//! [`Scaler`]: fills gaps and standardises sensor readings, with everything it knows taken from training rows.

use serde::{Deserialize, Serialize};

use super::Standard;
use crate::{Frame, Matrix};

/// What training taught about each sensor. Applied to training and score rows alike, so nothing of the scored batch
/// leaks into how it is looked at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scaler {
    /// Median of each sensor's present training values, the filling for gaps; 0 where all are gaps.
    #[serde(with = "crate::detect::exact::f64s")]
    pub medians: Vec<f64>,
    /// Mean and deviation of each sensor once its gaps are filled.
    pub standard: Standard,
}

impl Scaler {
    /// Learns from `train`. Also returns how many cells of it are gaps.
    #[must_use]
    pub fn fit(train: &Frame) -> (Self, usize) {
        let medians: Vec<f64> = train.columns.iter().map(|c| median_present(c)).collect();
        let (filled, imputed) = fill(train, &medians);
        (Self { standard: Standard::fit(&filled), medians }, imputed)
    }

    /// `frame` as a matrix of standardised values, rows by sensors, and how many of its gaps were filled. A sensor
    /// unknown to training (beyond its count) is left out; one that `frame` lacks counts as all gaps.
    #[must_use]
    pub fn apply(&self, frame: &Frame) -> (Matrix, usize) {
        let (filled, imputed) = fill(frame, &self.medians);
        (self.standard.apply(&filled), imputed)
    }

    /// Means of the sensors, gaps filled.
    pub fn means(&self) -> &[f64] {
        &self.standard.means
    }

    /// Standard deviations of the sensors, gaps filled; never 0.
    pub fn sds(&self) -> &[f64] {
        &self.standard.sds
    }
}

/// The sensors of `frame` side by side with every gap replaced by its sensor's median, and the number of gaps.
fn fill(frame: &Frame, medians: &[f64]) -> (Matrix, usize) {
    let mut out = Matrix::zeros(frame.rows(), medians.len());
    let mut imputed = 0;
    for (c, median) in medians.iter().enumerate() {
        let column = frame.columns.get(c);
        for r in 0..out.rows {
            let value = column.map_or(f64::NAN, |column| column[r]);
            let gap = value.is_nan();
            imputed += usize::from(gap);
            out.data[r * out.cols + c] = if gap { *median } else { value };
        }
    }
    (out, imputed)
}

fn median_present(column: &[f64]) -> f64 {
    let mut present: Vec<f64> = column.iter().copied().filter(|v| v.is_finite()).collect();
    crate::detect::median(&mut present).unwrap_or(0.0)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use super::*;
    use crate::TimeAxis;

    fn frame(columns: Vec<Vec<f64>>) -> Frame {
        Frame {
            axis: TimeAxis::Counter,
            time: (0..columns[0].len() as i64).collect(),
            names: (0..columns.len()).map(|c| format!("s{c}")).collect(),
            columns,
            breaks: vec![],
            unit: None,
            unit_names: vec![],
        }
    }

    #[test]
    fn gaps_of_score_are_filled_with_the_median_of_train_and_counted() {
        let nan = f64::NAN;
        let (scaler, in_train) = Scaler::fit(&frame(vec![vec![1.0, 2.0, nan, 9.0], vec![5.0; 4]]));
        assert_eq!(in_train, 1);
        assert_eq!(scaler.medians, [2.0, 5.0]);
        assert_eq!(scaler.means()[0], 3.5);

        let (x, in_score) = scaler.apply(&frame(vec![vec![nan, 100.0], vec![nan, 5.0]]));
        assert_eq!(in_score, 2);
        assert_eq!(x.row(0), [(2.0 - 3.5) / scaler.sds()[0], 0.0]);
    }

    #[test]
    fn a_sensor_without_any_value_becomes_zero() {
        let (scaler, imputed) = Scaler::fit(&frame(vec![vec![f64::NAN; 3]]));
        assert_eq!(imputed, 3);
        assert_eq!(scaler.apply(&frame(vec![vec![f64::NAN; 2]])).0.data, [0.0, 0.0]);
    }

    #[test]
    fn a_frame_with_fewer_sensors_is_read_as_all_gaps_in_the_rest() {
        let (scaler, _) = Scaler::fit(&frame(vec![vec![1.0, 3.0], vec![1.0, 3.0]]));
        let (x, imputed) = scaler.apply(&frame(vec![vec![3.0]]));
        assert_eq!((x.row(0), imputed), ([1.0, 0.0].as_slice(), 1));
    }
}
