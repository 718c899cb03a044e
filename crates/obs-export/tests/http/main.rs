//! The HTTP transport against servers that answer well, badly, or not at all.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests too")]

mod answers;
mod delivery;
mod requests;
mod server;
mod troubles;
