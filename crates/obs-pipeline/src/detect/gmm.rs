//! How likely a row is under a mixture of Gaussians with full covariances.

use serde::{Deserialize, Serialize};

use super::em::{Gaussian, em, log_densities, log_sum_exp};
use super::lanes::{LANES, Lane, RowModel, groups};
use super::windows::FitRows;
use super::{DetectConfig, DetectError, GmmConfig, Kind, View, store};
use crate::Matrix;
use crate::features::Standard;

/// After so many numbers of components that are no better than the best so far, larger ones are not tried.
const HOPE: usize = 2;

/// The score of a row is its negative log-likelihood (of standardised values).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Gmm {
    standard: Standard,
    components: Vec<Gaussian>,
}

impl FitRows for Gmm {
    const KIND: Kind = Kind::Gmm;
    const NAMES: [&'static str; 2] = ["gmm", "gmm_w16"];

    fn fit_rows(x: &Matrix, overlap: usize, cfg: &DetectConfig) -> Result<Self, DetectError> {
        let standard = Standard::fit(x);
        let thin = |cap: usize| {
            let view = View::whole(x, &[]);
            standard.apply(&view.gather(&view.pick(cap, cfg.seed)))
        };
        let rows = thin(cfg.gmm.em_rows);
        let failed = || DetectError::Singular { detector: "gmm", cols: x.cols };
        let few = thin(cfg.gmm.bic_rows.min(cfg.gmm.em_rows));
        let k = choose(&few, rows.rows as f64 / overlap as f64, cfg).ok_or_else(failed)?;
        let (components, _) = mixture(&rows, k, cfg).ok_or_else(failed)?;
        Ok(Self { standard, components })
    }
}

/// A mixture of `k` fitted to the standardised rows `x`, and their mean log-likelihood.
fn mixture(x: &Matrix, k: usize, cfg: &DetectConfig) -> Option<(Vec<Gaussian>, f64)> {
    let as_is = Standard { means: vec![0.0; x.cols], sds: vec![1.0; x.cols] };
    em(x, &groups(&as_is, x), k, &cfg.gmm, cfg.seed)
}

/// Number of components with the least BIC (Schwarz 1978) for `n` independent rows like those of `x`. Overlapping
/// windows count as fewer rows: their likelihood tells nearly the same thing many times, which would buy ever more
/// components.
fn choose(x: &Matrix, n: f64, cfg: &DetectConfig) -> Option<usize> {
    // A covariance of d sensors needs more than d rows of its own.
    let most = cfg.gmm.max_components.min(x.rows / (x.cols + 1));
    if most < 2 {
        return Some(1);
    }
    let mut bics: Vec<(usize, f64)> = Vec::with_capacity(most);
    for k in 1..=most {
        let (_, likelihood) = mixture(x, k, cfg)?;
        let d = x.cols as f64;
        let parameters = k as f64 * (d + d * (d + 1.0) / 2.0 + 1.0) - 1.0;
        bics.push((k, parameters * n.ln() - 2.0 * likelihood * n));
        let best = bics.iter().min_by(|a, b| a.1.total_cmp(&b.1)).map_or(k, |b| b.0);
        if k >= best + HOPE {
            break;
        }
    }
    pick(&bics, &cfg.gmm)
}

/// The usual number of components where its BIC ties with the best, else the best one's.
fn pick(bics: &[(usize, f64)], cfg: &GmmConfig) -> Option<usize> {
    let best = bics.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let usual = bics.iter().find(|b| b.0 == cfg.usual_components && b.1 - best.1 < cfg.bic_tie);
    Some(usual.unwrap_or(best).0)
}

impl RowModel for Gmm {
    fn standard(&self) -> &Standard {
        &self.standard
    }

    fn score_lanes(&self, z: &[Lane], scratch: &mut Vec<Lane>) -> Lane {
        let d = z.len();
        scratch.resize(d + self.components.len(), [0.0; LANES]);
        let (difference, logs) = scratch.split_at_mut(d);
        for (component, log) in self.components.iter().zip(logs.iter_mut()) {
            *log = log_densities(component, z, difference);
        }
        log_sum_exp(logs).map(|l| -l)
    }
}

impl store::Sound for Gmm {
    fn is_sound(&self) -> bool {
        let d = self.standard.cols();
        self.standard.is_sound(d)
            && !self.components.is_empty()
            && self.components.iter().all(|c| c.is_sound(d))
    }
}

#[cfg(test)]
mod tests {
    use super::super::rng::Rng;
    use super::*;

    /// `per` rows around each of `centres`, in the plane.
    fn clusters(centres: &[[f64; 2]], per: usize) -> Matrix {
        let mut rng = Rng::new(5, 0);
        let mut normal = || (0..12).map(|_| rng.unit()).sum::<f64>() - 6.0;
        let data = (0..per).flat_map(|_| centres.iter().flatten().map(|c| c + normal()).collect::<Vec<_>>());
        let data: Vec<f64> = data.collect();
        Matrix { rows: data.len() / 2, cols: 2, data }
    }

    #[test]
    fn as_many_components_are_chosen_as_there_are_clusters() {
        let cfg = DetectConfig::default();
        for centres in
            [&[[0.0, 0.0]][..], &[[0.0, 0.0], [20.0, 0.0]], &[[0.0, 0.0], [20.0, 0.0], [0.0, 20.0]]]
        {
            let gmm = Gmm::fit_rows(&clusters(centres, 300), 1, &cfg).unwrap();
            assert_eq!(gmm.components.len(), centres.len());
        }
    }

    #[test]
    fn four_components_win_a_tie_and_only_a_tie() {
        let cfg = GmmConfig::default();
        assert_eq!(pick(&[(2, 10.0), (4, 11.0)], &cfg), Some(4));
        assert_eq!(pick(&[(2, 10.0), (4, 13.0)], &cfg), Some(2));
        assert_eq!(pick(&[], &cfg), None);
    }

    #[test]
    fn the_score_of_one_gaussian_is_its_negative_log_density() {
        let x = clusters(&[[3.0, -1.0]], 2000);
        let gmm = Gmm::fit_rows(&x, 1, &DetectConfig::default()).unwrap();
        let mut out = vec![0.0; 1];
        let centre = Matrix { rows: 1, cols: 2, data: gmm.standard.means.clone() };
        gmm.score_into(&centre, &mut out);
        // log(2 pi) in two dimensions of unit variance; the clusters are round.
        assert!((out[0] - 1.8379).abs() < 0.02, "{out:?}");
    }
}
