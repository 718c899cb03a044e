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
//! A guard restores the previous active span when it drops, and is `!Send`: to go on in another thread, take
//! [`obs_core::active::capture`] along.

mod buffer;
mod callsite;
mod error_type;
mod guard;
mod macros;
pub mod otlp;
pub mod propagation;
mod record;
mod sampler;
pub mod sink;
mod tracer;
mod value;

pub use callsite::CallSite;
pub use guard::SpanGuard;
pub use record::{Event, Outcome, SpanRecord, Status};
pub use sampler::Sampler;
pub use tracer::{Tracer, TracerBuilder};
pub use value::Value;

/// What the macros need; not part of the API.
#[doc(hidden)]
pub mod __private {
    pub use crate::callsite::check_literal;
}
