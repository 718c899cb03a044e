//! [`Instruments`]: the handles a run records with.

use obs_metrics::Metrics;
use obs_trace::Tracer;

/// Tracer, logger and metrics, injected: a run touches no global.
#[derive(Clone, Debug)]
pub struct Instruments {
    /// Starts the spans of the run.
    pub tracer: Tracer,
    /// Root of the run's log lines.
    pub log: slog::Logger,
    /// The built-in metrics.
    pub metrics: Metrics,
}
