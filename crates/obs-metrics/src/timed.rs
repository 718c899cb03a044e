//! [`Timed`]: the measurement that `#[timed]` makes of a call.

use crate::global;
use crate::metrics::Metrics;

/// Measures a call of a function from now until it drops: the call returned, panicked, or its future was dropped.
#[must_use = "measures until it drops"]
#[derive(Debug)]
pub struct Timed(Option<Call>);

#[derive(Debug)]
struct Call {
    metrics: Metrics,
    function: &'static str,
    start: u64,
}

impl Timed {
    /// For the process's own metrics; without any it does nothing.
    pub fn start(function: &'static str) -> Self {
        Self(global::installed().map(|metrics| Call::start(metrics, function)))
    }

    /// For these metrics.
    pub fn start_in(metrics: &Metrics, function: &'static str) -> Self {
        Self(Some(Call::start(metrics.clone(), function)))
    }
}

impl Call {
    fn start(metrics: Metrics, function: &'static str) -> Self {
        Self { start: metrics.now(), metrics, function }
    }
}

impl Drop for Timed {
    fn drop(&mut self) {
        if let Some(Call { metrics, function, start }) = self.0.take() {
            let nanos = metrics.now().saturating_sub(start);
            metrics.observe_function(function, nanos as f64 / 1e9);
        }
    }
}
