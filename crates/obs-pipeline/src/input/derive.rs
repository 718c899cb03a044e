//! Rolling features for a table with a single sensor, which alone gives multivariate detectors nothing to compare.

use crate::frame::Frame;

/// Rows in a window.
const WINDOW: usize = 12;

/// Adds `mean12`, `sd12`, `diff1` and `diff12` of the only sensor, as `<sensor>_mean12` and so on.
///
/// All look back only and start anew at each break. Where fewer than 12 rows lie behind, the mean and the standard
/// deviation (`n - 1` in the denominator, 0 of a single value) are over those there are, and a difference to a row that
/// does not exist is 0. Gaps are left out of mean and standard deviation; a difference to or from a gap is a gap.
/// A frame with several sensors is left as it is.
pub fn derive(frame: &mut Frame) {
    let [values] = frame.columns.as_slice() else { return };
    let mut ends: Vec<usize> = frame.breaks.clone();
    ends.push(values.len());
    let mut mean = Vec::with_capacity(values.len());
    let mut sd = Vec::with_capacity(values.len());
    let mut start = 0;
    for end in ends {
        let stretch = &values[start..end];
        for row in 0..stretch.len() {
            let (m, s) = moments(&stretch[(row + 1).saturating_sub(WINDOW)..=row]);
            mean.push(m);
            sd.push(s);
        }
        start = end;
    }
    let diff1 = difference(values, &frame.breaks, 1);
    let diff12 = difference(values, &frame.breaks, WINDOW);
    let name = frame.names[0].clone();
    for (suffix, column) in [("mean12", mean), ("sd12", sd), ("diff1", diff1), ("diff12", diff12)] {
        frame.names.push(format!("{name}_{suffix}"));
        frame.columns.push(column);
    }
}

/// Mean and standard deviation of the values present; `NaN` of none.
fn moments(window: &[f64]) -> (f64, f64) {
    let present = || window.iter().filter(|v| !v.is_nan());
    let n = present().count();
    if n == 0 {
        return (f64::NAN, f64::NAN);
    }
    let mean = present().sum::<f64>() / n as f64;
    if n == 1 {
        return (mean, 0.0);
    }
    let squares: f64 = present().map(|v| (v - mean) * (v - mean)).sum();
    (mean, (squares / (n - 1) as f64).sqrt())
}

/// Each value less the one `lag` rows above, 0 where a break or the start lies between.
fn difference(values: &[f64], breaks: &[usize], lag: usize) -> Vec<f64> {
    let mut start = 0;
    let mut next = breaks.iter().copied().peekable();
    (0..values.len())
        .map(|row| {
            if let Some(b) = next.next_if_eq(&row) {
                start = b;
            }
            if row >= start + lag { values[row] - values[row - lag] } else { 0.0 }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::TimeAxis;

    fn frame(values: Vec<f64>, breaks: Vec<usize>) -> Frame {
        Frame {
            axis: TimeAxis::Counter,
            time: (0..values.len() as i64).collect(),
            names: vec!["value".to_owned()],
            columns: vec![values],
            breaks,
            unit: None,
            unit_names: Vec::new(),
        }
    }

    #[test]
    fn features_look_back_over_twelve_rows_at_most() {
        let mut f = frame((0..20).map(f64::from).collect(), Vec::new());
        derive(&mut f);
        assert_eq!(f.names, ["value", "value_mean12", "value_sd12", "value_diff1", "value_diff12"]);
        let row = |r: usize| f.columns.iter().map(|c| c[r]).collect::<Vec<_>>();
        assert_eq!(row(0), [0.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(row(2), [2.0, 1.0, 1.0, 1.0, 0.0]);
        // 8 to 19: mean 13.5, variance (12^2 - 1) / 12 * 12 / 11 = 13.
        assert_eq!(row(19), [19.0, 13.5, 13.0_f64.sqrt(), 1.0, 12.0]);
    }

    #[test]
    fn features_start_anew_at_a_break() {
        let mut f = frame(vec![1.0, 2.0, 100.0, 102.0], vec![2]);
        derive(&mut f);
        assert_eq!(f.columns[1], [1.0, 1.5, 100.0, 101.0]);
        assert_eq!(f.columns[3], [0.0, 1.0, 0.0, 2.0]);
    }

    #[test]
    fn a_gap_is_left_out_of_the_mean_and_makes_differences_gaps() {
        let mut f = frame(vec![f64::NAN, 2.0, f64::NAN, 4.0], Vec::new());
        derive(&mut f);
        assert!(f.columns[1][0].is_nan());
        assert_eq!(f.columns[1][1..], [2.0, 2.0, 3.0]);
        assert_eq!(f.columns[3][0].to_bits(), 0.0_f64.to_bits());
        assert!(f.columns[3][1..].iter().all(|v| v.is_nan()));
    }

    #[test]
    fn several_sensors_are_left_alone() {
        let mut f = frame(vec![1.0, 2.0], Vec::new());
        f.names.push("b".to_owned());
        f.columns.push(vec![0.0, 1.0]);
        let before = f.clone();
        derive(&mut f);
        assert_eq!(f, before);
    }
}
