//! Instruments, exemplars, exposition and OTLP push, with prometheus-client beneath and beside them.
//!
//! [`Metrics`] makes instruments and takes readings. An instrument is a handle on a few atomics: updating it never
//! locks, allocates or fails. A reading is a [`Snapshot`], from which every format is written: `OpenMetrics` and
//! Prometheus text for a scrape ([`Format`]), OTLP for a push ([`otlp`]), so that pull and push cannot disagree.
//!
//! | to | see |
//! |---|---|
//! | record what obs knows of (stages, batches, health) | `record_*` and `observe_stage` of [`Metrics`]; [`catalogue`] |
//! | count or measure something of one's own | [`Metrics::counter`], [`Metrics::gauge`], [`Metrics::histogram`] |
//! | bind labels once | [`Family::with`] |
//! | reach the trace behind a number | [`Exemplar`] |
//! | collect at an interval and send | [`MetricReader`], [`sink`] |
//!
//! `run_id` is never a label, because each run would make every series anew: it is in exemplars, in `target_info` and
//! in the OTLP resource.

pub mod catalogue;
pub mod exposition;
pub mod otlp;
pub mod sink;

mod builtin;
mod cell;
mod collect;
mod delivery;
mod error;
mod exemplar;
mod family;
mod global;
mod item;
mod metrics;
mod name;
mod negotiate;
mod parse;
mod process;
mod prometheus;
mod reader;
mod snapshot;
mod stage_times;
mod state;
mod timed;

pub use cell::{Counter, Gauge, Histogram, Instrument};
pub use error::Error;
pub use exemplar::Exemplar;
pub use family::{Family, MAX_LABEL_BYTES, MAX_SERIES, OVERFLOW};
pub use global::{global, set_global};
pub use item::MetricItem;
pub use metrics::Metrics;
pub use negotiate::Format;
pub use reader::MetricReader;
pub use snapshot::{FamilySnapshot, HistogramValue, Kind, Labels, Series, Snapshot, Value};
pub use stage_times::StageTimes;
pub use state::{DriftState, RowState, Severity, Status};

/// Measures how long each call of a function takes, in `acm_function_duration_seconds{function="…"}`, in seconds.
///
/// `#[timed("batch.process")]` names the series, by the rules of span names; without a name it is the function's. The
/// measurement begins with the call, of an `async fn` when its future is first polled, and ends when the function returns or
/// panics, or when its future is done or dropped. Works on functions and methods, `async` or not, and on those that return
/// `impl Future` or `Pin<Box<dyn Future>>`, written so or as `BoxFuture`; together with `#[traced]` in either order.
///
/// | option | default | |
/// |---|---|---|
/// | `"batch.process"`, `name = "batch.process"` | the function's name | value of the label `function` |
/// | `metrics = expr` | the process's ([`global`]) | the [`Metrics`] to record into; the arguments are at hand |
/// | `crate = path` | `obs_metrics`, or that of `obs` | where this crate is, for who exports it under another name |
///
/// Without process metrics a call costs two loads, and nothing is recorded.
///
/// ```
/// use obs_metrics::{Metrics, timed};
///
/// #[timed("batch.process", metrics = metrics)]
/// fn process(metrics: &Metrics, rows: &[f64]) -> Option<f64> {
///     Some(rows.first()? * 2.0)
/// }
///
/// let metrics = Metrics::new(obs_core::ServiceIdentity::default(), Default::default());
/// process(&metrics, &[]);
/// assert!(metrics.text().contains("acm_function_duration_seconds_count{function=\"batch.process\"} 1"));
/// ```
pub use obs_macros::timed;

/// What the macros need; not part of the API.
#[doc(hidden)]
pub mod __private {
    pub use crate::timed::Timed;
    pub use obs_core::__private::*;
}
