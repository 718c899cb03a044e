//! OTLP: spans as protobuf (`opentelemetry/proto/trace/v1/trace.proto`, written and read) and as OTLP JSON.

mod json;
mod proto;
mod read;

pub use json::{span_json, trace_data_json};
pub use proto::{export_request, write_export_request, write_resource};
pub(crate) use proto::{write_any, write_attribute};
#[cfg(feature = "opentelemetry-sdk")]
pub(crate) use read::read_resource;
pub(crate) use read::{cut_spans, read_spans};

/// Instrumentation scope of every span.
pub(crate) const SCOPE: &str = "obs";
/// `SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK`: it is known whether the parent is remote.
pub(crate) const HAS_IS_REMOTE: u32 = 0x100;
/// `Status.StatusCode.STATUS_CODE_OK`.
pub(crate) const STATUS_OK: u8 = 1;
/// `Status.StatusCode.STATUS_CODE_ERROR`.
pub(crate) const STATUS_ERROR: u8 = 2;
