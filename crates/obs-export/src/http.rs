//! The one HTTP transport: blocking, HTTP/1.1, TLS by rustls; needs no async runtime.
//!
//! [`Endpoint`] is where to, [`HttpClient`] sends and turns whatever comes back, or does not, into an answer that the
//! engine understands.

mod classify;
mod client;
mod endpoint;

pub use client::{HttpClient, HttpError, HttpOptions, Request, Response};
pub use endpoint::{Endpoint, EndpointError};
