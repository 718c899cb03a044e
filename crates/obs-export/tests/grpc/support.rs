//! Messages, clients, and what the tests want to know of an outcome.

use obs_export::grpc::{GrpcClient, GrpcOptions, TRACES};
use obs_export::{Cause, Outcome};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message;
use std::time::Duration;

/// Longer than anything here takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A request with spans of these names.
pub(crate) fn message(names: &[&str]) -> Vec<u8> {
    let span = |name: &&str| Span {
        name: (*name).to_owned(),
        trace_id: vec![1; 16],
        span_id: vec![2; 8],
        ..Span::default()
    };
    let scope_spans = vec![ScopeSpans { spans: names.iter().map(span).collect(), ..ScopeSpans::default() }];
    let group = ResourceSpans { scope_spans, ..ResourceSpans::default() };
    ExportTraceServiceRequest { resource_spans: vec![group] }.encode_to_vec()
}

/// A client of the trace service.
pub(crate) fn client(url: &str, options: &GrpcOptions) -> GrpcClient {
    GrpcClient::new(&url.parse().unwrap(), TRACES, options).unwrap()
}

/// Options that no busy machine overruns.
pub(crate) fn patient() -> GrpcOptions {
    GrpcOptions { timeout: PATIENCE, connect_timeout: PATIENCE, ..GrpcOptions::default() }
}

/// Options that are soon out of patience.
pub(crate) fn impatient() -> GrpcOptions {
    let short = Duration::from_millis(400);
    GrpcOptions { timeout: short, connect_timeout: short, ..GrpcOptions::default() }
}

/// One call with one span to `url`.
pub(crate) fn call(url: &str, options: &GrpcOptions) -> Result<Vec<u8>, Outcome> {
    client(url, options).call(&message(&["marker"]))
}

/// Cause, wait and message of a retry.
pub(crate) fn retry(result: Result<Vec<u8>, Outcome>) -> (Cause, Option<Duration>, String) {
    match result {
        Err(Outcome::Retry { cause, after, message }) => (cause, after, message),
        other => panic!("expected a retry, got {other:?}"),
    }
}
