//! A layer for `tracing-subscriber`: spans and events of libraries that use `tracing` land in our traces.
//!
//! ```
//! use obs_trace::{Tracer, bridge, span};
//! use tracing_subscriber::layer::SubscriberExt;
//!
//! let tracer = Tracer::for_tests();
//! let subscriber = tracing_subscriber::registry().with(bridge::tracing::layer(tracer.clone()));
//! // A program says `tracing::subscriber::set_global_default(subscriber)` once.
//! tracing::subscriber::with_default(subscriber, || {
//!     let _run = span!(tracer, "pipeline.run");
//!     let _work = tracing::info_span!("library.work", rows = 3).entered();
//!     tracing::info!(free = 0.5, "half done");
//!     drop(span!(tracer, "load.data"));
//! });
//! let spans = tracer.take_finished();
//! let names: Vec<_> = spans.iter().map(|s| s.name.as_ref()).collect();
//! assert_eq!(names, ["load.data", "library.work", "pipeline.run"]);
//! assert_eq!(spans[0].parent, Some(spans[1].span_id));
//! assert_eq!(spans[1].parent, Some(spans[2].span_id));
//! assert_eq!(spans[1].events[0].name, "half done");
//! ```
//!
//! # What becomes of what
//!
//! - A span has its name as it is, free text too, and its fields as attributes with their types; integers that `i64` does
//!   not hold are text. Fields printed with `%` or `?`, and errors, are text, cut at the limit of values while it is
//!   printed. Fields recorded later, and `follows_from` as a link, are there as well.
//! - While a span is entered it is the active one of its thread: for [`span!`](crate::span), log lines, exemplars and
//!   profiles. Its parent is the thread's active span, whether that is one of ours or of `tracing`, unless it says
//!   `parent:`.
//! - An event is an event of the innermost span of `tracing` around it: its name is its message, its attributes are its
//!   fields, `level` and `target`. One of level ERROR makes the span fail.
//! - The fields `otel.name`, `otel.kind`, `otel.status_code` and `otel.status_description`, which libraries set for other
//!   layers, are name, kind and status.
//!
//! Which spans and events, a filter says: `layer(tracer).with_filter(LevelFilter::INFO)`.
//!
//! # Limits
//!
//! - Events outside spans of `tracing` are not recorded, also within spans of ours.
//! - A subscriber has one such layer.
//! - How long a span was entered, and how long it waited, is not recorded.

mod entered;
mod layer;
#[cfg(test)]
mod tests;
mod visit;

pub use layer::{Layer, layer};
