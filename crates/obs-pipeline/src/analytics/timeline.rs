//! The health timeline, downsampled.

use serde::{Deserialize, Serialize};

use super::buckets;
use crate::health::{HealthConfig, Zone};
use crate::quantile::{finite, mean};

/// Health over a range of rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimelinePoint {
    /// First row.
    pub start_row: usize,
    /// Last row, included.
    pub end_row: usize,
    /// Mean health.
    pub mean: f64,
    /// Lowest health: a short dip stays visible however coarse the timeline.
    pub min: f64,
    /// Zone of the mean.
    pub zone: Zone,
}

/// Health in at most `points` ranges of equal length; ranges without a finite value are left out.
pub fn health_timeline(health: &[f64], points: usize, cfg: &HealthConfig) -> Vec<TimelinePoint> {
    buckets(health.len(), points)
        .filter_map(|rows| {
            let values = finite(&health[rows.clone()]);
            if values.is_empty() {
                return None;
            }
            let mean = mean(&values);
            let min = values.iter().copied().fold(f64::INFINITY, f64::min);
            Some(TimelinePoint {
                start_row: rows.start,
                end_row: rows.end - 1,
                mean,
                min,
                zone: Zone::of(mean, cfg),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeline_keeps_means_dips_and_every_row() {
        let t = health_timeline(&[90.0, 100.0, 20.0, 30.0, 10.0], 3, &HealthConfig::default());
        let rows: Vec<_> = t.iter().map(|p| (p.start_row, p.end_row)).collect();
        assert_eq!(rows, [(0, 1), (2, 3), (4, 4)]);
        assert!((t[0].mean - 95.0).abs() < 1e-12 && (t[1].min - 20.0).abs() < 1e-12);
        assert_eq!(
            t.iter().map(|p| p.zone.as_str()).collect::<Vec<_>>(),
            ["healthy", "critical", "critical"]
        );
    }

    #[test]
    fn a_long_history_fits_and_an_empty_one_is_empty() {
        assert!(health_timeline(&vec![50.0; 10_007], 500, &HealthConfig::default()).len() <= 500);
        assert!(health_timeline(&[], 500, &HealthConfig::default()).is_empty());
        assert_eq!(health_timeline(&[1.0, f64::NAN], 0, &HealthConfig::default()).len(), 1);
    }
}
