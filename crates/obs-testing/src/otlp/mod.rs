//! OTLP receivers, over HTTP and over gRPC: traces, metrics and logs in binary protobuf.
//!
//! They follow the [OTLP specification](https://opentelemetry.io/docs/specs/otlp/): over HTTP, success is a
//! 200 with the signal's response message, a bad request is a 400 with a `google.rpc.Status` message. The gRPC side is
//! tonic with the services of `opentelemetry-proto`.

mod export;
pub mod grpc;
mod seen;
mod server;
mod state;
#[cfg(test)]
mod tests;

pub use export::{RpcDetail, RpcStatus, Signal};
pub use grpc::{Gate, GrpcCall, GrpcReply, OtlpGrpcServer, ServerTls};
pub use seen::{Attributes, LogSeen, MetricSeen, OtlpSeen, SpanSeen};
pub use server::OtlpServer;
