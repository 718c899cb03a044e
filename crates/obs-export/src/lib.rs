//! One delivery engine for every signal: bounded queue, batch, encode, send, retry, account.
//!
//! A signal crate writes a [`Sink`] for each of its destinations and pushes [`Item`]s into a [`Stream`]; the
//! [`Engine`] does the rest. Every item that is pushed ends in the ledger, exactly once: see [`obs_core::Ledger`].

mod cause;
mod engine;
#[cfg(feature = "grpc")]
pub mod grpc;
mod health;
pub mod http;
mod limits;
mod lot;
pub mod otlp;
mod queue;
mod report;
pub mod sink;
mod stream;
pub mod wire;
mod worker;

pub use cause::Cause;
pub use engine::Engine;
pub use limits::{Limits, Retry};
pub use report::{FlushReport, ShutdownReport};
pub use sink::{Item, Outcome, Sink};
pub use stream::Stream;
