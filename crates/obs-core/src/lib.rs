//! What every signal of obs shares: who is speaking ([`ServiceIdentity`], [`RunContext`]), where the thread stands
//! ([`active`]), how things are named ([`names`], [`keys`]) and configured ([`config`]), what may be recorded ([`redact`]),
//! and the account of every item ([`Ledger`]).
//!
//! No I/O beyond reading configuration and what the machine says of itself ([`resource`]), no back end, no async runtime.

pub mod active;
pub mod baggage;
pub mod cause;
pub mod clock;
pub mod config;
pub mod context;
pub mod diag;
pub mod fork;
pub mod global;
pub mod identity;
pub mod ids;
pub mod keys;
pub mod ledger;
pub mod names;
pub mod redact;
pub mod resource;
pub mod sampling;
pub mod secret;
mod stage;

pub use baggage::{Baggage, BaggagePolicy};
pub use cause::Cause;
pub use clock::Clock;
pub use config::{BatchConfig, Config, SpanLimits};
pub use context::{RunContext, SharedContext};
pub use diag::{Diag, DiagLevel};
pub use global::Global;
pub use identity::ServiceIdentity;
pub use ids::{Ids, RunId, SpanId, TraceId};
pub use ledger::{DropReason, Fate, Ledger, LedgerSnapshot, Signal};
pub use names::{Category, Phase, SpanKind};
pub use redact::Redactor;
pub use sampling::SamplerConfig;
pub use secret::Secret;
pub use stage::Stage;

/// What the macros of all crates need; not part of the API.
#[doc(hidden)]
#[path = "for_macros.rs"]
pub mod __private;
