//! What every signal of obs shares: who is speaking ([`ServiceIdentity`], [`RunContext`]), where the thread stands
//! ([`active`]), how things are named ([`names`], [`keys`]) and configured ([`config`]), and the account of every item
//! ([`Ledger`]).
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
pub mod identity;
pub mod ids;
pub mod keys;
pub mod ledger;
pub mod names;
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
pub use identity::ServiceIdentity;
pub use ids::{Ids, RunId, SpanId, TraceId};
pub use ledger::{DropReason, Fate, Ledger, LedgerSnapshot, Signal};
pub use names::{Category, Phase, SpanKind};
pub use sampling::SamplerConfig;
pub use secret::Secret;
pub use stage::Stage;
