//! Windowed features: what each sensor did over the last rows.

use rayon::prelude::*;

use crate::Matrix;
use crate::parallel::follow;

/// Rows handled together by one task.
const CHUNK: usize = 1024;

/// A summary of one sensor over the current row and those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowStat {
    /// Mean.
    Mean,
    /// Standard deviation (population).
    Sd,
    /// Least-squares slope per row.
    Slope,
    /// Smallest value.
    Min,
    /// Largest value.
    Max,
    /// The previous row's value (the current one's where nothing precedes it).
    Lag1,
}

impl WindowStat {
    /// Name as appended to a sensor's: `mean`, `sd`, `slope`, `min`, `max`, `lag1`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Sd => "sd",
            Self::Slope => "slope",
            Self::Min => "min",
            Self::Max => "max",
            Self::Lag1 => "lag1",
        }
    }
}

/// The three summaries the windowed detector streams use, in column order.
pub(crate) const STREAM_STATS: [WindowStat; 3] = [WindowStat::Mean, WindowStat::Sd, WindowStat::Slope];

/// Causal mean, standard deviation and slope of each sensor over the last `w` rows: `3 * x.cols` columns, all means
/// first, then all deviations, then all slopes. See [`windowed_stats`].
#[must_use]
pub fn windowed(x: &Matrix, breaks: &[usize], w: usize) -> Matrix {
    windowed_stats(x, breaks, w, &STREAM_STATS)
}

/// The summaries `stats` of each sensor over the last `w` rows (at least 1), as `stats.len() * x.cols` columns, one
/// group of `x.cols` per summary. Windows start afresh at `breaks` and at row 0 and hold fewer rows there; deviation
/// and slope of a single row are 0.
///
/// Each row is computed from its own window alone. Running sums would be cheaper for long windows, but lose digits as
/// they go and make a row depend on where the sum was started.
#[must_use]
pub fn windowed_stats(x: &Matrix, breaks: &[usize], w: usize, stats: &[WindowStat]) -> Matrix {
    let width = stats.len() * x.cols;
    let mut out = Matrix::zeros(x.rows, width);
    if width == 0 {
        return out;
    }
    out.data.par_chunks_mut(CHUNK * width).enumerate().for_each(follow(
        |(chunk, rows): (usize, &mut [f64])| {
            for (i, row) in rows.chunks_mut(width).enumerate() {
                let r = chunk * CHUNK + i;
                let first = segment_start(breaks, r).max((r + 1).saturating_sub(w.max(1)));
                window_row(&x.data[first * x.cols..(r + 1) * x.cols], x.cols, stats, row);
            }
        },
    ));
    out
}

/// First row of the stretch that holds row `r`; never beyond it, even where `breaks` are not ascending.
pub(crate) fn segment_start(breaks: &[usize], r: usize) -> usize {
    match breaks.partition_point(|&b| b <= r) {
        0 => 0,
        n => breaks[n - 1].min(r),
    }
}

