//! Spans: [`span!`], the recorder behind it, and OTLP in protobuf and JSON.
//!
//! ```
//! use obs_trace::{Tracer, span};
//! use obs_core::active;
//!
//! let tracer = Tracer::for_tests();
//! {
//!     let _run = span!(tracer, "pipeline.run");
//!     let mut fit = span!(tracer, "fit.pca", n_samples = 1500, n_features = 9);
//!     fit.set("n_components", 3);
//!     assert!(active::span().is_some());
//! }
//! let spans = tracer.take_finished();
//! assert_eq!(spans[0].name, "fit.pca");
//! assert_eq!(spans[0].parent, Some(spans[1].span_id));
//! ```
//!
//! Without the feature `record`, which is on by default, nothing is recorded: every call is there and compiles to nothing.
//! `cargo xtask features-off` checks that it does.
//!
//! A guard restores the previous active span when it drops, and is `!Send`: to go on in another thread, take
//! [`obs_core::active::capture`] along.

mod batch;
pub mod bridge;
mod callsite;
mod carry;
mod collector;
mod error_type;
mod future;
mod global;
mod guard;
mod instrumented;
mod literal;
mod macros;
pub mod operations;
pub mod otlp;
pub mod propagation;
mod record;
mod recorder;
mod resources;
mod sampler;
pub mod sink;
mod span;
mod span_builder;
mod sync;
mod traced;
mod tracer;
mod value;

pub use batch::SpanBatch;
pub use callsite::CallSite;
#[cfg(feature = "tokio")]
pub use carry::task;
pub use carry::{carry, carry_each, thread};
pub use future::{FutureExt, InCurrent, InSpan};
pub use global::{DefaultGuard, global, set_default, set_global, with_default};
pub use guard::SpanGuard;
pub use instrumented::{Instrumented, instrument};
pub use operations::global::{cache_op, db_query, operation};
pub use record::{Attributes, Event, Link, Outcome, SpanRecord, Status};
pub use sampler::Sampler;
pub use span::Span;
pub use span_builder::SpanBuilder;
pub use tracer::{Tracer, TracerBuilder};
pub use value::Value;

#[doc = include_str!("traced.md")]
pub use obs_macros::traced;

/// What the macros need; not part of the API.
#[doc(hidden)]
pub mod __private {
    pub use crate::global::start;
    pub use crate::literal::Literal;
    pub use crate::traced::*;
    pub use obs_core::__private::*;
    pub use obs_core::keys::FUNCTION_NAME;
    pub use obs_core::names::SpanKind;
}
