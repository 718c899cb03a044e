//! [`Regimes::label`]: which regime each row is in.

use rayon::prelude::*;

use super::Regimes;
use super::kmeans::squared_distance;
use crate::Matrix;
use crate::features::segment_start;

/// Regime of a row that is far from every centre: a state that training does not know.
pub const UNKNOWN: i32 = -1;

/// What [`Regimes::label`] says of each row.
#[derive(Clone, Debug, PartialEq)]
pub struct Labels {
    /// Regime, from 0, or [`UNKNOWN`].
    pub regime: Vec<i32>,
    /// How much nearer the row is to its regime than to the next: 1 - distance / distance, 0 to 1. With a single
    /// regime, how far it is from the regime's bound. 0 for unknown rows.
    pub confidence: Vec<f64>,
    /// Whether the state changes faster here than in nearly all of training. False at the first row of a stretch.
    pub transient: Vec<bool>,
}

/// One row before smoothing.
struct Raw {
    nearest: i32,
    known: bool,
    transient: bool,
}

impl Regimes {
    /// Labels the rows of `x`, whose columns are those of the training. Labels are smoothed by a centred median
    /// filter that does not look across `breaks`; a row that is unknown stays so.
    #[must_use]
    pub fn label(&self, x: &Matrix, breaks: &[usize]) -> Labels {
        let here = obs_core::active::capture();
        let d = self.columns.len();
        let z = self.standardise(x);
        let raw: Vec<Raw> = (0..x.rows)
            .into_par_iter()
            .map_init(
                || here.attach(),
                |_scope, r| {
                    let row = &z[r * d..(r + 1) * d];
                    let (nearest, squared) = self
                        .centres
                        .chunks_exact(d)
                        .map(|centre| squared_distance(centre, row))
                        .enumerate()
                        .reduce(|best, next| if next.1 < best.1 { next } else { best })
                        .unwrap_or((0, f64::INFINITY));
                    let moved = r > segment_start(breaks, r)
                        && squared_distance(row, &z[(r - 1) * d..r * d]).sqrt() > self.steady_step;
                    Raw {
                        nearest: nearest as i32,
                        known: squared.sqrt() <= self.reach[nearest],
                        transient: moved,
                    }
                },
            )
            .collect();
        let regime: Vec<i32> = (0..x.rows)
            .into_par_iter()
            .map_init(
                || here.attach(),
                |_scope, r| if raw[r].known { self.smoothed(&raw, breaks, r) } else { UNKNOWN },
            )
            .collect();
        let confidence = regime
            .par_iter()
            .enumerate()
            .map_init(|| here.attach(), |_scope, (r, &l)| self.confidence(&z[r * d..(r + 1) * d], l))
            .collect();
        Labels { regime, confidence, transient: raw.iter().map(|r| r.transient).collect() }
    }

    /// The columns that count, standardised, row after row.
    fn standardise(&self, x: &Matrix) -> Vec<f64> {
        let d = self.columns.len();
        let mut z = vec![0.0; x.rows * d];
        z.par_chunks_mut(d.max(1)).enumerate().for_each(|(r, z)| {
            for (i, z) in z.iter_mut().enumerate() {
                let value = x.row(r).get(self.columns[i]).copied().unwrap_or(f64::NAN);
                *z = self.standard.value(i, value);
            }
        });
        z
    }

    /// Median label of the known rows around row `r`, within its stretch and as far to either side.
    fn smoothed(&self, raw: &[Raw], breaks: &[usize], r: usize) -> i32 {
        let start = segment_start(breaks, r);
        let end =
            breaks.get(breaks.partition_point(|&b| b <= r)).map_or(raw.len(), |&b| b.clamp(r + 1, raw.len()));
        let half = (self.smooth_rows / 2).min(r - start).min(end - 1 - r);
        let mut around: Vec<i32> =
            raw[r - half..=r + half].iter().filter(|r| r.known).map(|r| r.nearest).collect();
        around.sort_unstable();
        // Of an even number (some unknown) the lower of the middle two: a regime that exists, not a mean of two.
        around[(around.len() - 1) / 2]
    }

    fn confidence(&self, row: &[f64], label: i32) -> f64 {
        let Ok(own) = usize::try_from(label) else { return 0.0 };
        let distances: Vec<f64> =
            self.centres.chunks_exact(row.len()).map(|c| squared_distance(c, row).sqrt()).collect();
        let other = (0..distances.len())
            .filter(|&c| c != own)
            .map(|c| distances[c])
            .reduce(f64::min)
            .unwrap_or(self.reach[own]);
        if other > 0.0 { (1.0 - distances[own] / other).clamp(0.0, 1.0) } else { 0.0 }
    }
}
