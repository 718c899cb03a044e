//! Stretches: the runs of rows between breaks, within which filters may look back.

use std::ops::Range;

/// The stretches of `rows` rows that `breaks` (first rows of new stretches) cut them into, in order, none empty.
///
/// Breaks at row 0, past the last row, repeated or out of order are harmless: they are sorted out first.
pub fn stretches(rows: usize, breaks: &[usize]) -> Vec<Range<usize>> {
    let mut starts: Vec<usize> = breaks.iter().copied().filter(|&b| b > 0 && b < rows).collect();
    starts.sort_unstable();
    starts.dedup();
    let mut out = Vec::with_capacity(starts.len() + 1);
    let mut from = 0;
    for start in starts.into_iter().chain([rows]) {
        if start > from {
            out.push(from..start);
        }
        from = start;
    }
    out
}

/// Exponentially weighted moving average `s += alpha (x - s)`, starting at the first value of each stretch.
///
/// A value that is not finite leaves the average where it was (NaN before the first finite value of a stretch).
/// `alpha` is clamped to 0..=1.
pub fn ewma(values: &[f64], alpha: f64, breaks: &[usize]) -> Vec<f64> {
    ewma_from(f64::NAN, values, alpha, breaks)
}

/// [`ewma`] that starts each stretch at `start` instead of at its first value. With NaN it is [`ewma`].
pub fn ewma_from(start: f64, values: &[f64], alpha: f64, breaks: &[usize]) -> Vec<f64> {
    let alpha = alpha.clamp(0.0, 1.0);
    let mut out = Vec::with_capacity(values.len());
    for stretch in stretches(values.len(), breaks) {
        let mut state = start;
        for &x in &values[stretch] {
            if x.is_finite() {
                state = if state.is_nan() { x } else { alpha.mul_add(x - state, state) };
            }
            out.push(state);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_cut_rows_into_stretches_without_empty_ones() {
        assert_eq!(stretches(6, &[2, 4]), vec![0..2, 2..4, 4..6]);
        assert_eq!(stretches(6, &[9, 4, 0, 4, 6]), vec![0..4, 4..6]);
        assert_eq!(stretches(0, &[1]), Vec::<Range<usize>>::new());
    }

    #[test]
    fn the_average_restarts_at_a_break_and_holds_over_a_missing_value() {
        let s = ewma(&[1.0, 3.0, f64::NAN, 10.0], 0.5, &[3]);
        assert_eq!(s, vec![1.0, 2.0, 2.0, 10.0]);
    }

    #[test]
    fn a_given_start_holds_for_every_stretch() {
        assert_eq!(ewma_from(0.0, &[4.0, 4.0, f64::NAN, 8.0], 0.5, &[2]), vec![2.0, 3.0, 0.0, 4.0]);
    }

    #[test]
    fn a_missing_start_stays_missing_until_the_first_value() {
        let s = ewma(&[f64::NAN, 4.0, 6.0], 0.5, &[]);
        assert!(s[0].is_nan());
        assert_eq!(s[1..], [4.0, 5.0]);
    }
}
