//! [`Snapshot`]: one reading of every metric, from which all formats are written.

use crate::exemplar::Exemplar;
use obs_core::{ServiceIdentity, SharedContext};
use std::sync::Arc;

/// One reading of every metric: immutable, ordered, the same for every format.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// When it was taken, in nanoseconds since the Unix epoch.
    pub time: u64,
    /// Since when totals count, in nanoseconds since the Unix epoch.
    pub start: u64,
    /// Whose metrics these are.
    pub identity: Arc<ServiceIdentity>,
    /// The run at work when it was taken.
    pub context: Option<Arc<SharedContext>>,
    /// The metrics, by name.
    pub families: Vec<FamilySnapshot>,
}

impl Snapshot {
    /// Number of series; a histogram with its buckets is one.
    pub fn series(&self) -> u64 {
        self.families.iter().map(|f| f.series.len() as u64).sum()
    }

    /// The metric of this name, as the exposition writes its `# TYPE` line in OpenMetrics (a counter without `_total`).
    pub fn family(&self, name: &str) -> Option<&FamilySnapshot> {
        self.families.iter().find(|f| f.name == name)
    }
}

/// One metric and all its series.
#[derive(Clone, Debug, PartialEq)]
pub struct FamilySnapshot {
    /// Name without the suffix that the type adds: `acm_batches`, not `acm_batches_total`; `target`, not `target_info`.
    pub name: String,
    /// One sentence.
    pub help: String,
    /// Unit, which the name ends in; empty for none.
    pub unit: &'static str,
    /// Type.
    pub kind: Kind,
    /// The series, by label values.
    pub series: Vec<Series>,
}

impl FamilySnapshot {
    /// The series with exactly these label values, in the order of the metric's labels.
    pub fn with(&self, values: &[&str]) -> Option<&Series> {
        self.series.iter().find(|s| s.labels.values.iter().map(String::as_str).eq(values.iter().copied()))
    }
}

/// Type of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A total that only grows.
    Counter,
    /// A value that goes up and down.
    Gauge,
    /// Values spread over buckets.
    Histogram,
    /// Facts, as labels of a series that is always 1.
    Info,
}

impl Kind {
    /// `counter`, `gauge`, `histogram` or `info`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Info => "info",
        }
    }
}

/// Label names and values of a series; names are shared with the series beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// Names, in the order of registration.
    pub names: Arc<[String]>,
    /// As many values.
    pub values: Arc<[String]>,
}

impl Labels {
    /// Labels of a series that has its own.
    pub fn new<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let (names, values): (Vec<String>, Vec<String>) =
            pairs.into_iter().map(|(n, v)| (n.into(), v.into())).unzip();
        Self { names: names.into(), values: values.into() }
    }

    /// Names with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.names.iter().map(String::as_str).zip(self.values.iter().map(String::as_str))
    }
}

/// One series.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What tells it from its siblings.
    pub labels: Labels,
    /// Its reading.
    pub value: Value,
}

/// A reading.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Of a counter.
    Counter {
        /// The total.
        total: f64,
        /// The last update inside a sampled span.
        exemplar: Option<Exemplar>,
    },
    /// Of a gauge.
    Gauge(f64),
    /// Of a histogram.
    Histogram(HistogramValue),
    /// Of an info: always 1.
    Info,
}

/// Reading of a histogram.
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramValue {
    /// Upper bounds, ascending, without `+Inf`.
    pub bounds: Arc<[f64]>,
    /// Values per bucket (not cumulative); one more than there are bounds.
    pub counts: Vec<u64>,
    /// Sum of the values.
    pub sum: f64,
    /// Per bucket, the last value inside a sampled span.
    pub exemplars: Vec<Option<Exemplar>>,
}

impl HistogramValue {
    /// Number of values.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}
