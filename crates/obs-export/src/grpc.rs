//! OTLP over gRPC (feature `grpc`): blocking calls on top of HTTP/2, TLS by rustls.
//!
//! [`GrpcClient`] can be used from any thread, inside an async runtime or without one: its own thread drives the
//! connection. Proxies of the environment are not used.

mod channel;
mod classify;
mod client;
mod connect;
mod frame;
mod options;
mod status;
mod tls;

pub use client::GrpcClient;
pub use options::{GrpcError, GrpcOptions, endpoint};

pub use crate::otlp::{LOGS, METRICS, TRACES};
