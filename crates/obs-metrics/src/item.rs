//! [`MetricItem`]: one collection on its way to the sinks.

use crate::snapshot::{Snapshot, Value};
use obs_export::Item;
use std::sync::Arc;

/// One collection on its way to the sinks: a shared [`Snapshot`], which each sink encodes in its own format. In the
/// ledger it stands for its series.
#[derive(Clone, Debug)]
pub struct MetricItem {
    snapshot: Arc<Snapshot>,
    weight: usize,
}

impl MetricItem {
    /// Wraps a reading.
    pub fn new(snapshot: Snapshot) -> Self {
        let series = |value: &Value| match value {
            Value::Histogram(h) => 160 + h.counts.len() * 100,
            _ => 160,
        };
        let weight = snapshot.families.iter().flat_map(|f| &f.series).map(|s| series(&s.value)).sum();
        Self { snapshot: Arc::new(snapshot), weight }
    }

    /// The reading.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }
}

impl Item for MetricItem {
    fn weight(&self) -> usize {
        self.weight
    }

    fn count(&self) -> u64 {
        self.snapshot.series().max(1)
    }
}
