//! OTLP: the same spans as protobuf (opentelemetry-proto 1.x, `trace/v1/trace.proto`) and as OTLP JSON.

mod json;
mod proto;

pub use json::{span_json, trace_data_json};
pub use proto::{export_request, write_resource, write_span};

/// Instrumentation scope of every span.
pub(crate) const SCOPE: &str = "obs";
/// `SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK` with `is_remote` unset, and W3C's sampled flag: a recorded local span.
pub(crate) const FLAGS: u32 = 0x100 | 0x01;
/// `Status.StatusCode.STATUS_CODE_ERROR`.
pub(crate) const STATUS_ERROR: u64 = 2;
