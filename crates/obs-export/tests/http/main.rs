//! The HTTP transport against servers that answer well, badly, or not at all.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests too")]

mod answers;
mod authority;
mod compression;
mod delivery;
mod process;
mod proxy;
mod requests;
mod secrets;
mod server;
mod timeouts;
mod tls;
mod tls_files;
mod tls_server;
mod troubles;
