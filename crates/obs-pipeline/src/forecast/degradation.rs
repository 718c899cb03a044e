//! [`fit_degradation`]: the trend of a health history, or why there is none.

use super::history::History;
use super::model::{Candidate, Fit, Line, Model, tail};
use super::{ForecastConfig, Refusal};
use crate::quantile::mean;

/// How well a candidate forecast the recent past.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CandidateError {
    /// Kind of model.
    pub model: &'static str,
    /// Points it was fitted to.
    pub window: usize,
    /// Mean absolute error of its rolling forecasts, in points of health.
    pub error: f64,
}

/// The trend of a health history.
#[derive(Clone, Debug, PartialEq)]
pub struct Degradation {
    /// The chosen model, as of the newest point.
    pub model: Model,
    /// Every candidate's rolling-origin error; the simplest first.
    pub candidates: Vec<CandidateError>,
    /// Points of the window the trend was judged on.
    pub window: usize,
    /// Rows averaged into each point.
    pub rows_per_point: usize,
    /// Points of history since the last maintenance reset.
    pub points: usize,
    /// Maintenance resets found.
    pub resets: usize,
    /// First row after the last reset.
    pub start_row: usize,
    /// Fall of health over the window by its least-squares line, in points of health.
    pub fall: f64,
    /// That fall over its standard error, by the better of a linear and an exponential trend; infinite for a perfect one.
    pub t: f64,
    /// Health now: the newest finite row.
    pub health: f64,
    /// The chosen model and those about as good, with what each left over; the simulation draws from them.
    pub(super) fits: Vec<Fit>,
}

/// Fits the degradation of `health` (one value per row, 0..=100, oldest first, gaps as NaN) or refuses: too sparse,
/// flat, settled, noisy, or already failed.
///
/// Candidates are linear and exponential trends over the last 60 and 30 points and Holt's method; the lowest mean
/// absolute error over rolling origins wins, the simpler one within 2 %.
pub fn fit_degradation(health: &[f64], cfg: &ForecastConfig) -> Result<Degradation, Refusal> {
    let history = History::read(health, cfg);
    let points = &history.points;
    let needed = cfg.min_points.max(8);
    if points.len() < needed {
        return Err(Refusal::Sparse { points: points.len(), needed });
    }
    let recent = mean(tail(points, 3));
    if recent < cfg.failed_under {
        return Err(Refusal::AlreadyFailed { health: recent, limit: cfg.failed_under });
    }

    let candidates = Candidate::all(points.len(), cfg);
    let errors: Vec<f64> = candidates.iter().map(|c| rolling_error(*c, points, cfg)).collect();
    let mut best = 0;
    for (i, error) in errors.iter().enumerate() {
        if *error < 0.98 * errors[best] - 1e-9 {
            best = i;
        }
    }
    let fit = candidates[best].fit(points, cfg);
    let window = candidates[best].window(cfg).min(points.len());
    let recent_points = tail(points, window);
    let fall = -Line::fit(recent_points).slope * (window as f64 - 1.0);
    let t = [Candidate::Linear(window), Candidate::Exponential(window)]
        .map(|trend| in_standard_errors(fall, &trend.fit(recent_points, cfg).residuals))
        .into_iter()
        .fold(f64::NEG_INFINITY, f64::max);
    if fall < cfg.min_fall {
        return Err(Refusal::Flat { fall, points: window, needed: cfg.min_fall });
    }
    let falls_on = |model: Model| model.at(window as f64) < model.at(0.0);
    if !falls_on(fit.model) {
        return Err(Refusal::Settled { fall, points: window, model: fit.model.name() });
    }
    if t < cfg.min_t {
        return Err(Refusal::Noisy { fall, t, needed: cfg.min_t });
    }
    let close = errors[best] * cfg.rivals_within + 1e-9;
    let fits = candidates
        .iter()
        .zip(&errors)
        .filter(|(_, error)| **error <= close)
        .map(|(c, _)| c.fit(points, cfg))
        .filter(|f| falls_on(f.model))
        .collect();
    let describe = |(c, error): (&Candidate, &f64)| CandidateError {
        model: c.fit(points, cfg).model.name(),
        window: c.window(cfg).min(points.len()),
        error: *error,
    };
    Ok(Degradation {
        model: fit.model,
        candidates: candidates.iter().zip(&errors).map(describe).collect(),
        window,
        rows_per_point: history.rows_per_point,
        points: points.len(),
        resets: history.resets,
        start_row: history.start_row,
        fall,
        t,
        health: health.iter().copied().rfind(|h| h.is_finite()).unwrap_or(recent),
        fits,
    })
}

/// Mean absolute error of forecasts from the last origins, each fitted on the points before it only.
fn rolling_error(candidate: Candidate, points: &[f64], cfg: &ForecastConfig) -> f64 {
    let first = (points.len() / 2).max(points.len().saturating_sub(cfg.ahead + cfg.origins)).max(1);
    let (mut sum, mut counted) = (0.0, 0.0);
    for origin in first..points.len() {
        let model = candidate.fit(&points[..origin], cfg).model;
        for (s, value) in (1..=cfg.ahead).zip(&points[origin..]) {
            sum += (value - model.at(s as f64).clamp(0.0, 100.0)).abs();
            counted += 1.0;
        }
    }
    sum / f64::max(counted, 1.0)
}

/// A fall over a window in multiples of its standard error, from what a trend left over in that window. The sample size
/// is reduced by the residuals' lag-1 correlation r, n (1 - r) / (1 + r). Infinite for a perfect trend.
fn in_standard_errors(fall: f64, residuals: &[f64]) -> f64 {
    let n = residuals.len() as f64;
    let center = mean(residuals);
    let square: f64 = residuals.iter().map(|r| (r - center).powi(2)).sum();
    let lagged: f64 = residuals.windows(2).map(|w| (w[0] - center) * (w[1] - center)).sum();
    let variance = square / (n - 2.0).max(1.0);
    if variance < 1e-12 {
        return if fall > 0.0 { f64::INFINITY } else { 0.0 };
    }
    let r = (lagged / square).clamp(0.0, 0.95);
    let independent = n * (1.0 - r) / (1.0 + r);
    fall / (variance * 12.0 / independent).sqrt()
}
