//! Structured logs on [slog]: each record is serialised once, into one JSON line that every sink reads.
//!
//! - [`Logs`] makes loggers; [`info!`], [`warn!`] and their kin write plain lines, [`run!`], [`data!`], [`perf!`] and
//!   the other nine write lines of a [`LogCategory`].
//! - [`LogLine`] is a line on its way; [`SCHEMA`] says what it looks like.
//! - [`sinks`] are the destinations: terminal, file, Loki, SQLite.
//!
//! # What a line holds
//! In this order: `timestamp`, `level`, `message`, `category`, `component`, `logger`, `service`, `environment`, the run
//! context (`equipment`, `equip_id`, `run_id`, `batch_num`, `batch_total`, `request_id`, `tenant_id`, `operation`),
//! `duration_ms`, `trace_id` and `span_id` inside spans, `source`, then the caller's fields. What is unknown is left out.
//!
//! - A field named `component`, `duration_ms` or like a key of the run context fills that place, if its value has the
//!   right type. Any other field whose key is taken becomes `field_<key>`; [`Counts::renamed`] counts them.
//! - Of two fields with one key the one nearer to the record wins: the record's, its logger's, its logger's parent's.
//! - Numbers stay numbers. NaN and infinities become `null` ([`Counts::not_finite`]); integers outside of 64 bits become
//!   decimal strings, because most readers would round them. Bytes become lower-case hex, `None` and `()` `null`.
//! - Control characters are escaped, so that one record is one line. Nothing is cut, however long.

mod category;
mod counts;
mod encode;
mod fields;
mod json;
mod level;
mod line;
mod logs;
mod macros;
mod members;
mod schema;
pub mod sinks;
mod slots;
#[cfg(test)]
mod testing;
mod timestamp;

pub use category::LogCategory;
pub use counts::Counts;
pub use level::{Level, LevelError};
pub use line::LogLine;
pub use logs::{Logs, LogsBuilder};
#[doc(hidden)]
pub use macros::enabled;
pub use members::Members;
pub use schema::SCHEMA;
pub use slog;
