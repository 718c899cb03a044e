//! All sensors against the few directions they usually move in: principal components.

use serde::{Deserialize, Serialize};

use super::lanes::{LANES, Lane, groups, score_groups};
use super::linalg::{eigen, gram};
use super::{DetectConfig, DetectError, Detector, Kind, Stream, View, exact, store};
use crate::Matrix;
use crate::features::Standard;

/// Variances below this are rounding; Hotelling's statistic divides by them.
const LEAST_VARIANCE: f64 = 1e-9;

/// Components with an eigenvalue above 1 (Kaiser 1960), at least one and at most all but one. Two streams: `pca_spe`,
/// the squared distance from the plane of the components (Jackson and Mudholkar 1979), and `pca_t2`, the squared
/// distance within it in units of its own spread (Hotelling). With one sensor both are its squared standardised
/// value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Pca {
    standard: Standard,
    components: Vec<Component>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Component {
    /// Variance along the direction, then its unit vector's entries.
    #[serde(with = "exact::f64s")]
    variance_and_direction: Vec<f64>,
}

impl Pca {
    pub(super) fn fit(view: &View<'_>, cfg: &DetectConfig) -> Self {
        let x = view.gather(&view.pick(cfg.fit_rows, cfg.seed));
        let standard = Standard::fit(&x);
        let mut covariance = gram(&groups(&standard, &x), x.cols);
        for v in &mut covariance.data {
            *v /= x.rows.saturating_sub(1).max(1) as f64;
        }
        let pairs = eigen(covariance);
        let kept = pairs.iter().filter(|(value, _)| *value > cfg.pca.eigenvalue).count();
        let kept = kept.min(x.cols.saturating_sub(1)).max(1);
        let components = pairs
            .into_iter()
            .take(kept)
            .map(|(variance, direction)| {
                let variance = variance.max(LEAST_VARIANCE);
                Component { variance_and_direction: std::iter::once(variance).chain(direction).collect() }
            })
            .collect();
        Self { standard, components }
    }
}

impl Detector for Pca {
    fn kind(&self) -> Kind {
        Kind::Pca
    }

    fn sensors(&self) -> usize {
        self.standard.cols()
    }

    fn score(&self, x: &Matrix, _breaks: &[usize]) -> Vec<Stream> {
        let single = self.sensors() == 1;
        let [spe, t2] = score_groups(x, &self.standard, |z, rest| {
            if single {
                let squares = z[0].map(|v| v * v);
                return [squares, squares];
            }
            rest.clear();
            rest.extend_from_slice(z);
            let mut t2: Lane = [0.0; LANES];
            for component in &self.components {
                let (variance, direction) =
                    (component.variance_and_direction[0], &component.variance_and_direction[1..]);
                let mut along: Lane = [0.0; LANES];
                for (z, v) in z.iter().zip(direction) {
                    for lane in 0..LANES {
                        along[lane] += z[lane] * v;
                    }
                }
                for (rest, v) in rest.iter_mut().zip(direction) {
                    for lane in 0..LANES {
                        rest[lane] -= along[lane] * v;
                    }
                }
                for lane in 0..LANES {
                    t2[lane] += along[lane] * along[lane] / variance;
                }
            }
            let mut spe: Lane = [0.0; LANES];
            for rest in rest.iter() {
                for lane in 0..LANES {
                    spe[lane] += rest[lane] * rest[lane];
                }
            }
            [spe, t2]
        });
        vec![Stream { name: "pca_spe", values: spe }, Stream { name: "pca_t2", values: t2 }]
    }

    fn save(&self) -> Result<Vec<u8>, DetectError> {
        store::encode(self.kind(), self)
    }
}

impl store::Sound for Pca {
    fn is_sound(&self) -> bool {
        let d = self.standard.cols();
        self.standard.is_sound(d)
            && d > 0
            && self.components.iter().all(|c| {
                let v = &c.variance_and_direction;
                v.len() == d + 1 && v[0] > 0.0 && v.iter().all(|e| e.is_finite())
            })
    }
}
