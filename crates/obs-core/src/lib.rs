//! What every signal of obs shares: who is speaking ([`ServiceIdentity`], [`RunContext`]), where the thread stands
//! ([`active`]), how things are named ([`names`], [`keys`]) and configured ([`config`]), what may be recorded ([`redact`]),
//! and the account of every item ([`Ledger`]).
//!
//! No I/O beyond reading configuration, no back end, no async runtime.

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
pub mod secret;

pub use baggage::{Baggage, BaggagePolicy};
pub use cause::Cause;
pub use clock::Clock;
pub use config::Config;
pub use context::{RunContext, SharedContext};
pub use diag::{Diag, DiagLevel};
pub use global::Global;
pub use identity::ServiceIdentity;
pub use ids::{Ids, RunId, SpanId, TraceId};
pub use ledger::{DropReason, Fate, Ledger, LedgerSnapshot, Signal};
pub use names::{Category, Phase, SpanKind};
pub use redact::Redactor;
pub use secret::Secret;

/// What the macros of all crates need; not part of the API. They name everything by its path from here, because any name may
/// mean something else where they are used.
#[doc(hidden)]
pub mod __private {
    pub use crate::names::check_literal;
    pub use core::option::Option::{self, None, Some};
    pub use core::result::Result::{Err, Ok};
    pub use core::{concat, module_path};
    pub use std::boxed::Box;

    /// Calls the body of a function: within the closure, `return` and `?` lead no further than here.
    pub fn call<T>(body: impl FnOnce() -> T) -> T {
        body()
    }
}
