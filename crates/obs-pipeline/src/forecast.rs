//! Remaining useful life from the health index.
//!
//! [`fit_degradation`] finds the trend of a health history or refuses in words; [`estimate_rul`] simulates where it
//! leads. Where histories of run-to-failure units exist, [`similarity`] compares with them instead.
//!
//! How a long history is seen: rows since the last maintenance reset are averaged into at most 240 points of equally many
//! rows, the newest point ending at the newest row, so that a year at 30 minutes is read in steps of about three days,
//! and 240 rows or fewer are read row by row. Windows, horizons and errors below count points. Rows count as equally
//! spaced: a pause in the data is not seen as time.

mod degradation;
mod history;
mod model;
mod refusal;
mod rul;
pub mod similarity;

pub use degradation::{CandidateError, Degradation, fit_degradation};
pub use model::Model;
pub use refusal::Refusal;
pub use rul::{Rul, estimate_rul};

use serde::{Deserialize, Serialize};

/// Numbers of the forecast.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ForecastConfig {
    /// Health under which the equipment counts as failed. Default 20.
    pub failed_under: f64,
    /// A rise of more than this many points of health is a maintenance reset. Default 15.
    pub reset_jump: f64,
    /// Most points a history is averaged into. Default 240.
    pub max_points: usize,
    /// Fewest points a trend is fitted to. Default 20.
    pub min_points: usize,
    /// Shorter window of the trend candidates, in points. Default 30.
    pub short_window: usize,
    /// Longer window, in points. Default 60.
    pub long_window: usize,
    /// Holt's weight of the newest level. Default 0.3.
    pub holt_alpha: f64,
    /// Holt's weight of the newest trend. Default 0.1.
    pub holt_beta: f64,
    /// Origins of the rolling comparison of candidates that are forecast all of `ahead`. Default 10. Later origins
    /// count too, as far as there are points to compare with.
    pub origins: usize,
    /// Points each origin is forecast ahead. Default 10.
    pub ahead: usize,
    /// Candidates whose rolling error is at most this many times the best share the simulated continuations with the
    /// chosen one, so that the interval also holds the doubt about the model. Default 1.1.
    pub rivals_within: f64,
    /// Smallest fall of health over the window that counts as a trend, in points of health. Default 3.
    pub min_fall: f64,
    /// The fall must be this many of its standard errors (which account for autocorrelation). Default 3.
    pub min_t: f64,
    /// Simulated continuations. Default 1,000.
    pub simulations: usize,
    /// Farthest point of a continuation. Default 1,000 points; a trend that does not fail by then in most
    /// continuations gives no figure.
    pub max_ahead: usize,
    /// Points whose mean must be under `failed_under`, so that one noisy point is no failure. Default 5.
    pub confirm: usize,
    /// Horizon of the failure probability, in hours. Default 168 (a week).
    pub horizon_hours: f64,
    /// Health over which no remaining life under `guard_hours` is believed. Default 70.
    pub guard_health: f64,
    /// That least remaining life, in hours. Default 1.
    pub guard_hours: f64,
    /// Seed of the simulation. Default 20,080: any fixed number will do.
    pub seed: u64,
}

impl ForecastConfig {
    /// The defaults.
    const DEFAULT: Self = Self {
        failed_under: 20.0,
        reset_jump: 15.0,
        max_points: 240,
        min_points: 20,
        short_window: 30,
        long_window: 60,
        holt_alpha: 0.3,
        holt_beta: 0.1,
        origins: 10,
        ahead: 10,
        rivals_within: 1.1,
        min_fall: 3.0,
        min_t: 3.0,
        simulations: 1_000,
        max_ahead: 1_000,
        confirm: 5,
        horizon_hours: 168.0,
        guard_health: 70.0,
        guard_hours: 1.0,
        seed: 20_080,
    };
}

impl Default for ForecastConfig {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests;
