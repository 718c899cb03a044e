//! Which sensors stand out, overall and over time.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::buckets;
use crate::matrix::Matrix;

/// How far one sensor stood from its training level.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hotspot {
    /// Column of the standardised matrix.
    pub sensor: usize,
    /// Mean |z| over the rows.
    pub mean_abs_z: f64,
    /// Largest |z|.
    pub max_abs_z: f64,
    /// Its row; the first of several.
    pub max_row: usize,
}

/// The `top` sensors by mean |z|, largest first, ties by column. `z` holds standardised sensor values, one row per row
/// and one column per sensor; values that are not finite are left out.
pub fn hotspots(z: &Matrix, top: usize) -> Vec<Hotspot> {
    let mut spots: Vec<Hotspot> =
        (0..z.cols).map(|sensor| Hotspot { sensor, mean_abs_z: 0.0, max_abs_z: 0.0, max_row: 0 }).collect();
    let mut counts = vec![0.0; z.cols];
    for row in 0..z.rows {
        for ((spot, count), value) in spots.iter_mut().zip(&mut counts).zip(z.row(row)) {
            let size = value.abs();
            if size.is_finite() {
                spot.mean_abs_z += size;
                *count += 1.0;
                if size > spot.max_abs_z {
                    (spot.max_abs_z, spot.max_row) = (size, row);
                }
            }
        }
    }
    for (spot, count) in spots.iter_mut().zip(counts) {
        spot.mean_abs_z /= f64::max(count, 1.0);
    }
    spots.sort_by(|a, b| b.mean_abs_z.total_cmp(&a.mean_abs_z).then(a.sensor.cmp(&b.sensor)));
    spots.truncate(top);
    spots
}

/// The sensors' contributions over a range of rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContributionPoint {
    /// First row.
    pub start_row: usize,
    /// Last row, included.
    pub end_row: usize,
    /// Share per sensor, in column order; they sum to 1.
    pub shares: Vec<f64>,
}

/// Contributions in at most `points` ranges of equal length; `shares` gives those of a range of rows
/// ([`Detector::contributions`](crate::detect::Detector::contributions)), and ranges for which it gives none are left
/// out.
pub fn contribution_timeline(
    rows: usize,
    points: usize,
    shares: impl Fn(Range<usize>) -> Option<Vec<f64>>,
) -> Vec<ContributionPoint> {
    buckets(rows, points)
        .filter_map(|rows| {
            let (start_row, end_row) = (rows.start, rows.end - 1);
            Some(ContributionPoint { start_row, end_row, shares: shares(rows)? })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hotspots_are_ordered_by_mean_distance_with_their_worst_row() {
        let z = Matrix::from_columns(&[vec![0.0, 1.0, 0.0], vec![-2.0, -4.0, f64::NAN], vec![0.0, 0.0, 6.0]]);
        let spots = hotspots(&z, 2);
        assert_eq!(spots[0], Hotspot { sensor: 1, mean_abs_z: 3.0, max_abs_z: 4.0, max_row: 1 });
        assert_eq!(spots[1], Hotspot { sensor: 2, mean_abs_z: 2.0, max_abs_z: 6.0, max_row: 2 });
        assert!(hotspots(&Matrix::default(), 5).is_empty());
    }

    #[test]
    fn contributions_are_asked_for_range_by_range() {
        let t = contribution_timeline(5, 2, |rows| (rows.start == 0).then(|| vec![0.25, 0.75]));
        assert_eq!(t, [ContributionPoint { start_row: 0, end_row: 2, shares: vec![0.25, 0.75] }]);
        assert!(contribution_timeline(0, 2, |_| None).is_empty());
    }
}
