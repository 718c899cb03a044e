//! The process's own metrics.

use crate::metrics::Metrics;
use obs_core::{Global, Ledger, ServiceIdentity};
use std::sync::Arc;

static INSTALLED: Global<Metrics> = Global::new();

/// What stands in for them before they are set and after they are taken away.
static STAND_IN: Global<Metrics> = Global::new();

/// Makes these the process's own metrics, which [`global`] gives out and `#[timed]` records into; `None` takes them away.
/// `obs::init` and the end of its guard call it.
pub fn set_global(metrics: Option<Metrics>) {
    INSTALLED.set(metrics);
}

/// The process's own metrics. Without any, what is recorded is kept but never leaves.
pub fn global() -> Metrics {
    installed().unwrap_or_else(|| {
        STAND_IN.get_or_set(|| Metrics::new(ServiceIdentity::default(), Arc::new(Ledger::default())))
    })
}

pub(crate) fn installed() -> Option<Metrics> {
    INSTALLED.get()
}
