//! [`estimate_rul`]: remaining useful life from simulated continuations of a degradation.

use serde::{Deserialize, Serialize};

use super::model::{Fit, Line, Model};
use super::{Degradation, ForecastConfig, Refusal};
use crate::quantile::{mean, quantile};

/// Remaining useful life; every figure is finite and not negative.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rul {
    /// The single figure to show: the median.
    pub hours: f64,
    /// One in ten continuations fails by then.
    pub p10: f64,
    /// Half of them fail by then.
    pub p50: f64,
    /// Nine in ten fail by then; where fewer fail at all, how far the continuations went.
    pub p90: f64,
    /// Mean; continuations that do not fail count with how far they went.
    pub mean: f64,
    /// Share of continuations that fail within `horizon_hours`, 0..=1.
    pub failure_probability: f64,
    /// Horizon of that probability, in hours.
    pub horizon_hours: f64,
    /// How far to trust it, 0..=1: (share of continuations that fail) / (1 + 25 / t²) / (1 + (p90 - p10) / (2 p50)),
    /// t being [`Degradation::t`].
    pub confidence: f64,
    /// Continuations (or, by similarity, past histories) behind it.
    pub n_simulations: usize,
    /// Whether the guard against an early end of healthy equipment raised a figure.
    pub guarded: bool,
}

/// Simulates `cfg.simulations` continuations and reads off when health falls under `cfg.failed_under`.
///
/// The chosen model and its close rivals (`cfg.rivals_within`) take turns. Each continuation first draws the trend anew: residuals, resampled in circular blocks, are added to the fitted
/// trend and the trend refitted (Holt's method instead carries drawn errors forward in level and trend). It then adds
/// drawn residuals to that trend point by point, and fails where the mean of five points is under the limit, at the
/// middle of those five. `hours_per_row` is the cadence of the health rows. Seeded: same input, same figures.
///
/// Guards: with health over `cfg.guard_health` no figure is under `cfg.guard_hours`.
pub fn estimate_rul(fitted: &Degradation, hours_per_row: f64, cfg: &ForecastConfig) -> Result<Rul, Refusal> {
    if !hours_per_row.is_finite() || hours_per_row <= 0.0 {
        return Err(Refusal::Cadence { hours: hours_per_row });
    }
    let mut rng = fastrand::Rng::with_seed(cfg.seed);
    let rows = fitted.rows_per_point as f64;
    // A point stands for the middle of its rows; remaining life counts from the newest row.
    let to_hours = |points: f64| (points * rows - (rows - 1.0) / 2.0).max(0.0) * hours_per_row;
    let farthest = to_hours(cfg.max_ahead as f64);
    let least = if fitted.health > cfg.guard_health { cfg.guard_hours.max(0.0) } else { 0.0 };

    let mut draws: Vec<Draw<'_>> = fitted.fits.iter().map(Draw::new).collect();
    let models = draws.len().max(1);
    let runs = cfg.simulations.max(1);
    let mut hours = Vec::with_capacity(runs);
    let (mut within, mut endless) = (0, 0);
    for run in 0..runs {
        let failure = draws.get_mut(run % models).and_then(|draw| draw.failure(&mut rng, cfg));
        if let Some(points) = failure {
            let end = to_hours(points);
            within += usize::from(end.max(least) <= cfg.horizon_hours);
            hours.push(end);
        } else {
            endless += 1;
            hours.push(farthest);
        }
    }
    if endless * 2 > runs {
        let share = 100.0 * endless as f64 / runs as f64;
        return Err(Refusal::TooFar { limit: cfg.failed_under, hours: farthest, share });
    }

    let at = |q: f64| quantile(&hours, q).unwrap_or(0.0);
    let (p10, p50, p90) = (at(0.1), at(0.5), at(0.9));
    let failing = 1.0 - endless as f64 / runs as f64;
    let spread = (p90 - p10) / p50.max(to_hours(1.0)).max(f64::MIN_POSITIVE);
    Ok(Rul {
        hours: p50.max(least),
        p10: p10.max(least),
        p50: p50.max(least),
        p90: p90.max(least),
        mean: mean(&hours).max(least),
        failure_probability: within as f64 / runs as f64,
        horizon_hours: cfg.horizon_hours,
        confidence: failing / (1.0 + 25.0 / (fitted.t * fitted.t)) / (1.0 + spread / 2.0),
        n_simulations: runs,
        guarded: p10 < least,
    })
}

