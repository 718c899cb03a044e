//! [`Telemetry`]: the guard of the four signals.

use crate::shared::{Occasion, Shared};
use obs_core::ServiceIdentity;
use obs_export::{FlushReport, ShutdownReport};
use obs_logs::Logs;
use obs_metrics::Metrics;
use obs_profile::Profile;
use obs_trace::Tracer;
use std::sync::Arc;
use std::time::Duration;

/// How long dropping a guard may take; [`Telemetry::shutdown`] takes a deadline of the caller's.
const DROP_DEADLINE: Duration = Duration::from_secs(5);

/// The four signals at work. Dropping it delivers what was recorded, within five seconds, and says on standard error what
/// could not be.
///
/// It needs nothing of the thread that drops it: no async runtime, and it may be within one; also while a panic unwinds. In a
/// forked child it is the parent's: every call returns at once with an empty report.
#[must_use = "telemetry stops as soon as the guard drops"]
#[derive(Debug)]
pub struct Telemetry {
    shared: Arc<Shared>,
    /// Whether the caller got the report.
    reported: bool,
}

/// What a shutdown leaves.
#[derive(Clone, Debug, Default)]
pub struct Finished {
    /// What became of every item.
    pub report: ShutdownReport,
    /// What the profiler took; `None` when it did not run, or did not stop in time.
    pub profile: Option<Profile>,
}

impl Telemetry {
    pub(crate) fn new(shared: Shared) -> Self {
        Self { shared: Arc::new(shared), reported: false }
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// The tracer: `span!(telemetry.tracer(), "fit.pca")`.
    pub fn tracer(&self) -> &Tracer {
        &self.shared.tracer
    }

    /// The logs: their level, their counts.
    pub fn logs(&self) -> &Logs {
        &self.shared.logs
    }

    /// A logger named `name`, such as `acm.pipeline`.
    pub fn logger(&self, name: &str) -> slog::Logger {
        self.shared.logs.logger(name)
    }

    /// The metrics.
    pub fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    /// The account of every item so far.
    pub fn ledger(&self) -> obs_core::LedgerSnapshot {
        self.shared.engine.ledger().snapshot()
    }

    /// Who is speaking, in all four signals.
    pub fn identity(&self) -> &ServiceIdentity {
        &self.shared.identity
    }

    /// Delivers what was recorded before the call; returns by `deadline`. Up to half of it may pass with collecting
    /// metrics and profiles; if that takes longer, the report's `waiting` names `metric/collect` or `profile/collect`.
    pub fn flush(&self, deadline: Duration) -> FlushReport {
        self.shared.flush(deadline)
    }

    /// Stops all signals, delivers what was recorded, and says what became of it; returns by `deadline`. Up to half of it
    /// may pass with collecting metrics and profiles; if that takes longer, the report's `timed_out` names
    /// `metric/collect` or `profile/collect`.
    pub fn shutdown(self, deadline: Duration) -> ShutdownReport {
        self.finish(deadline).report
    }

    /// [`Telemetry::shutdown`], with the profile that was taken.
    pub fn finish(mut self, deadline: Duration) -> Finished {
        self.reported = true;
        self.shared.stop(deadline, Occasion::Caller)
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if self.shared.is_left_behind() {
            // Dropping the last handle would join threads that only the parent has.
            std::mem::forget(Arc::clone(&self.shared));
        } else if !self.reported {
            self.shared.stop(DROP_DEADLINE, Occasion::Drop);
        }
    }
}
