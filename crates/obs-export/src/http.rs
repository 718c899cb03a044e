//! The one HTTP transport: blocking, HTTP/1.1, TLS by rustls; needs no async runtime.
//!
//! [`Endpoint`] is where to, [`HttpClient`] sends and turns whatever comes back, or does not, into an answer that the
//! engine understands.

pub(crate) mod body;
pub(crate) mod classify;
mod client;
mod endpoint;
pub(crate) mod options;
pub(crate) mod quote;
pub(crate) mod tls;

pub use client::{HttpClient, Request, Response};
pub use endpoint::{Endpoint, EndpointError};
pub use obs_core::config::Compression;
pub use options::{HttpError, HttpOptions};
pub use tls::{TlsError, TlsOptions};
