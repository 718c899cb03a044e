//! Expectation and maximisation for Gaussian mixtures (Dempster, Laird and Rubin 1977), in log space throughout.

use serde::{Deserialize, Serialize};

use super::lanes::{LANES, Lane};
use super::linalg::{BLOCK, Square, cholesky_ridged, cross, invert_lower, total};
use super::rng::Rng;
use super::{GmmConfig, exact};
use crate::Matrix;
use crate::regimes::kmeans;

/// Rounds of k-means that prepare the start; EM does the rest.
const START_ROUNDS: usize = 30;

/// A component that holds less than this many rows is given up.
const LEAST_ROWS: f64 = 1e-3;

/// Responsibilities below this add nothing that a double can hold.
const NEGLIGIBLE: f64 = 1e-14;

/// One weighted Gaussian.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Gaussian {
    /// The mean; then the logarithm of weight over normaliser; then the inverse of the covariance's lower Cholesky
    /// factor, its lower triangle row after row.
    #[serde(with = "exact::f64s")]
    packed: Vec<f64>,
}

impl Gaussian {
    /// `None` if the covariance (lower triangle) cannot be factored.
    fn new(mean: &[f64], covariance: Square, weight: f64) -> Option<Self> {
        let d = mean.len();
        let factor = cholesky_ridged(covariance)?;
        let log_root: f64 = (0..d).map(|i| factor.at(i, i).ln()).sum();
        let constant = weight.ln() - log_root - 0.5 * d as f64 * std::f64::consts::TAU.ln();
        let inverse = invert_lower(&factor);
        let mut packed = mean.to_vec();
        packed.push(constant);
        packed.extend((0..d).flat_map(|i| inverse.data[i * d..=i * d + i].to_vec()));
        Some(Self { packed })
    }

    fn mean(&self, d: usize) -> &[f64] {
        &self.packed[..d]
    }

    pub(super) fn is_sound(&self, d: usize) -> bool {
        self.packed.len() == d + 1 + d * (d + 1) / 2 && self.packed.iter().all(|v| v.is_finite())
    }
}

/// Log of weight times density of each row of `z`; `difference` (as long as `z`) is overwritten.
pub(super) fn log_densities(g: &Gaussian, z: &[Lane], difference: &mut [Lane]) -> Lane {
    let d = z.len();
    for ((difference, z), mean) in difference.iter_mut().zip(z).zip(g.mean(d)) {
        for lane in 0..LANES {
            difference[lane] = z[lane] - mean;
        }
    }
    let mut distance: Lane = [0.0; LANES];
    let mut row = &g.packed[d + 1..];
    for i in 0..d {
        let mut y: Lane = [0.0; LANES];
        for (l, difference) in row[..=i].iter().zip(difference.iter()) {
            for lane in 0..LANES {
                y[lane] += l * difference[lane];
            }
        }
        for lane in 0..LANES {
            distance[lane] += y[lane] * y[lane];
        }
        row = &row[i + 1..];
    }
    distance.map(|m| g.packed[d] - 0.5 * m)
}

/// Log of the sum of the exponentials over components, without underflow far from all of them.
pub(super) fn log_sum_exp(logs: &[Lane]) -> Lane {
    let mut most = [f64::NEG_INFINITY; LANES];
    for log in logs {
        for lane in 0..LANES {
            most[lane] = most[lane].max(log[lane]);
        }
    }
    let mut sum: Lane = [0.0; LANES];
    for log in logs {
        for lane in 0..LANES {
            sum[lane] += (log[lane] - most[lane]).exp();
        }
    }
    std::array::from_fn(|lane| most[lane] + sum[lane].ln())
}

/// Sums over rows, weighted by their responsibility for one component, about a reference point.
struct Moments {
    weight: f64,
    first: Vec<f64>,
    second: Square,
}

impl Moments {
    fn new(d: usize) -> Self {
        Self { weight: 0.0, first: vec![0.0; d], second: Square::zeros(d) }
    }

    /// Adds the rows of `block` with weights `share` (one lane per group), about `reference`.
    fn add(&mut self, block: &[Lane], share: &[Lane], reference: &[f64], scratch: &mut Scratch) {
        let d = reference.len();
        if share.iter().flatten().all(|s| *s < NEGLIGIBLE) {
            return;
        }
        scratch.difference.clear();
        scratch.difference.resize(d * BLOCK, [0.0; LANES]);
        scratch.weighted.clear();
        scratch.weighted.resize(d * BLOCK, [0.0; LANES]);
        for (g, (z, share)) in block.chunks_exact(d).zip(share).enumerate() {
            self.weight += total(share);
            for (c, ((z, reference), first)) in z.iter().zip(reference).zip(&mut self.first).enumerate() {
                let difference = z.map(|v| v - reference);
                let weighted: Lane = std::array::from_fn(|lane| share[lane] * difference[lane]);
                *first += total(&weighted);
                scratch.difference[c * BLOCK + g] = difference;
                scratch.weighted[c * BLOCK + g] = weighted;
            }
        }
        cross(&scratch.weighted, &scratch.difference, &mut self.second);
    }

