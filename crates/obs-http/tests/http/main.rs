//! The endpoint from the outside: bare sockets, many at once, and the real Prometheus.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]
#![expect(clippy::print_stderr, reason = "a check that did not run says so")]

mod client;
mod concurrency;
mod endpoint;
mod prometheus;
