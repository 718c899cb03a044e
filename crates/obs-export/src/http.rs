//! The one HTTP transport: blocking, HTTP/1.1, TLS by rustls; needs no async runtime.
//!
//! [`Endpoint`] is where to, [`HttpClient`] sends and turns whatever comes back, or does not, into an answer that the
//! engine understands.

pub(crate) mod classify;
pub(crate) mod client;
mod endpoint;
pub(crate) mod quote;

pub use client::{HttpClient, HttpError, HttpOptions, Request, Response};
pub use endpoint::{Endpoint, EndpointError};
