//! What Prometheus' own tool says of the exposition and of the queries in the guide. Without the tool these checks say that
//! they were skipped.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]
#![expect(clippy::print_stderr, reason = "a check that did not run says so")]

mod exposition;
mod queries;
mod support;
