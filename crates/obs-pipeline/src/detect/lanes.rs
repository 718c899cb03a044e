//! Eight rows side by side, so that the compiler turns plain loops over them into vector instructions.

use std::ops::Range;

use rayon::prelude::*;

use crate::Matrix;
use crate::features::Standard;
use crate::parallel::follow;

/// Rows per group.
pub(super) const LANES: usize = 8;

/// Rows handled together by one task. Fixed, so that sums over chunks do not depend on the number of threads.
pub(super) const CHUNK: usize = 1024;

/// One value of each row of a group.
pub(super) type Lane = [f64; LANES];

/// Standardised rows `first..` of `x` (at most [`LANES`]) into `out`, sensor by sensor; missing rows are zeros.
pub(super) fn load(standard: &Standard, x: &Matrix, first: usize, out: &mut Vec<Lane>) {
    out.clear();
    out.resize(standard.cols(), [0.0; LANES]);
    let here = LANES.min(x.rows - first);
    for lane in 0..here {
        let row = x.row(first + lane);
        for (c, o) in out.iter_mut().enumerate() {
            o[lane] = standard.value(c, row.get(c).copied().unwrap_or(f64::NAN));
        }
    }
}

/// All rows of `x`, standardised, in groups one after another: value `c` of row `r` is
/// `groups[r / LANES * x.cols + c][r % LANES]`. Places of missing rows are zero.
pub(super) fn groups(standard: &Standard, x: &Matrix) -> Vec<Lane> {
    let mut all = Vec::with_capacity(x.rows.div_ceil(LANES) * standard.cols());
    let mut group = Vec::new();
    for first in (0..x.rows).step_by(LANES) {
        load(standard, x, first, &mut group);
        all.extend_from_slice(&group);
    }
    all
}

/// A model that scores a few rows at once, from nothing but their values.
pub(super) trait RowModel: Sync {
    /// How values become comparable before they are scored.
    fn standard(&self) -> &Standard;

    /// Scores of the standardised rows `z` (sensor by sensor); `scratch` is the model's to use.
    fn score_lanes(&self, z: &[Lane], scratch: &mut Vec<Lane>) -> Lane;

    /// Shares of the sensors in the strangeness of `rows`, for models that can tell; see
    /// [`Detector::contributions`](super::Detector::contributions).
    fn contributions(&self, _x: &Matrix, _rows: Range<usize>) -> Option<Vec<f64>> {
        None
    }

    /// Scores all rows of `x` into `out`, on the calling thread.
    fn score_into(&self, x: &Matrix, out: &mut [f64]) {
        let (mut z, mut scratch) = (Vec::new(), Vec::new());
        for (group, out) in out.chunks_mut(LANES).enumerate() {
            load(self.standard(), x, group * LANES, &mut z);
            let scores = self.score_lanes(&z, &mut scratch);
            out.copy_from_slice(&scores[..out.len()]);
        }
    }
}

/// Scores every row of `x`, in parallel, with `S` scores per row from `f(standardised rows, scratch)`.
pub(super) fn score_groups<const S: usize>(
    x: &Matrix,
    standard: &Standard,
    f: impl Fn(&[Lane], &mut Vec<Lane>) -> [Lane; S] + Sync,
) -> [Vec<f64>; S] {
    let mut rows = vec![[0.0; S]; x.rows];
    rows.par_chunks_mut(CHUNK).enumerate().for_each(follow(|(chunk, rows): (usize, &mut [[f64; S]])| {
        let (mut z, mut scratch) = (Vec::new(), Vec::new());
        for (group, rows) in rows.chunks_mut(LANES).enumerate() {
            load(standard, x, chunk * CHUNK + group * LANES, &mut z);
            let scores = f(&z, &mut scratch);
            for (lane, row) in rows.iter_mut().enumerate() {
                *row = std::array::from_fn(|s| scores[s][lane]);
            }
        }
    }));
    std::array::from_fn(|s| rows.iter().map(|row| row[s]).collect())
}
