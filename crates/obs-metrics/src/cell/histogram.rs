//! [`Histogram`]: how values spread over buckets.
//!
//! Own storage, not prometheus-client's: its histogram takes two locks per observation when it keeps exemplars, and
//! neither its buckets nor its exemplars can be read back other than as text.

use super::sealed::{Rules, Sealed};
use crate::exemplar::{Slot, current_run, sampled_span};
use crate::family::{AnyFamily, Inner};
use crate::snapshot::{HistogramValue, Kind, Value};
use obs_core::active::ActiveSpan;
use obs_core::{Clock, RunId};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How values spread over buckets. Clones share the state; an observation is two atomic additions, and inside a sampled
/// span it leaves its exemplar in its bucket.
#[derive(Clone, Debug)]
pub struct Histogram(Arc<Cell>);

#[derive(Debug)]
struct Cell {
    /// One more than there are bounds: the last is `+Inf`.
    buckets: Box<[Bucket]>,
    /// Bits of the sum as `f64`.
    sum: AtomicU64,
    rules: Arc<Rules>,
}

#[derive(Debug, Default)]
struct Bucket {
    count: AtomicU64,
    exemplar: Slot,
}

impl Histogram {
    /// Records a value. Negative, infinite and NaN values are refused and counted in `obs_rejected_values_total`.
    pub fn observe(&self, value: f64) {
        self.observe_in(value, sampled_span());
    }

    /// Records a value with an exemplar of `span`, if there is one and its trace is kept: for a span that is just
    /// ending and no longer the active one.
    pub fn observe_in(&self, value: f64, span: Option<ActiveSpan>) {
        let origin = |clock: &Clock| (current_run(), clock.now());
        self.record(value, span, origin);
    }

    /// [`Histogram::observe_in`] for something that ended at `time` (nanoseconds since the Unix epoch) in the run
    /// `run_id`, whatever time it is and whatever run is at work here.
    pub fn observe_at(&self, value: f64, span: Option<ActiveSpan>, run_id: Option<RunId>, time: u64) {
        self.record(value, span, |_| (run_id.map_or(0, RunId::get), time));
    }

    /// Records a value; `origin` says of which run and when it is, if it becomes an exemplar.
    fn record(&self, value: f64, span: Option<ActiveSpan>, origin: impl FnOnce(&Clock) -> (u128, u64)) {
        let Cell { buckets, sum, rules } = &*self.0;
        if !rules.accepts(value) {
            return;
        }
        let index = rules.bounds.partition_point(|bound| *bound < value);
        let Some(bucket) = buckets.get(index) else { return };
        let mut seen = sum.load(Ordering::Relaxed);
        while let Err(now) = sum.compare_exchange_weak(
            seen,
            (f64::from_bits(seen) + value).to_bits(),
            Ordering::Relaxed,
            Ordering::Relaxed,
        ) {
            seen = now;
        }
        // Released after the sum, so that a reader who sees the count has the value in the sum.
        bucket.count.fetch_add(1, Ordering::Release);
        if let Some(span) = span
            && span.sampled
        {
            let (run, time) = origin(&rules.clock);
            bucket.exemplar.set_of(span, value, run, time);
        }
    }

    #[cfg(test)]
    pub(crate) fn exemplars(&self) -> Vec<Option<crate::Exemplar>> {
        self.0.buckets.iter().map(|b| b.exemplar.get()).collect()
    }

    /// Number of values recorded.
    pub fn count(&self) -> u64 {
        self.0.buckets.iter().map(|b| b.count.load(Ordering::Acquire)).sum()
    }

    /// Sum of the values recorded.
    pub fn sum(&self) -> f64 {
        f64::from_bits(self.0.sum.load(Ordering::Relaxed))
    }
}

impl super::Instrument for Histogram {}

impl Sealed for Histogram {
    const KIND: Kind = Kind::Histogram;

    fn make(rules: &Arc<Rules>) -> Self {
        let buckets = (0..=rules.bounds.len()).map(|_| Bucket::default()).collect();
        Self(Arc::new(Cell { buckets, sum: AtomicU64::new(0.0_f64.to_bits()), rules: Arc::clone(rules) }))
    }

    fn read(&self) -> Value {
        // Counts first: the sum then holds at least the counted values. `_count` is the total of the buckets, so these
        // two agree in every reading; the sum may be ahead by observations that are under way.
        let counts = self.0.buckets.iter().map(|b| b.count.load(Ordering::Acquire)).collect();
        Value::Histogram(HistogramValue {
            bounds: Arc::clone(&self.0.rules.bounds),
            counts,
            sum: self.sum(),
            exemplars: self.0.buckets.iter().map(|b| b.exemplar.get()).collect(),
        })
    }

    fn erase(family: Arc<Inner<Self>>) -> AnyFamily {
        AnyFamily::Histogram(family)
    }

    fn recover(family: &AnyFamily) -> Option<Arc<Inner<Self>>> {
        if let AnyFamily::Histogram(inner) = family { Some(Arc::clone(inner)) } else { None }
    }
}
