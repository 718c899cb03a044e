//! How easily random cuts separate a row from the rest: isolation forest (Liu, Ting and Zhou 2008).

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::forest::{Forest, average_path};
use super::{DetectConfig, DetectError, Detector, Kind, Stream, View, store};
use crate::Matrix;
use crate::features::Standard;
use crate::parallel::follow;

/// Rows walked through the forest by one task; with a few dozen sensors they stay in the first-level cache.
const ROWS: usize = 256;

/// Score 2^(-E(h) / c(n)): near 1 for rows that few cuts isolate, below 0.5 for the crowd. Values are compared in
/// single precision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct IForest {
    standard: Standard,
    forest: Forest,
    trees: usize,
    /// Rows per tree.
    samples: usize,
}

impl IForest {
    pub(super) fn fit(view: &View<'_>, cfg: &DetectConfig) -> Self {
        let x = view.gather(&view.pick(cfg.fit_rows, cfg.seed));
        let standard = Standard::fit(&x);
        let rows: Vec<f32> = standard.apply(&x).data.iter().map(|v| *v as f32).collect();
        let trees = cfg.iforest.trees;
        let samples = cfg.iforest.samples.min(x.rows);
        Self { forest: Forest::grow(&rows, x.cols, trees, samples, cfg.seed), standard, trees, samples }
    }
}

impl Detector for IForest {
    fn kind(&self) -> Kind {
        Kind::IForest
    }

    fn sensors(&self) -> usize {
        self.standard.cols()
    }

    fn score(&self, x: &Matrix, _breaks: &[usize]) -> Vec<Stream> {
        let d = self.sensors();
        let whole = average_path(self.samples).max(1.0) * self.trees as f64;
        let mut values = vec![0.0; x.rows];
        values.par_chunks_mut(ROWS).enumerate().for_each(follow(|(chunk, out): (usize, &mut [f64])| {
            let mut z = vec![0.0; d];
            let mut rows = Vec::with_capacity(out.len() * d);
            for r in chunk * ROWS..chunk * ROWS + out.len() {
                self.standard.row(x.row(r), &mut z);
                rows.extend(z.iter().map(|v| *v as f32));
            }
            self.forest.add_paths(&rows, d, out);
            for o in out.iter_mut() {
                *o = (-*o / whole).exp2();
            }
        }));
        vec![Stream { name: "iforest", values }]
    }

    fn save(&self) -> Result<Vec<u8>, DetectError> {
        store::encode(self.kind(), self)
    }
}

impl store::Sound for IForest {
    fn is_sound(&self) -> bool {
        let d = self.standard.cols();
        self.standard.is_sound(d) && self.forest.features() <= d && self.trees > 0 && self.samples > 0
    }
}
