//! Each sensor against what the others say it should be: overall model residual.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::lanes::{LANES, Lane, RowModel, groups};
use super::linalg::{cholesky_ridged, gram, inverse_from, invert_lower};
use super::robust::residual_scale;
use super::windows::FitRows;
use super::{DetectConfig, DetectError, Kind, exact, store};
use crate::Matrix;
use crate::features::Standard;

/// Ridge regression of every sensor on all others. With P = (G + alpha I)^-1, G the Gram matrix of the training rows,
/// the residual of sensor i is (the sum over j of `P[i][j] x[j]`) / `P[i][i]`: one factorisation serves all. The
/// score of a row is the root mean square of its residuals, each over its training scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Omr {
    standard: Standard,
    /// Row i of this matrix times a standardised row is sensor i's scaled residual.
    #[serde(with = "exact::f64s")]
    weights: Vec<f64>,
}

impl FitRows for Omr {
    const KIND: Kind = Kind::Omr;
    const NAMES: [&'static str; 2] = ["omr", "omr_w16"];

    fn fit_rows(x: &Matrix, _overlap: usize, cfg: &DetectConfig) -> Result<Self, DetectError> {
        let d = x.cols;
        let standard = Standard::fit(x);
        let groups = groups(&standard, x);
        let mut g = gram(&groups, d);
        g.add_diagonal(cfg.omr.alpha);
        let factor = cholesky_ridged(g).ok_or(DetectError::Singular { detector: "omr", cols: d })?;
        let p = inverse_from(&invert_lower(&factor));
        let mut weights = p.data.clone();
        let mut residuals = Vec::with_capacity(x.rows);
        for (i, row) in weights.chunks_mut(d).enumerate() {
            for w in row.iter_mut() {
                *w /= p.at(i, i);
            }
            residuals.clear();
            residuals.extend(groups.chunks_exact(d).flat_map(|z| weigh(row, z)));
            residuals.truncate(x.rows);
            let scale = residual_scale(&mut residuals, &cfg.residual);
            for w in row.iter_mut() {
                *w /= scale;
            }
        }
        Ok(Self { standard, weights })
    }
}

/// Weighted sum over the sensors of a group.
fn weigh(weights: &[f64], z: &[Lane]) -> Lane {
    let mut sum: Lane = [0.0; LANES];
    for (w, z) in weights.iter().zip(z) {
        for lane in 0..LANES {
            sum[lane] += w * z[lane];
        }
    }
    sum
}

impl RowModel for Omr {
    fn standard(&self) -> &Standard {
        &self.standard
    }

    fn score_lanes(&self, z: &[Lane], _scratch: &mut Vec<Lane>) -> Lane {
        let d = z.len();
        let mut sum: Lane = [0.0; LANES];
        for row in self.weights.chunks_exact(d) {
            let residual = weigh(row, z);
            for lane in 0..LANES {
                sum[lane] += residual[lane] * residual[lane];
            }
        }
        sum.map(|s| (s / d as f64).sqrt())
    }

    fn contributions(&self, x: &Matrix, rows: Range<usize>) -> Option<Vec<f64>> {
        if rows.is_empty() || rows.end > x.rows {
            return None;
        }
        let d = self.standard.cols();
        let mut z = vec![0.0; d];
        let mut shares = vec![0.0; d];
        for r in rows {
            self.standard.row(x.row(r), &mut z);
            for (share, weights) in shares.iter_mut().zip(self.weights.chunks_exact(d)) {
                let residual: f64 = weights.iter().zip(&z).map(|(w, z)| w * z).sum();
                *share += residual * residual;
            }
        }
        let total: f64 = shares.iter().sum();
        for s in &mut shares {
            *s = if total > 0.0 { *s / total } else { 1.0 / d as f64 };
        }
        Some(shares)
    }
}

impl store::Sound for Omr {
    fn is_sound(&self) -> bool {
        let d = self.standard.cols();
        self.standard.is_sound(d) && self.weights.len() == d * d && self.weights.iter().all(|w| w.is_finite())
    }
}

/// The `top` sensors with the largest of `shares` (see [`Detector::contributions`](super::Detector::contributions)),
/// as index and share, largest first; ties in sensor order.
#[must_use]
pub fn culprits(shares: &[f64], top: usize) -> Vec<(usize, f64)> {
    let mut ranked: Vec<(usize, f64)> = shares.iter().copied().enumerate().collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked.truncate(top);
    ranked
}
