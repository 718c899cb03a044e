//! OTLP over gRPC against servers that answer well, badly, or not at all.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests too")]

mod answers;
mod callers;
mod delivery;
mod encryption;
mod frames;
mod requests;
mod support;
mod troubles;
