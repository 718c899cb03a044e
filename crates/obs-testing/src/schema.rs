//! The official schemas, at the versions these servers decode with.
//!
//! The crates behind them use different versions of `prost`; encode and decode with the `Message` trait that
//! comes with each.

/// OTLP messages, of `opentelemetry-proto`.
pub use opentelemetry_proto::tonic as otlp;
/// The `Message` trait of the OTLP messages.
pub use prost::Message as OtlpMessage;

/// Loki's push messages, of `loki-api`. They lack structured metadata, which is field 3 of an entry.
pub use loki_api::logproto as loki;
/// The `Message` trait of Loki's messages.
pub use loki_api::prost::Message as LokiMessage;

/// pprof's messages, of `pprof`, with their `Message` trait.
pub use pprof::protos as pprof;
