//! An OTLP/HTTP receiver: traces, metrics and logs in binary protobuf.
//!
//! It follows the [OTLP specification](https://opentelemetry.io/docs/specs/otlp/): success is a 200 with the
//! signal's response message, a bad request is a 400 with a `google.rpc.Status` message.

mod export;
mod seen;
mod server;
#[cfg(test)]
mod tests;

pub use export::{RpcStatus, Signal};
pub use seen::{Attributes, LogSeen, MetricSeen, OtlpSeen, SpanSeen};
pub use server::OtlpServer;
