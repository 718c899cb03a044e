//! [`Destination`]: the row of one destination of one signal, and how it is doing.

use super::{Account, Fate, Row};
use crate::Cause;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, Weak};
use std::time::Duration;

/// Upper bounds of the classes that durations of exports are counted in, seconds; the last class has none.
pub const EXPORT_BUCKETS: [f64; 11] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 10.0];

/// One destination's row: what became of its items, how long its exports take, and why they fail.
#[derive(Default)]
pub struct Destination {
    row: Row,
    exports: [AtomicU64; EXPORT_BUCKETS.len() + 1],
    export_nanos: AtomicU64,
    failures: [AtomicU64; Cause::ALL.len()],
    cpu_nanos: AtomicU64,
    probe: Mutex<Option<Weak<dyn Probe>>>,
}

/// What is waiting for a destination at this moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauges {
    /// Items in the queue in memory.
    pub queue_items: u64,
    /// Bytes they hold.
    pub queue_bytes: u64,
    /// Items on disk.
    pub spool_items: u64,
    /// Bytes they hold on disk.
    pub spool_bytes: u64,
    /// When the oldest of them was recorded, nanoseconds since the Unix epoch.
    pub spool_oldest: Option<u64>,
}

/// Somebody who knows what is waiting for a destination.
pub trait Probe: Send + Sync {
    /// What is waiting now.
    fn gauges(&self) -> Gauges;
}

/// How many exports took how long.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exports {
    /// Exports in each class of [`EXPORT_BUCKETS`], and in the one above the last, not cumulated.
    pub counts: [u64; EXPORT_BUCKETS.len() + 1],
    /// Seconds, all of them together.
    pub seconds: f64,
}

/// How a destination is doing.
#[derive(Clone, Debug, PartialEq)]
pub struct DestinationStatus {
    /// What became of its items.
    pub account: Account,
    /// What is waiting; zeros once its threads are gone.
    pub waiting: Gauges,
    /// How long its exports took, failed ones included.
    pub exports: Exports,
    /// Exports that failed and may succeed later, by cause; every cause, in the order of [`Cause::ALL`].
    pub failures: [(Cause, u64); Cause::ALL.len()],
    /// CPU time its threads have used, seconds.
    pub cpu_seconds: f64,
}

impl Destination {
    /// `n` items were handed to the destination.
    pub fn created(&self, n: u64) {
        self.row.create(n);
    }

    /// `n` items met this fate here.
    pub fn settle(&self, fate: Fate, n: u64) {
        self.row.settle(fate, n);
    }

    /// `n` items that were [`Fate::Spooled`] here met this fate.
    pub fn unspool(&self, fate: Fate, n: u64) {
        self.row.unspool(fate, n);
    }

    /// The figures of its items.
    pub fn account(&self) -> Account {
        self.row.snapshot()
    }

    /// One export took this long; `failure` is why it failed, if it may succeed later.
    pub fn exported(&self, took: Duration, failure: Option<Cause>) {
        let seconds = took.as_secs_f64();
        let class = EXPORT_BUCKETS.partition_point(|bound| *bound < seconds);
        self.exports[class].fetch_add(1, Ordering::Relaxed);
        self.export_nanos.fetch_add(took.as_nanos() as u64, Ordering::Relaxed);
        if let Some(cause) = failure {
            self.failures[cause as usize].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// One of its threads used this much more CPU time.
    pub fn used_cpu(&self, time: Duration) {
        self.cpu_nanos.fetch_add(time.as_nanos() as u64, Ordering::Relaxed);
    }

    /// From now on `probe` says what is waiting.
    pub fn watch(&self, probe: Weak<dyn Probe>) {
        *self.probe.lock().unwrap_or_else(PoisonError::into_inner) = Some(probe);
    }

    /// How it is doing.
    pub fn status(&self) -> DestinationStatus {
        let probe = self.probe.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let read = |cell: &AtomicU64| cell.load(Ordering::Relaxed);
        DestinationStatus {
            account: self.account(),
            waiting: probe.and_then(|p| p.upgrade()).map(|p| p.gauges()).unwrap_or_default(),
            exports: Exports {
                counts: std::array::from_fn(|i| read(&self.exports[i])),
                seconds: read(&self.export_nanos) as f64 / 1e9,
            },
            failures: Cause::ALL.map(|cause| (cause, read(&self.failures[cause as usize]))),
            cpu_seconds: read(&self.cpu_nanos) as f64 / 1e9,
        }
    }
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Destination").field("account", &self.account()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn an_export_is_counted_in_the_class_whose_bound_it_does_not_pass() {
        let row = Destination::default();
        row.exported(Duration::from_millis(1), None);
        row.exported(Duration::from_micros(1001), Some(Cause::Timeout));
        row.exported(Duration::from_mins(1), Some(Cause::Timeout));
        let status = row.status();
        assert_eq!(status.exports.counts, [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert!((status.exports.seconds - 60.002_001).abs() < 1e-9);
        let failed: Vec<_> = status.failures.into_iter().filter(|(_, n)| *n > 0).collect();
        assert_eq!(failed, [(Cause::Timeout, 2)]);
    }

    #[test]
    fn what_waits_is_asked_for_as_long_as_there_is_somebody_to_ask() {
        struct Full;
        impl Probe for Full {
            fn gauges(&self) -> Gauges {
                Gauges { queue_items: 7, ..Gauges::default() }
            }
        }
        let row = Destination::default();
        let probe: Arc<dyn Probe> = Arc::new(Full);
        row.watch(Arc::downgrade(&probe));
        assert_eq!(row.status().waiting.queue_items, 7);
        drop(probe);
        assert_eq!(row.status().waiting, Gauges::default());
    }
}