/// One simulated continuation after another.
struct Draw<'a> {
    fit: &'a Fit,
    /// Residuals around their mean, in points of health.
    residuals: Vec<f64>,
    /// Residuals on the scale the trend was fitted on, around their mean.
    trend_residuals: Vec<f64>,
    /// Length of a block of residuals.
    block: usize,
    /// Scratch: one resampled series.
    sample: Vec<f64>,
}

impl<'a> Draw<'a> {
    fn new(fit: &'a Fit) -> Self {
        let centred = |v: &[f64]| {
            let center = mean(v);
            v.iter().map(|x| x - center).collect::<Vec<_>>()
        };
        let residuals = centred(&fit.residuals);
        let trend_residuals =
            if fit.log_residuals.is_empty() { residuals.clone() } else { centred(&fit.log_residuals) };
        let block = (residuals.len() as f64).sqrt().ceil().max(1.0) as usize;
        Self { fit, residuals, trend_residuals, block, sample: Vec::new() }
    }

    /// Points until failure, or `None` if the continuation ends before.
    fn failure(&mut self, rng: &mut fastrand::Rng, cfg: &ForecastConfig) -> Option<f64> {
        let mut watch = Watch::new(self.fit.model.at(0.0), cfg);
        if let Model::Holt { mut level, mut trend } = self.fit.model {
            let mut noise = Blocks::new(self.block);
            return (1..=cfg.max_ahead).find_map(|s| {
                let error = noise.next(&self.residuals, rng);
                let health = level + trend + error;
                level += trend + cfg.holt_alpha * error;
                trend += cfg.holt_alpha * cfg.holt_beta * error;
                watch.sees(s, health)
            });
        }
        let model = self.redrawn(rng);
        let mut noise = Blocks::new(self.block);
        (1..=cfg.max_ahead).find_map(|s| watch.sees(s, model.at(s as f64) + noise.next(&self.residuals, rng)))
    }

    /// The trend refitted to itself plus resampled residuals.
    fn redrawn(&mut self, rng: &mut fastrand::Rng) -> Model {
        let mut blocks = Blocks::new(self.block);
        self.sample.clear();
        for _ in 0..self.trend_residuals.len() {
            self.sample.push(blocks.next(&self.trend_residuals, rng));
        }
        let change = Line::fit(&self.sample);
        match self.fit.model {
            Model::Linear { level, slope } => {
                Model::Linear { level: level + change.level, slope: slope + change.slope }
            }
            Model::Exponential { deficit, rate } => {
                Model::Exponential { deficit: deficit * change.level.exp(), rate: rate + change.slope }
            }
            holt @ Model::Holt { .. } => holt,
        }
    }
}

/// Circular block bootstrap (Politis and Romano 1992): consecutive residuals from a random start, block after block.
struct Blocks {
    length: usize,
    left: usize,
    at: usize,
}

impl Blocks {
    fn new(length: usize) -> Self {
        Self { length, left: 0, at: 0 }
    }

    fn next(&mut self, residuals: &[f64], rng: &mut fastrand::Rng) -> f64 {
        if residuals.is_empty() {
            return 0.0;
        }
        if self.left == 0 {
            self.at = rng.usize(..residuals.len());
            self.left = self.length;
        } else {
            self.at = (self.at + 1) % residuals.len();
        }
        self.left -= 1;
        residuals[self.at]
    }
}

/// Watches the running mean of a continuation for the failure limit.
struct Watch {
    limit: f64,
    recent: std::collections::VecDeque<f64>,
    confirm: usize,
    sum: f64,
    /// Mean and the point it stands for, as last seen.
    before: (f64, f64),
}

impl Watch {
    fn new(level: f64, cfg: &ForecastConfig) -> Self {
        let confirm = cfg.confirm.max(1);
        Self {
            limit: cfg.failed_under,
            recent: std::collections::VecDeque::with_capacity(confirm + 1),
            confirm,
            sum: 0.0,
            before: (level, 0.0),
        }
    }

    /// Takes the health `s` points ahead; the interpolated point of failure once the mean is under the limit.
    fn sees(&mut self, s: usize, health: f64) -> Option<f64> {
        let health = health.clamp(-100.0, 100.0);
        self.recent.push_back(health);
        self.sum += health;
        if self.recent.len() > self.confirm {
            self.sum -= self.recent.pop_front().unwrap_or(0.0);
        }
        let count = self.recent.len() as f64;
        let now = (self.sum / count, s as f64 - (count - 1.0) / 2.0);
        if now.0 >= self.limit {
            self.before = now;
            return None;
        }
        let (mean, point) = self.before;
        if mean <= self.limit {
            return Some(point.max(0.0));
        }
        Some(point + (now.1 - point) * (mean - self.limit) / (mean - now.0))
    }
}
