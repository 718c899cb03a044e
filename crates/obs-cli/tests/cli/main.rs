//! What the `obs` command promises, seen from outside: the real binary, real files, real sockets.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail their test")]

mod artifacts;
mod bad_files;
mod bad_options;
mod bad_targets;
mod card;
mod command;
mod correlation;
mod full_run;
mod ledger;
mod log_lines;
mod metrics;
mod refusal;
mod repeatable;
mod secrets;
mod spool;
mod trace;
mod unreachable;
