//! The ends of a process, with processes that end: `child.rs` is their program.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail their test")]

mod others;
mod process;
mod signals;
mod ways;
