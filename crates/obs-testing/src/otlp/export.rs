//! One export request: decoding, id checks, and the response message.

use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsPartialSuccess, ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::Message;

use super::seen::{self, OtlpSeen};

/// One of the signals of OTLP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// `/v1/traces`
    Traces,
    /// `/v1/metrics`
    Metrics,
    /// `/v1/logs`
    Logs,
}

impl Signal {
    pub(super) fn of_path(path: &str) -> Option<Self> {
        match path {
            "/v1/traces" => Some(Self::Traces),
            "/v1/metrics" => Some(Self::Metrics),
            "/v1/logs" => Some(Self::Logs),
            _ => None,
        }
    }
}

/// `google.rpc.Status`, the body of an OTLP error.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct RpcStatus {
    /// A `google.rpc.Code`: 3 is an invalid argument.
    #[prost(int32, tag = "1")]
    pub code: i32,
    /// What is wrong, for people.
    #[prost(string, tag = "2")]
    pub message: String,
    /// What is wrong, for programs.
    #[prost(message, repeated, tag = "3")]
    pub details: Vec<RpcDetail>,
}

/// `google.protobuf.Any`, in which a detail of a status is packed.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct RpcDetail {
    /// Ends in the name of the message: `type.googleapis.com/google.rpc.RetryInfo`.
    #[prost(string, tag = "1")]
    pub type_url: String,
    /// The message, encoded.
    #[prost(bytes = "vec", tag = "2")]
    pub value: Vec<u8>,
}

impl RpcStatus {
    pub(super) fn invalid_argument(message: String) -> Self {
        Self { code: 3, message, details: vec![] }
    }
}

/// A part of a request that is to be refused: how many items, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rejection {
    pub(super) items: usize,
    pub(super) message: String,
}

/// Decodes a request, or says why it cannot be.
pub(super) fn decode(signal: Signal, body: &[u8]) -> Result<OtlpSeen, String> {
    let mut seen = OtlpSeen::default();
    match signal {
        Signal::Traces => seen.spans = seen::spans(message::<ExportTraceServiceRequest>(body)?),
        Signal::Metrics => seen.metrics = seen::metrics(message::<ExportMetricsServiceRequest>(body)?),
        Signal::Logs => seen.log_records = seen::log_records(message::<ExportLogsServiceRequest>(body)?),
    }
    check_ids(&seen)?;
    Ok(seen)
}

fn message<M: Message + Default>(body: &[u8]) -> Result<M, String> {
    M::decode(body).map_err(|error| format!("body is not the request message of this path: {error}"))
}

/// Ids have a fixed length on the wire. Spans must have both of theirs and may lack a parent, log records may
/// lack any (`trace.proto`, `logs.proto`).
pub(super) fn check_ids(seen: &OtlpSeen) -> Result<(), String> {
    for SpanSeenIds { name, trace, span, parent } in seen.spans.iter().map(SpanSeenIds::of) {
        id_length(trace, &[16]).map_err(|error| format!("span {name:?}: trace id {error}"))?;
        id_length(span, &[8]).map_err(|error| format!("span {name:?}: span id {error}"))?;
        id_length(parent, &[0, 8]).map_err(|error| format!("span {name:?}: parent span id {error}"))?;
    }
    for log in &seen.log_records {
        id_length(&log.record.trace_id, &[0, 16]).map_err(|error| format!("log record: trace id {error}"))?;
        id_length(&log.record.span_id, &[0, 8]).map_err(|error| format!("log record: span id {error}"))?;
    }
    Ok(())
}

struct SpanSeenIds<'a> {
    name: &'a str,
    trace: &'a [u8],
    span: &'a [u8],
    parent: &'a [u8],
}

impl<'a> SpanSeenIds<'a> {
    fn of(seen: &'a seen::SpanSeen) -> Self {
        let span = &seen.span;
        Self { name: &span.name, trace: &span.trace_id, span: &span.span_id, parent: &span.parent_span_id }
    }
}

fn id_length(id: &[u8], accepted: &[usize]) -> Result<(), String> {
    if accepted.contains(&id.len()) {
        return Ok(());
    }
    Err(format!("has {} bytes, accepted: {accepted:?}", id.len()))
}

/// The encoded response message, with `partial_success` if a part was refused.
pub(super) fn response(signal: Signal, rejection: Option<Rejection>) -> Vec<u8> {
    let rejection = rejection.map(|Rejection { items, message }| (items as i64, message));
    match signal {
        Signal::Traces => ExportTraceServiceResponse {
            partial_success: rejection.map(|(rejected_spans, error_message)| ExportTracePartialSuccess {
                rejected_spans,
                error_message,
            }),
        }
        .encode_to_vec(),
        Signal::Metrics => ExportMetricsServiceResponse {
            partial_success: rejection.map(|(rejected_data_points, error_message)| {
                ExportMetricsPartialSuccess { rejected_data_points, error_message }
            }),
        }
        .encode_to_vec(),
        Signal::Logs => ExportLogsServiceResponse {
            partial_success: rejection.map(|(rejected_log_records, error_message)| {
                ExportLogsPartialSuccess { rejected_log_records, error_message }
            }),
        }
        .encode_to_vec(),
    }
}
