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

/// The call that takes an `ExportTraceServiceRequest`.
pub const TRACES: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
/// The call that takes an `ExportMetricsServiceRequest`.
pub const METRICS: &str = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
/// The call that takes an `ExportLogsServiceRequest`.
pub const LOGS: &str = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