/// Summarises the rows in `window` (row after row of `d` sensors, the current row last) into `out`.
pub(crate) fn window_row(window: &[f64], d: usize, stats: &[WindowStat], out: &mut [f64]) {
    let n = window.len() / d;
    let last = &window[(n - 1) * d..];
    let mut mean = vec![0.0; d];
    fold(window, &mut mean, |sum, v| sum + v);
    for m in &mut mean {
        *m /= n as f64;
    }
    for (stat, out) in stats.iter().zip(out.chunks_mut(d)) {
        match stat {
            WindowStat::Mean => out.copy_from_slice(&mean),
            WindowStat::Min => {
                out.copy_from_slice(last);
                fold(window, out, f64::min);
            }
            WindowStat::Max => {
                out.copy_from_slice(last);
                fold(window, out, f64::max);
            }
            WindowStat::Lag1 => out.copy_from_slice(&window[n.saturating_sub(2) * d..][..d]),
            WindowStat::Sd => {
                out.fill(0.0);
                for row in window.chunks_exact(d) {
                    for ((o, v), m) in out.iter_mut().zip(row).zip(&mean) {
                        *o += (v - m) * (v - m);
                    }
                }
                for o in out.iter_mut() {
                    *o = (*o / n as f64).sqrt();
                }
            }
            WindowStat::Slope => {
                out.fill(0.0);
                let middle = (n - 1) as f64 / 2.0;
                for (t, row) in window.chunks_exact(d).enumerate() {
                    let t = t as f64 - middle;
                    for ((o, v), m) in out.iter_mut().zip(row).zip(&mean) {
                        *o += t * (v - m);
                    }
                }
                // The sum of squares of -middle..=middle: 0.5 for two rows, 0 for one.
                let spread = n as f64 * ((n * n) as f64 - 1.0) / 12.0;
                for o in out.iter_mut() {
                    *o /= spread.max(0.5);
                }
            }
        }
    }
}

/// Folds every row of `window` into `out`, sensor by sensor.
fn fold(window: &[f64], out: &mut [f64], f: impl Fn(f64, f64) -> f64) {
    for row in window.chunks_exact(out.len()) {
        for (o, v) in out.iter_mut().zip(row) {
            *o = f(*o, *v);
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use super::*;

    fn ramp(rows: usize) -> Matrix {
        Matrix::from_columns(&[(0..rows).map(|r| 2.0 * r as f64).collect(), vec![7.0; rows]])
    }

    #[test]
    fn a_ramp_has_its_slope_and_the_mean_of_the_last_rows() {
        let f = windowed(&ramp(50), &[], 4);
        assert_eq!(f.cols, 6);
        let expected_sd = 5.0_f64.sqrt();
        assert_eq!(f.row(49), [95.0, 7.0, expected_sd, 0.0, 2.0, 0.0]);
    }

    #[test]
    fn windows_restart_at_breaks_and_do_not_look_ahead() {
        let mut x = ramp(20);
        let whole = windowed(&x, &[10], 4);
        assert_eq!(whole.row(10)[0], 20.0, "the first row of a stretch is its own mean");
        assert_eq!((whole.row(10)[2], whole.row(10)[4]), (0.0, 0.0));
        assert_eq!(whole.row(12)[0], 22.0);
        x.row_mut(15)[0] = 1e6;
        let changed = windowed(&x, &[10], 4);
        assert_eq!(
            whole.slice_rows(11..15),
            changed.slice_rows(11..15),
            "later rows leave earlier windows alone"
        );
    }

    #[test]
    fn small_wiggles_on_a_large_offset_keep_their_digits() {
        let x = Matrix::from_columns(&[(0..100_000).map(|r| 1e9 + f64::from(r % 2)).collect()]);
        let f = windowed(&x, &[], 16);
        assert_eq!(f.row(99_999)[1], 0.5);
    }

    #[test]
    fn other_summaries_cover_the_same_window() {
        let x = Matrix::from_columns(&[vec![5.0, 1.0, 9.0, 4.0]]);
        let stats = [WindowStat::Min, WindowStat::Max, WindowStat::Lag1];
        let f = windowed_stats(&x, &[], 3, &stats);
        assert_eq!(f.row(0), [5.0, 5.0, 5.0]);
        assert_eq!(f.row(3), [1.0, 9.0, 9.0]);
        assert_eq!(stats.map(WindowStat::name), ["min", "max", "lag1"]);
    }

    #[test]
    fn empty_input_and_a_window_of_zero_rows_are_fine() {
        assert_eq!(windowed(&Matrix::zeros(0, 3), &[], 16).rows, 0);
        assert_eq!(windowed(&Matrix::zeros(5, 0), &[], 16).cols, 0);
        assert_eq!(windowed(&ramp(3), &[], 0).row(2)[0], 4.0);
    }
}
