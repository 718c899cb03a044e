//! What crosses a process boundary: [`SpanContext`] and [`Baggage`](obs_core::Baggage), in headers ([`Propagators`]) and
//! in the environment of processes ([`mod@env`]).
//!
//! The formats are W3C Trace Context (level 2) and W3C Baggage.
//!
//! ```
//! use obs_trace::propagation::{Propagators, SpanContext};
//! use std::collections::HashMap;
//!
//! let incoming: HashMap<String, String> = HashMap::from([
//!     ("traceparent".into(), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
//!     ("baggage".into(), "plant=north".into()),
//! ]);
//! let propagators = Propagators::default();
//! let extracted = propagators.extract(&incoming);
//! let parent = extracted.parent.ok_or("no parent")?;
//! assert!(parent.sampled && parent.is_remote);
//! assert_eq!(extracted.baggage.get("plant"), Some("north"));
//!
//! let here = SpanContext { span_id: "00f067aa0ba902b7".parse()?, is_remote: false, ..parent };
//! let mut outgoing = HashMap::new();
//! propagators.inject(&here, &extracted.baggage, &mut outgoing);
//! assert_eq!(outgoing["traceparent"], "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! From within a span, [`inject_current`] does the same for whatever is active.
//!
//! [`Propagators::extract`] never fails: headers that are no good are as if they were not there.
//! [`Propagators::try_extract`] says what was wrong with them.

mod carrier;
mod current;
pub mod env;
mod error;
#[cfg(feature = "http")]
mod header_map;
mod propagators;
mod span_context;
mod trace_state;
mod traceparent;

pub use carrier::{Extractor, Injector};
pub(crate) use current::{at, of_place};
pub use current::{current, current_baggage, inject_current};
pub use error::{PropagationError, PropagatorsError, Unreadable};
pub use propagators::{Extracted, Propagators};
pub use span_context::SpanContext;
pub use trace_state::TraceState;

/// Name of the header that holds trace id, span id and flags.
pub const TRACEPARENT: &str = "traceparent";
/// Name of the header that holds what tracing systems tell themselves.
pub const TRACESTATE: &str = "tracestate";
/// Name of the header that holds baggage.
pub const BAGGAGE: &str = "baggage";
