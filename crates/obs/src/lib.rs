//! Observability for Rust batch pipelines and services: one [`init`] for traces, metrics, logs and profiles.
//!
//! ```
//! use obs::{RunContext, span};
//! use std::time::Duration;
//!
//! let telemetry = obs::builder("press-line").logs(obs::LogOutput::None).init()?;
//! obs::set_context(RunContext { equipment: Some("PRESS_7".into()), equip_id: Some(7), ..RunContext::default() });
//! {
//!     let _work = span!(obs::tracer(), "pipeline.run", n_samples = 1500);
//!     obs::log::run!(obs::logger("press.batch"), "batch started"; "rows" => 1500);
//!     obs::metrics().record_health_score("PRESS_7", 98.5);
//! }
//! let report = telemetry.shutdown(Duration::from_secs(5));
//! assert!(report.signals.is_balanced());
//! # Ok::<(), obs::InitError>(())
//! ```
//!
//! Without endpoints nothing leaves the process: logs go to stdout as JSON, no socket is opened. Before `init`, and
//! after the guard is gone, every call stays callable and does nothing.
//!
//! Libraries that must not touch globals take a [`Telemetry`] (or its tracer, loggers and metrics) as a value; the
//! functions of this page are the same handles, kept for programs.

mod builder;
mod delivery;
mod error;
mod global;
mod panics;
mod shared;
mod signals;
mod sinks;
mod slow_queries;
mod start;
mod steps;
mod telemetry;
mod timer;
mod transport;

pub use builder::{Builder, Exporter, LogOutput};
pub use error::InitError;
pub use global::{
    logger, metrics, record_batch_processed, record_detector_duration, record_health_score, tracer,
};
pub use telemetry::{Finished, Telemetry};
pub use timer::{Timer, timer};

pub use obs_core::active::set_context;
pub use obs_core::{self, Config, RunContext, RunId, Signal, config};
pub use obs_export::{self, ShutdownReport};
pub use obs_logs;
pub use obs_metrics::{self, Metrics, timed};
pub use obs_profile;
pub use obs_trace::{self, SpanGuard, Tracer, cache_op, db_query, operation, operations, span, traced};
pub use slog;

/// Log lines by category: `obs::log::run!(logger, "batch started"; "rows" => 1500)`.
pub mod log {
    pub use obs_logs::{cfg, data, feat, forecast, fuse, health, model, perf, rul, run, score, sql};
    pub use obs_logs::{critical, debug, error, info, trace, warn};
}

/// A telemetry for the service `service_name`, to be configured; [`Builder::init`] finishes it.
pub fn builder(service_name: &str) -> Builder {
    Builder::default().set("service.name", service_name)
}

/// Starts telemetry with everything from environment and defaults, and makes it the process's own.
///
/// Keep the guard: what was recorded is delivered when it drops, or with a deadline and a report by
/// [`Telemetry::shutdown`].
pub fn init(service_name: &str) -> Result<Telemetry, InitError> {
    builder(service_name).init()
}
