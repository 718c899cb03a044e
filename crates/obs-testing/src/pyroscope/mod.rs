//! A Pyroscope `/ingest` endpoint for pprof profiles.
//!
//! It follows the [server HTTP API](https://grafana.com/docs/pyroscope/latest/reference-server-api/#ingestion)
//! and the server's way of choosing a format: with `format=pprof` the body itself is the profile, whatever its
//! content type; a `multipart/form-data` body, with the profile in the part `profile`, goes without `format`.

mod ingest;
mod multipart;
mod name;
pub mod samples;
mod server;
#[cfg(test)]
mod tests;

pub use samples::{LabelValue, SampleError, SampleSeen};
pub use server::{ProfileSeen, PyroscopeServer};