    /// The Gaussian of these rows, `n` of which there are in all.
    fn gaussian(mut self, reference: &[f64], n: f64, ridge: f64) -> Option<Gaussian> {
        let d = reference.len();
        let shift: Vec<f64> = self.first.iter().map(|f| f / self.weight).collect();
        let mean: Vec<f64> = reference.iter().zip(&shift).map(|(r, s)| r + s).collect();
        for i in 0..d {
            for j in 0..=i {
                let covariance = self.second.at(i, j) / self.weight - shift[i] * shift[j];
                self.second.set(i, j, covariance);
            }
        }
        self.second.add_diagonal(ridge);
        Gaussian::new(&mean, self.second, self.weight / n)
    }
}

/// One block of rows about a reference point, without and with weights, as [`cross`] takes it.
#[derive(Default)]
struct Scratch {
    difference: Vec<Lane>,
    weighted: Vec<Lane>,
}

/// Fits `k` Gaussians to `x` (also given as `groups`), from a k-means++ start, until the mean log-likelihood gains
/// less than the tolerance. Returns them with that likelihood; fewer than `k` where some found no rows. `None`
/// without rows, or if a covariance cannot be factored.
pub(super) fn em(
    x: &Matrix,
    groups: &[Lane],
    k: usize,
    cfg: &GmmConfig,
    seed: u64,
) -> Option<(Vec<Gaussian>, f64)> {
    let d = x.cols;
    let n = x.rows as f64;
    let mut scratch = Scratch::default();
    let start = kmeans(x, k, START_ROUNDS, &mut Rng::new(seed, k as u64));
    let mut moments: Vec<Moments> = (0..start.centres.rows).map(|_| Moments::new(d)).collect();
    for (b, block) in groups.chunks(BLOCK * d).enumerate() {
        for (c, moments) in moments.iter_mut().enumerate() {
            let share: Vec<Lane> = (0..block.len() / d)
                .map(|g| {
                    let first = (b * BLOCK + g) * LANES;
                    std::array::from_fn(|lane| {
                        f64::from(u8::from(start.labels.get(first + lane).is_some_and(|l| *l as usize == c)))
                    })
                })
                .collect();
            moments.add(block, &share, start.centres.row(c), &mut scratch);
        }
    }
    let references: Vec<Vec<f64>> = (0..start.centres.rows).map(|c| start.centres.row(c).to_vec()).collect();
    let mut mixture = maximise(moments, &references, n, cfg.ridge)?;
    let mut before = f64::NEG_INFINITY;
    for _ in 0..cfg.iterations {
        let (moments, likelihood) = expect(&mixture, groups, x.rows, d, &mut scratch);
        let references: Vec<Vec<f64>> = mixture.iter().map(|g| g.mean(d).to_vec()).collect();
        if likelihood - before < cfg.tolerance {
            return Some((mixture, likelihood));
        }
        before = likelihood;
        mixture = maximise(moments, &references, n, cfg.ridge)?;
    }
    Some((mixture, before))
}

/// The Gaussians of `moments`, those without rows left out.
fn maximise(moments: Vec<Moments>, references: &[Vec<f64>], n: f64, ridge: f64) -> Option<Vec<Gaussian>> {
    let gaussians: Option<Vec<Gaussian>> = moments
        .into_iter()
        .zip(references)
        .filter(|(m, _)| m.weight > LEAST_ROWS)
        .map(|(m, reference)| m.gaussian(reference, n, ridge))
        .collect();
    gaussians.filter(|g| !g.is_empty())
}

/// Each component's moments under the present mixture, and the mean log-likelihood.
fn expect(
    mixture: &[Gaussian],
    groups: &[Lane],
    rows: usize,
    d: usize,
    scratch: &mut Scratch,
) -> (Vec<Moments>, f64) {
    let k = mixture.len();
    let mut moments: Vec<Moments> = (0..k).map(|_| Moments::new(d)).collect();
    let mut likelihood = 0.0;
    let mut difference = vec![[0.0; LANES]; d];
    let mut logs = vec![[0.0; LANES]; k];
    let mut shares = vec![[[0.0; LANES]; BLOCK]; k];
    let mut left = rows;
    for block in groups.chunks(BLOCK * d) {
        for (g, z) in block.chunks_exact(d).enumerate() {
            for (gaussian, log) in mixture.iter().zip(&mut logs) {
                *log = log_densities(gaussian, z, &mut difference);
            }
            let sums = log_sum_exp(&logs);
            let here = left.min(LANES);
            left -= here;
            likelihood += sums[..here].iter().sum::<f64>();
            for (share, log) in shares.iter_mut().zip(&logs) {
                share[g] =
                    std::array::from_fn(
                        |lane| if lane < here { (log[lane] - sums[lane]).exp() } else { 0.0 },
                    );
            }
        }
        let groups_here = block.len() / d;
        for ((gaussian, moments), share) in mixture.iter().zip(&mut moments).zip(&shares) {
            moments.add(block, &share[..groups_here], gaussian.mean(d), scratch);
        }
    }
    (moments, likelihood / rows as f64)
}
