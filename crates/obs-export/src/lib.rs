//! One delivery engine for every signal: bounded queue, batch, encode, send, retry, spool, account.
//!
//! A signal crate writes a [`Sink`] for each of its destinations and pushes [`Item`]s into a [`Stream`]; the
//! [`Engine`] does the rest. Every item that is pushed ends in the ledger, exactly once: see [`obs_core::Ledger`].
//!
//! What is guaranteed: an item that a stream accepted is delivered at least once, or counted as dropped for a named reason.
//! With a [`spool`] that holds across crashes, but for the last second before one: see [`Limits::write_ahead`].

mod cpu;
mod delivery;
mod engine;
mod fates;
#[cfg(feature = "grpc")]
pub mod grpc;
mod health;
pub mod http;
mod limits;
mod lot;
mod marks;
pub mod otlp;
mod parcel;
mod quarantine;
mod queue;
mod report;
mod sender;
mod shelf;
pub mod sink;
pub mod spool;
mod spooler;
mod stream;
mod sync;
pub mod wire;

pub use engine::Engine;
pub use limits::{Limits, Retry};
pub use obs_core::Cause;
pub use report::{FlushReport, ShutdownReport};
pub use sink::{Batch, Cut, Encoder, Item, Outcome, Priority, Record, Sink};
pub use spool::{Spool, SpoolError, SpoolOptions};
pub use stream::Stream;
