//! [`Gauge`]: a value that goes up and down.

use super::sealed::{Rules, Sealed};
use crate::family::{AnyFamily, Inner};
use crate::snapshot::{Kind, Value};
use prometheus_client::metrics::gauge::Gauge as Number;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// A value that goes up and down. Clones share the value.
#[derive(Clone, Debug)]
pub struct Gauge(Arc<Cell>);

#[derive(Debug)]
struct Cell {
    value: Number<f64, AtomicU64>,
    rules: Arc<Rules>,
}

impl Gauge {
    /// Sets the value. NaN, and what lies outside the metric's range, is refused and counted in
    /// `obs_rejected_values_total`; the old value stays. `true` if it was set.
    #[expect(clippy::must_use_candidate, reason = "most callers record and go on")]
    pub fn set(&self, value: f64) -> bool {
        let ok = self.0.rules.accepts(value);
        if ok {
            self.0.value.set(value);
        }
        ok
    }

    /// Adds `delta`, which may be negative; one that is NaN or infinite is refused and counted. The range is not
    /// looked at, so that matched additions and subtractions always meet.
    pub fn add(&self, delta: f64) {
        if delta.is_finite() {
            self.0.value.inc_by(delta);
        } else {
            self.0.rules.rejected.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    }

    /// The value as it stands; zero before the first update.
    pub fn get(&self) -> f64 {
        self.0.value.get()
    }
}

impl super::Instrument for Gauge {}

impl Sealed for Gauge {
    const KIND: Kind = Kind::Gauge;

    fn make(rules: &Arc<Rules>) -> Self {
        Self(Arc::new(Cell { value: Number::default(), rules: Arc::clone(rules) }))
    }

    fn read(&self) -> Value {
        Value::Gauge(self.get())
    }

    fn erase(family: Arc<Inner<Self>>) -> AnyFamily {
        AnyFamily::Gauge(family)
    }

    fn recover(family: &AnyFamily) -> Option<Arc<Inner<Self>>> {
        if let AnyFamily::Gauge(inner) = family { Some(Arc::clone(inner)) } else { None }
    }
}
