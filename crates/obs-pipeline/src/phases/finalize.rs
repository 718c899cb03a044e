//! `finalize`: the last span of a run.

use super::Phases;
use obs_trace::{SpanGuard, span};

/// Stays open until the run's last metrics and log line are recorded.
pub(crate) fn finalize(phases: &Phases<'_>) -> SpanGuard {
    span!(phases.instruments.tracer, "finalize")
}
