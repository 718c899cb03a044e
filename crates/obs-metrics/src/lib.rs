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

pub use cell::{Counter, Gauge, Histogram, Instrument};
pub use error::Error;
pub use exemplar::Exemplar;
pub use family::{Family, MAX_LABEL_BYTES, MAX_SERIES, OVERFLOW};
pub use item::MetricItem;
pub use metrics::Metrics;
pub use negotiate::Format;
pub use reader::MetricReader;
pub use snapshot::{FamilySnapshot, HistogramValue, Kind, Labels, Series, Snapshot, Value};
pub use stage_times::StageTimes;
pub use state::{DriftState, RowState, Severity, Status};
