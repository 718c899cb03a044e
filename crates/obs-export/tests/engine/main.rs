//! What the delivery engine promises, with sinks that do as each test says.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests are tests too")]

mod answers;
mod batches;
mod bundles;
mod flush;
mod property;
mod shutdown;
mod spool;
mod stress;
mod support;
