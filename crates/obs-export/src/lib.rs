//! One delivery engine for every signal: bounded queue, batch, encode, send, retry, account.

pub mod sink;

pub use sink::{Item, Outcome, Sink};
