//! The health history as the trend sees it: since the last maintenance reset, averaged into few points.

use std::ops::Range;

use super::ForecastConfig;
use crate::quantile::{finite, mean, median};

/// Points on each side of a step whose medians are compared.
const SIDE: usize = 5;

/// Health since the last reset.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct History {
    /// Averages of `rows_per_point` rows each, oldest first; all finite.
    pub(super) points: Vec<f64>,
    /// Rows behind each point.
    pub(super) rows_per_point: usize,
    /// Maintenance resets found in all.
    pub(super) resets: usize,
    /// First row that counts.
    pub(super) start_row: usize,
}

impl History {
    /// Reads rows of health (0..=100; gaps as NaN).
    pub(super) fn read(health: &[f64], cfg: &ForecastConfig) -> Self {
        let (coarse, rows) = average(health, cfg.max_points);
        let resets = resets(&coarse, cfg.reset_jump);
        // Points are counted from the newest row backwards.
        let kept = |first: usize| (coarse.len() - first) * rows;
        let start_row = resets.last().map_or(0, |first| health.len() - kept(*first));
        let (points, rows_per_point) = average(&health[start_row..], cfg.max_points);
        Self { points, rows_per_point, resets: resets.len(), start_row }
    }
}

/// At most `max_points` averages of equally many rows, the last ending at the last row; the oldest rows that do not
/// fill a point are left out. A point without a finite row takes the point before it; such points at the start go.
fn average(rows: &[f64], max_points: usize) -> (Vec<f64>, usize) {
    let step = rows.len().div_ceil(max_points.max(1)).max(1);
    let mut points: Vec<f64> = Vec::with_capacity(rows.len() / step);
    for chunk in rows[rows.len() % step..].chunks_exact(step) {
        let values = finite(chunk);
        match (values.is_empty(), points.last()) {
            (false, _) => points.push(mean(&values)),
            (true, Some(&before)) => points.push(before),
            (true, None) => {}
        }
    }
    (points, step)
}

/// The points at which a new life begins: after each rise of over `jump` between the medians of the five points before
/// and after, once the rise has settled to a fifth of that (the index is smoothed, so a repair shows as a short ramp).
fn resets(points: &[f64], jump: f64) -> Vec<usize> {
    let around = |at: usize| -> f64 {
        let side = |r: Range<usize>| median(&points[r]).unwrap_or(0.0);
        side(at..points.len().min(at + SIDE)) - side(at.saturating_sub(SIDE)..at)
    };
    let mut out = Vec::new();
    let mut at = 2;
    while at + 1 < points.len() {
        if around(at) > jump {
            while at + 1 < points.len() && around(at) > jump / 5.0 {
                at += 1;
            }
            out.push(at);
        }
        at += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(health: &[f64]) -> History {
        History::read(health, &ForecastConfig::default())
    }

    #[test]
    fn a_short_history_is_read_row_by_row_and_a_long_one_in_equal_parts() {
        let short: Vec<f64> = (0..100).map(|i| 100.0 - f64::from(i) / 10.0).collect();
        let h = read(&short);
        assert_eq!((h.points.len(), h.rows_per_point, h.resets, h.start_row), (100, 1, 0, 0));
        let long: Vec<f64> = (0..1001).map(|i| 100.0 - f64::from(i) / 20.0).collect();
        let h = read(&long);
        assert_eq!((h.points.len(), h.rows_per_point), (200, 5));
        assert!(
            (h.points[199] - long[998]).abs() < 1e-9,
            "the newest point is the mean of the newest five rows"
        );
    }

    #[test]
    fn a_jump_up_starts_a_new_life_and_a_fall_does_not() {
        let life = |n: i32| (0..n).map(|i| 95.0 - f64::from(i)).collect::<Vec<_>>();
        let h = read(&[life(60), life(50)].concat());
        assert_eq!(h.resets, 1);
        assert!((60..66).contains(&h.start_row), "{}", h.start_row);
        let fall = [vec![90.0; 40], vec![40.0; 40]].concat();
        assert_eq!(read(&fall).resets, 0);
    }

    #[test]
    fn a_smoothed_repair_counts_once_it_has_settled() {
        let raw = [vec![30.0; 60], vec![95.0; 100]].concat();
        let h = read(&crate::stretch::ewma(&raw, 0.1, &[]));
        assert_eq!(h.resets, 1);
        assert!((70..90).contains(&h.start_row) && h.points[0] > 85.0, "{h:?}");
    }

    #[test]
    fn rows_after_a_reset_get_their_own_resolution() {
        let raw: Vec<f64> = (0..4800).map(|i| if i < 4500 { 40.0 } else { 90.0 }).collect();
        let h = read(&raw);
        assert!(h.rows_per_point <= 2 && h.start_row >= 4500, "{} {}", h.rows_per_point, h.start_row);
    }

    #[test]
    fn gaps_are_bridged_and_empty_histories_are_empty() {
        assert!(read(&[]).points.is_empty());
        assert_eq!(read(&[f64::NAN, 80.0, f64::NAN, 70.0]).points, [80.0, 80.0, 70.0]);
    }
}
