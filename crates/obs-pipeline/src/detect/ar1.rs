//! Each sensor against its own previous row: first-order autoregression (Box and Jenkins, "Time Series Analysis").

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::lanes::CHUNK;
use super::robust::residual_scale;
use super::{DetectConfig, DetectError, Detector, Kind, Stream, View, exact, store};
use crate::Matrix;
use crate::features::{Standard, segment_start};
use crate::parallel::follow;

/// `x[t] = phi x[t-1] + e` per sensor; the score of a row is the root mean square of its scaled residuals e.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Ar1 {
    standard: Standard,
    #[serde(with = "exact::f64s")]
    phi: Vec<f64>,
    #[serde(with = "exact::f64s")]
    scale: Vec<f64>,
}

impl Ar1 {
    pub(super) fn fit(view: &View<'_>, cfg: &DetectConfig) -> Self {
        let rows = view.pick(cfg.fit_rows, cfg.seed);
        let now: Vec<usize> = rows.iter().copied().filter(|&r| view.start_of(r) < r).collect();
        let before: Vec<usize> = now.iter().map(|r| r - 1).collect();
        let standard = Standard::fit(&view.gather(&rows));
        let (now, before) = (standard.apply(&view.gather(&now)), standard.apply(&view.gather(&before)));
        let (phi, scale) = (0..now.cols)
            .map(|c| {
                let (x, p) = (now.column(c), before.column(c));
                let products: f64 = x.iter().zip(&p).map(|(x, p)| x * p).sum();
                let squares: f64 = p.iter().map(|p| p * p).sum();
                let phi = if squares > 0.0 { products / squares } else { 0.0 };
                let phi = phi.clamp(-cfg.ar1.phi_limit, cfg.ar1.phi_limit);
                let mut residuals: Vec<f64> = x.iter().zip(&p).map(|(x, p)| x - phi * p).collect();
                (phi, residual_scale(&mut residuals, &cfg.residual))
            })
            .unzip();
        Self { standard, phi, scale }
    }
}

impl Detector for Ar1 {
    fn kind(&self) -> Kind {
        Kind::Ar1
    }

    fn sensors(&self) -> usize {
        self.phi.len()
    }

    /// The first row of a stretch has no previous one: its residual is the value itself, shrunk by the ratio
    /// sqrt(1 - phi^2) of the residuals' deviation to the values'.
    fn score(&self, x: &Matrix, breaks: &[usize]) -> Vec<Stream> {
        let d = self.sensors();
        let alone: Vec<f64> = self.phi.iter().map(|phi| (1.0 - phi * phi).sqrt()).collect();
        let mut values = vec![0.0; x.rows];
        values.par_chunks_mut(CHUNK).enumerate().for_each(follow(|(chunk, out): (usize, &mut [f64])| {
            let (mut now, mut before) = (vec![0.0; d], vec![0.0; d]);
            let first = chunk * CHUNK;
            if first > 0 {
                self.standard.row(x.row(first - 1), &mut before);
            }
            let mut start = segment_start(breaks, first);
            let mut later = breaks.iter().copied().skip_while(|&b| b <= first).peekable();
            for (i, out) in out.iter_mut().enumerate() {
                let r = first + i;
                start = later.next_if_eq(&r).unwrap_or(start);
                self.standard.row(x.row(r), &mut now);
                let sum: f64 = (0..d)
                    .map(|c| {
                        let e = if r == start { alone[c] * now[c] } else { now[c] - self.phi[c] * before[c] };
                        let e = e / self.scale[c];
                        e * e
                    })
                    .sum();
                *out = (sum / d as f64).sqrt();
                std::mem::swap(&mut now, &mut before);
            }
        }));
        vec![Stream { name: "ar1", values }]
    }

    fn save(&self) -> Result<Vec<u8>, DetectError> {
        store::encode(self.kind(), self)
    }
}

impl store::Sound for Ar1 {
    fn is_sound(&self) -> bool {
        self.standard.is_sound(self.phi.len())
            && self.phi.iter().all(|p| p.abs() <= 1.0)
            && store::all_positive(&self.scale, self.phi.len())
    }
}
