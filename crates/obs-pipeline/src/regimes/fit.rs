//! [`fit`]: training readings to [`Regimes`].

use serde::{Deserialize, Serialize};

use super::kmeans::{kmeans, nearest, squared_distance};
use super::silhouette::silhouettes;
use super::stored::Unchecked;
use super::{RegimeConfig, RegimeError};
use crate::Matrix;
use crate::detect::View;
use crate::detect::rng::Rng;
use crate::features::Standard;

/// Fewest training rows.
const MIN_ROWS: usize = 16;

/// Rounds of k-means.
const ROUNDS: usize = 50;

/// Quantile of training distances that bounds a regime.
const WITHIN: f64 = 0.99;

/// The regimes found in training, numbered along the direction in which their centres differ most, so that
/// neighbouring numbers are neighbouring states (with one load sensor: from low to high load).
///
/// Serialised, they can be kept in the model registry; reading them back checks that the parts fit together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked", into = "Unchecked")]
pub struct Regimes {
    /// How many there are, 1 to the configured most.
    pub count: usize,
    /// Mean silhouette of the partition, -1 to 1; 0 for a single regime.
    pub silhouette: f64,
    /// Share of the training rows looked at that each regime holds; sums to 1.
    pub occupancy: Vec<f64>,
    /// Columns that count; of the matrix given to `fit` and `label`.
    pub(super) columns: Vec<usize>,
    pub(super) standard: Standard,
    /// One centre per regime, one after the other.
    pub(super) centres: Vec<f64>,
    /// Distance from each centre beyond which a row is unknown.
    pub(super) reach: Vec<f64>,
    /// Length of a step from row to row beyond which it is a transient.
    pub(super) steady_step: f64,
    pub(super) smooth_rows: usize,
}

/// Finds the regimes of `train`: sensor readings, standardised or not (they are standardised again), one row per time
/// step, time running on except at `breaks`.
pub fn fit(train: &Matrix, breaks: &[usize], cfg: &RegimeConfig) -> Result<Regimes, RegimeError> {
    cfg.validate()?;
    if train.rows < MIN_ROWS {
        return Err(RegimeError::TooFewRows { rows: train.rows, needed: MIN_ROWS });
    }
    let columns = cfg.columns.clone().unwrap_or_else(|| (0..train.cols).collect());
    if let Some(&column) = columns.iter().find(|&&c| c >= train.cols) {
        return Err(RegimeError::Column { column, sensors: train.cols });
    }
    if columns.is_empty() {
        return Err(RegimeError::Column { column: 0, sensors: train.cols });
    }
    let view = View::whole(train, breaks);
    let rows = view.pick(cfg.fit_rows, cfg.seed);
    let picked = select(train, &rows, &columns);
    let standard = Standard::fit(&picked);
    let x = standard.apply(&picked);

    let (centres, silhouette) = partition(&x, cfg);
    let centres = in_order(&centres);
    let count = centres.rows;
    let mut distances = vec![Vec::new(); count];
    for r in 0..x.rows {
        let (label, squared) = nearest(&centres, x.row(r));
        distances[label].push(squared.sqrt());
    }
    let occupancy = distances.iter().map(|d| d.len() as f64 / x.rows as f64).collect();
    // The scale of one sensor's rounding keeps the reach above 0 where all rows of a regime are equal.
    let reach = distances.iter_mut().map(|d| (cfg.far_factor * quantile(d, WITHIN)).max(1e-6)).collect();

    let (now, before): (Vec<usize>, Vec<usize>) =
        rows.iter().filter(|&&r| view.start_of(r) < r).map(|&r| (r, r - 1)).unzip();
    let now = standard.apply(&select(train, &now, &columns));
    let before = standard.apply(&select(train, &before, &columns));
    let mut steps: Vec<f64> =
        (0..now.rows).map(|r| squared_distance(now.row(r), before.row(r)).sqrt()).collect();
    let steady = quantile(&mut steps, cfg.steady_quantile);
    Ok(Regimes {
        count,
        silhouette,
        occupancy,
        columns,
        standard,
        centres: centres.data,
        reach,
        steady_step: steady,
        smooth_rows: cfg.smooth_rows,
    })
}

/// The cells of `rows` and `columns`.
pub(super) fn select(x: &Matrix, rows: &[usize], columns: &[usize]) -> Matrix {
    let data =
        rows.iter().flat_map(|&r| columns.iter().map(move |&c| x.row(r).get(c).copied().unwrap_or(f64::NAN)));
    Matrix { rows: rows.len(), cols: columns.len(), data: data.collect() }
}

/// The centres of the partition with the best silhouette and that silhouette; one centre where none is good enough.
fn partition(x: &Matrix, cfg: &RegimeConfig) -> (Matrix, f64) {
    let sample = View::whole(x, &[]).pick(cfg.silhouette_rows, cfg.seed);
    let few = View::whole(x, &[]).gather(&sample);
    let found: Vec<_> = (cfg.min_regimes..=cfg.max_regimes)
        .map(|k| kmeans(x, k, ROUNDS, &mut Rng::new(cfg.seed, k as u64)))
        .collect();
    let partitions: Vec<Vec<u32>> =
        found.iter().map(|f| sample.iter().map(|&r| f.labels[r]).collect()).collect();
    let best = silhouettes(&few, &partitions)
        .into_iter()
        .zip(found)
        .filter(|(s, f)| *s >= cfg.min_silhouette && f.centres.rows > 1)
        .reduce(|best, next| if next.0 > best.0 { next } else { best });
    match best {
        Some((silhouette, found)) => (found.centres, silhouette),
        None => (kmeans(x, 1, ROUNDS, &mut Rng::new(cfg.seed, 1)).centres, 0.0),
    }
}

/// The centres sorted along the line through the two farthest apart; the line points to where the sum of coordinates
/// grows.
fn in_order(centres: &Matrix) -> Matrix {
    let mut farthest = (0.0, 0, 0);
    for a in 0..centres.rows {
        for b in 0..a {
            let distance = squared_distance(centres.row(a), centres.row(b));
            if distance > farthest.0 {
                farthest = (distance, a, b);
            }
        }
    }
    let (_, a, b) = farthest;
    let mut line: Vec<f64> = centres.row(a).iter().zip(centres.row(b)).map(|(a, b)| a - b).collect();
    if line.iter().sum::<f64>() < 0.0 {
        for l in &mut line {
            *l = -*l;
        }
    }
    let along = |r: usize| centres.row(r).iter().zip(&line).map(|(c, l)| c * l).sum::<f64>();
    let mut order: Vec<usize> = (0..centres.rows).collect();
    order.sort_by(|&a, &b| along(a).total_cmp(&along(b)));
    View::whole(centres, &[]).gather(&order)
}

/// The value below which a share `q` of `values` lies (nearest rank; they are reordered); 0 of nothing.
fn quantile(values: &mut [f64], q: f64) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let rank = ((values.len() - 1) as f64 * q).ceil() as usize;
    *values.select_nth_unstable_by(rank, f64::total_cmp).1
}
