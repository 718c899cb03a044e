//! The detector batch: sensor data to scores, episodes and remaining life, fully instrumented.
//!
//! [`Pipeline::run`] takes a [`RunRequest`] through the phases of [`phases`], one file per category of the span tree,
//! and gives a [`RunReport`]. The numerics live in modules of their own that know nothing of telemetry:
//! [`input`] and [`features`], [`detect`], [`calibrate`], [`fusion`], [`thresholds`], [`episodes`], [`drift`],
//! [`regimes`], [`health`], [`forecast`], [`analytics`]; [`evaluate`] says how good the result is where labels exist.

pub mod analytics;
pub mod calibrate;
pub mod card;

pub mod config;
pub mod detect;
pub mod drift;
pub mod episodes;
pub mod error;
pub mod evaluate;
pub mod features;
pub mod forecast;
pub mod frame;
pub mod fusion;
pub mod health;
pub mod input;
pub mod instruments;
pub mod matrix;
pub mod output;
mod parallel;
pub mod phases;
pub mod pipeline;
pub mod quantile;
pub mod regimes;
pub mod report;
pub mod request;
pub mod split;
pub mod stretch;
pub mod thresholds;

pub use card::RunCard;
pub use config::PipelineConfig;
pub use error::RunError;
pub use frame::{Frame, TimeAxis};
pub use instruments::Instruments;
pub use matrix::Matrix;
pub use pipeline::Pipeline;
pub use report::{RunOutcome, RunReport};
pub use request::{RunRequest, Train};
