//! [`Family`]: one metric with labels, and its series.

use crate::cell::sealed::{Rules, Sealed};
use crate::cell::{Counter, Gauge, Histogram, Instrument};
use crate::snapshot::{FamilySnapshot, Kind, Labels, Series};
use std::cmp::Ordering as Order;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// Series a metric may have; updates beyond them land in one series whose label values all are [`OVERFLOW`].
pub const MAX_SERIES: usize = 2000;

/// Label value of the series that takes what is over [`MAX_SERIES`].
pub const OVERFLOW: &str = "_overflow";

/// Bytes of a label value; what is longer is cut.
pub const MAX_LABEL_BYTES: usize = 256;

/// One metric with `N` labels. Clones share the series.
///
/// ```
/// # use obs_metrics::Metrics;
/// # let metrics = Metrics::new(obs_core::ServiceIdentity::default(), Default::default());
/// let runs = metrics.counter_with("runs", "Runs started.", ["site", "mode"])?;
/// let bound = runs.with(["north", "train"]); // keep it: an update through it is one atomic addition
/// bound.inc();
/// assert_eq!(runs.with(["north", "train"]).get(), 1);
/// # Ok::<(), obs_metrics::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Family<K, const N: usize>(pub(crate) Arc<Inner<K>>);

impl<K: Instrument, const N: usize> Family<K, N> {
    /// The series with these label values, in the order the labels were registered in; made on first use.
    pub fn with(&self, values: [&str; N]) -> K {
        self.0.with(&values.map(clip))
    }
}

/// A family behind its handle.
#[derive(Debug)]
pub struct Inner<K> {
    pub(crate) name: String,
    pub(crate) help: String,
    pub(crate) unit: &'static str,
    pub(crate) labels: Arc<[String]>,
    pub(crate) rules: Arc<Rules>,
    /// Sorted by label values: a lookup allocates nothing, and readings are in order.
    series: RwLock<Vec<(Arc<[String]>, K)>>,
    overflowed: AtomicU64,
}

impl<K: Sealed + Clone> Inner<K> {
    pub(crate) fn new(
        name: String,
        help: String,
        unit: &'static str,
        labels: Arc<[String]>,
        rules: Rules,
    ) -> Self {
        let rules = Arc::new(rules);
        let series = RwLock::new(Vec::new());
        Self { name, help, unit, labels, rules, series, overflowed: AtomicU64::new(0) }
    }

    pub(crate) fn with(&self, values: &[&str]) -> K {
        {
            let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
            if let Ok(found) = series.binary_search_by(|(own, _)| compare(own, values)) {
                return series[found].1.clone();
            }
        }
        let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
        match series.binary_search_by(|(own, _)| compare(own, values)) {
            Ok(found) => series[found].1.clone(),
            Err(at) if series.len() < MAX_SERIES => self.insert(&mut series, at, values),
            Err(_) => {
                self.overflowed.fetch_add(1, Ordering::Relaxed);
                let values = vec![OVERFLOW; values.len()];
                match series.binary_search_by(|(own, _)| compare(own, &values)) {
                    Ok(found) => series[found].1.clone(),
                    Err(at) => self.insert(&mut series, at, &values),
                }
            }
        }
    }

    fn insert(&self, series: &mut Vec<(Arc<[String]>, K)>, at: usize, values: &[&str]) -> K {
        let new = K::make(&self.rules);
        let values = values.iter().map(|v| (*v).to_owned()).collect();
        series.insert(at, (values, new.clone()));
        new
    }

    fn snapshot(&self) -> FamilySnapshot {
        // The handles are copied out first, so that no update waits for the reading.
        let series = self.series.read().unwrap_or_else(PoisonError::into_inner).clone();
        let series = series
            .into_iter()
            .map(|(values, cell)| Series {
                labels: Labels { names: Arc::clone(&self.labels), values },
                value: cell.read(),
            })
            .collect();
        FamilySnapshot {
            name: self.name.clone(),
            help: self.help.clone(),
            unit: self.unit,
            kind: K::KIND,
            series,
        }
    }
}

fn compare(own: &[String], wanted: &[&str]) -> Order {
    own.iter().map(String::as_str).cmp(wanted.iter().copied())
}

/// At most [`MAX_LABEL_BYTES`], cut between characters.
fn clip(value: &str) -> &str {
    &value[..value.floor_char_boundary(MAX_LABEL_BYTES)]
}

/// A family of whichever kind.
#[derive(Clone, Debug)]
pub enum AnyFamily {
    Counter(Arc<Inner<Counter>>),
    Gauge(Arc<Inner<Gauge>>),
    Histogram(Arc<Inner<Histogram>>),
}

macro_rules! each {
    ($self:expr, $inner:ident => $do:expr) => {
        match $self {
            AnyFamily::Counter($inner) => $do,
            AnyFamily::Gauge($inner) => $do,
            AnyFamily::Histogram($inner) => $do,
        }
    };
}

impl AnyFamily {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Counter(_) => Kind::Counter,
            Self::Gauge(_) => Kind::Gauge,
            Self::Histogram(_) => Kind::Histogram,
        }
    }

    pub(crate) fn labels(&self) -> &[String] {
        each!(self, inner => &inner.labels)
    }

    pub(crate) fn bounds(&self) -> &[f64] {
        each!(self, inner => &inner.rules.bounds)
    }

    pub(crate) fn snapshot(&self) -> FamilySnapshot {
        each!(self, inner => inner.snapshot())
    }

    /// Values refused so far; `None` for counters, which take any whole number.
    pub(crate) fn rejected(&self) -> Option<u64> {
        match self {
            Self::Counter(_) => None,
            Self::Gauge(inner) => Some(inner.rules.rejected.load(Ordering::Relaxed)),
            Self::Histogram(inner) => Some(inner.rules.rejected.load(Ordering::Relaxed)),
        }
    }

    /// Lookups that found no series of their own.
    pub(crate) fn overflowed(&self) -> u64 {
        each!(self, inner => inner.overflowed.load(Ordering::Relaxed))
    }
}
