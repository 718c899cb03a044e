//! The `opentelemetry` API over our recorder: libraries that are instrumented with it record spans of ours.
//!
//! ```
//! use obs_trace::bridge::otel::TracerProvider;
//! use obs_trace::{Tracer, span};
//! use opentelemetry::trace::{Tracer as _, TracerProvider as _};
//!
//! let tracer = Tracer::for_tests();
//! // A program says `opentelemetry::global::set_tracer_provider(provider)` once.
//! let provider = TracerProvider::new(tracer.clone());
//! let library = provider.tracer("library");
//! {
//!     let _run = span!(tracer, "pipeline.run");
//!     library.in_span("library.work", |_| drop(span!(tracer, "load.data")));
//! }
//! let spans = tracer.take_finished();
//! let names: Vec<_> = spans.iter().map(|s| s.name.as_ref()).collect();
//! assert_eq!(names, ["load.data", "library.work", "pipeline.run"]);
//! assert_eq!(spans[0].parent, Some(spans[1].span_id));
//! assert_eq!(spans[1].parent, Some(spans[2].span_id));
//! ```
//!
//! # How spans nest
//!
//! While a `Context` with a span is attached to a thread, whoever attached it, that span is the thread's active one: for
//! [`span!`](crate::span), log lines, exemplars and profiles. For that the first [`TracerProvider`] makes [`ContextFollower`]
//! the context observer of the process. There is one such observer for all: a program that has another calls the follower
//! from it. [`follows_contexts`] says whether it is called.
//!
//! The parent of a span of this API is, in this order:
//!
//! 1. the span of the `Context` that it is given, when that differs from the one of the thread's current `Context`;
//! 2. the thread's active span, which may be one of ours within the one of the current `Context`;
//! 3. none.
//!
//! # Limits
//!
//! - The observer is a feature of `opentelemetry` 0.33 that is called experimental there. Where [`follows_contexts`] says
//!   no, spans of this API have the right parents, but ours do not nest in theirs.
//! - A `Context` does not carry our spans: `Context::current()` taken along to another thread takes the innermost span of
//!   the API. [`carry`](crate::carry()) and [`FutureExt::in_current`](crate::FutureExt::in_current) take along both.
//! - A scope is recorded as the attributes `otel.scope.name` and `otel.scope.version`; its own attributes are not.
//! - Samplers decide by name and trace, as [`Sampler`](crate::Sampler) says, and not by attributes.

mod convert;
mod follow;
mod span;
#[cfg(test)]
mod tests;
mod tracer;

pub use convert::InvalidSpanContext;
pub(crate) use follow::state_of_current;
pub use follow::{ContextFollower, follows_contexts};
pub use span::Span;
pub use tracer::{Tracer, TracerProvider};
