//! A Loki push endpoint: snappy protobuf and JSON, validated with Loki's default limits.
//!
//! Format and limits are those of the
//! [push API](https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs) and of
//! [request validation](https://grafana.com/docs/loki/latest/operations/request-validation-rate-limits/). As in
//! Loki, an invalid stream or line makes the answer a 400 but does not take the valid ones with it.

mod labels;
mod push;
mod server;
#[cfg(test)]
mod tests;
mod validate;

pub use labels::{LabelError, parse_labels};
pub use server::{LineSeen, LokiServer};
pub use validate::{MAX_LABEL_NAMES, MAX_LINE};
