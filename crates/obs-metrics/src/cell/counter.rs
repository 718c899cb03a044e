//! [`Counter`]: a total that only grows.

use super::sealed::{Rules, Sealed};
use crate::exemplar::{Slot, sampled_span};
use crate::family::{AnyFamily, Inner};
use crate::snapshot::{Kind, Value};
use obs_core::active::ActiveSpan;
use prometheus_client::metrics::counter::Counter as Total;
use std::sync::Arc;

/// A total that only grows. Clones share the total; an update is one atomic addition, and inside a sampled span it
/// leaves its exemplar.
#[derive(Clone, Debug)]
pub struct Counter(Arc<Cell>);

#[derive(Debug)]
struct Cell {
    total: Total,
    exemplar: Slot,
    rules: Arc<Rules>,
}

impl Counter {
    /// Adds one.
    pub fn inc(&self) {
        self.inc_by(1);
    }

    /// Adds `n`. The total wraps after 2^64.
    pub fn inc_by(&self, n: u64) {
        self.inc_by_in(n, sampled_span());
    }

    /// Adds `n` with an exemplar of `span`, if there is one and its trace is kept.
    pub fn inc_by_in(&self, n: u64, span: Option<ActiveSpan>) {
        self.0.total.inc_by(n);
        if let Some(span) = span
            && span.sampled
        {
            self.0.exemplar.set(span, n as f64, self.0.rules.clock.now());
        }
    }

    /// The total as it stands.
    pub fn get(&self) -> u64 {
        self.0.total.get()
    }
}

impl super::Instrument for Counter {}

impl Sealed for Counter {
    const KIND: Kind = Kind::Counter;

    fn make(rules: &Arc<Rules>) -> Self {
        Self(Arc::new(Cell { total: Total::default(), exemplar: Slot::default(), rules: Arc::clone(rules) }))
    }

    fn read(&self) -> Value {
        Value::Counter { total: self.get() as f64, exemplar: self.0.exemplar.get() }
    }

    fn erase(family: Arc<Inner<Self>>) -> AnyFamily {
        AnyFamily::Counter(family)
    }

    fn recover(family: &AnyFamily) -> Option<Arc<Inner<Self>>> {
        if let AnyFamily::Counter(inner) = family { Some(Arc::clone(inner)) } else { None }
    }
}
