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
const HAS_IS_REMOTE: u32 = 0x100;
/// `SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK`: it is.
pub(crate) const IS_REMOTE: u32 = 0x200;
/// `Status.StatusCode.STATUS_CODE_OK`.
pub(crate) const STATUS_OK: u8 = 1;
/// `Status.StatusCode.STATUS_CODE_ERROR`.
pub(crate) const STATUS_ERROR: u8 = 2;

/// `SpanFlags`: the low byte has W3C's flags (sampled, random), then comes whether the parent, or the span that is linked to,
/// is remote.
pub(crate) fn flags(sampled: bool, random: bool, remote: bool) -> u32 {
    let remote = if remote { IS_REMOTE } else { 0 };
    HAS_IS_REMOTE | remote | u32::from(random) << 1 | u32::from(sampled)
}
