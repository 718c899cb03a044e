//! Tests of `otlp`.

use std::io::Write;
use std::thread;

use opentelemetry_proto::tonic::collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{Metric, ResourceMetrics, ScopeMetrics};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message;

use super::{OtlpServer, RpcStatus, Signal};
use crate::http::Reply;
use crate::raw_client::{Answer, PATIENCE, connect, read_all, send};

fn post(server: &OtlpServer, path: &str, body: &[u8]) -> Answer {
    send(server.http().address(), "POST", path, &[("content-type", "application/x-protobuf")], body)
}

fn resource(service: &str) -> Resource {
    let value = Some(AnyValue { value: Some(Value::StringValue(service.to_owned())) });
    let name = KeyValue { key: "service.name".to_owned(), value, ..KeyValue::default() };
    let empty = KeyValue { key: "no.value".to_owned(), ..KeyValue::default() };
    Resource { attributes: vec![name, empty], ..Resource::default() }
}

fn span(name: &str) -> Span {
    Span { name: name.to_owned(), trace_id: vec![1; 16], span_id: vec![2; 8], ..Span::default() }
}

fn traces(service: &str, spans: Vec<Span>) -> Vec<u8> {
    let scope = Some(InstrumentationScope { name: "scope".to_owned(), ..InstrumentationScope::default() });
    let scope_spans = vec![ScopeSpans { scope, spans, ..ScopeSpans::default() }];
    let group = ResourceSpans { resource: Some(resource(service)), scope_spans, ..ResourceSpans::default() };
    ExportTraceServiceRequest { resource_spans: vec![group] }.encode_to_vec()
}

#[test]
fn spans_are_kept_with_their_resource_and_answered_in_protobuf() {
    let server = OtlpServer::start().unwrap();
    let answer = post(&server, "/v1/traces", &traces("acm", vec![span("run"), span("load")]));
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("content-type: application/x-protobuf\r\n"));
    let decoded = ExportTraceServiceResponse::decode(answer.body.as_slice()).unwrap();
    assert_eq!(decoded.partial_success, None);
    let spans = server.spans();
    assert_eq!(spans.iter().map(|seen| seen.span.name.as_str()).collect::<Vec<_>>(), ["run", "load"]);
    assert_eq!(spans[1].resource.get("service.name"), Some(&Value::StringValue("acm".to_owned())));
    assert_eq!((spans[1].resource.len(), spans[1].scope.as_str()), (1, "scope"));
}

#[test]
fn metrics_and_logs_are_kept_too() {
    let server = OtlpServer::start().unwrap();
    let metrics = vec![Metric { name: "rows".to_owned(), ..Metric::default() }];
    let scope_metrics = vec![ScopeMetrics { metrics, ..ScopeMetrics::default() }];
    let group =
        ResourceMetrics { resource: Some(resource("m")), scope_metrics, ..ResourceMetrics::default() };
    let body = ExportMetricsServiceRequest { resource_metrics: vec![group] }.encode_to_vec();
    assert_eq!(post(&server, "/v1/metrics", &body).status, 200);
    assert_eq!(server.metrics()[0].metric.name, "rows");
    assert!(server.metrics()[0].resource.contains_key("service.name"));

    assert_eq!(post(&server, "/v1/logs", &logs(1)).status, 200);
    assert_eq!(server.log_records()[0].record.severity_text, "0");
    assert!(server.log_records()[0].resource.contains_key("service.name"));
    assert!(server.wait_for(|seen| seen.metrics.len() == 1 && seen.log_records.len() == 1, PATIENCE));
}

fn logs(count: usize) -> Vec<u8> {
    let record = |number: usize| LogRecord { severity_text: number.to_string(), ..LogRecord::default() };
    let scope_logs =
        vec![ScopeLogs { log_records: (0..count).map(record).collect(), ..ScopeLogs::default() }];
    let group = ResourceLogs { resource: Some(resource("l")), scope_logs, ..ResourceLogs::default() };
    ExportLogsServiceRequest { resource_logs: vec![group] }.encode_to_vec()
}

#[test]
fn a_scripted_rejection_is_a_partial_success_of_its_signal() {
    let server = OtlpServer::start().unwrap();
    server.reject(Signal::Logs, 2, "too old");
    assert_eq!(post(&server, "/v1/traces", &traces("acm", vec![span("run")])).status, 200);
    assert_eq!(server.spans().len(), 1);
    let answer = post(&server, "/v1/logs", &logs(3));
    let partial = ExportLogsServiceResponse::decode(answer.body.as_slice()).unwrap().partial_success.unwrap();
    assert_eq!(
        (answer.status, partial.rejected_log_records, partial.error_message.as_str()),
        (200, 2, "too old")
    );
    assert_eq!(server.log_records().len(), 1);
    assert_eq!(post(&server, "/v1/logs", &logs(3)).body, b"");
    assert_eq!(server.log_records().len(), 4);
}

#[test]
fn bad_bodies_are_a_400_with_a_status_message() {
    let server = OtlpServer::start().unwrap();
    let short_id = Span { trace_id: vec![1; 15], ..span("run") };
    let long_parent = Span { parent_span_id: vec![1; 9], ..span("run") };
    for body in
        [b"\xff\xff".to_vec(), traces("a", vec![short_id]), traces("a", vec![span("ok"), long_parent])]
    {
        let answer = post(&server, "/v1/traces", &body);
        let status = RpcStatus::decode(answer.body.as_slice()).unwrap();
        assert_eq!((answer.status, status.code, status.message.is_empty()), (400, 3, false));
    }
    assert_eq!(server.spans(), []);
}

#[test]
fn wrong_paths_methods_and_types_are_refused() {
    let server = OtlpServer::start().unwrap();
    let address = server.http().address();
    let protobuf = [("content-type", "application/x-protobuf")];
    assert_eq!(send(address, "POST", "/v1/other", &protobuf, b"").status, 404);
    assert_eq!(send(address, "GET", "/v1/traces", &protobuf, b"").status, 405);
    assert_eq!(send(address, "POST", "/v1/traces", &[("content-type", "text/plain")], b"").status, 415);
    assert_eq!(send(address, "POST", "/v1/traces", &[], b"").status, 415);
}

#[test]
fn a_test_can_wait_for_spans_from_another_thread() {
    let server = OtlpServer::start().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| post(&server, "/v1/traces", &traces("acm", vec![span("run")])));
        assert!(server.wait_for(|seen| seen.spans.iter().any(|seen| seen.span.name == "run"), PATIENCE));
    });
}

#[test]
fn it_drops_while_a_client_hangs() {
    let server = OtlpServer::start().unwrap();
    server.http().script([Reply::Hang]);
    let mut stream = connect(server.http().address());
    stream.write_all(b"POST /v1/traces HTTP/1.1\r\n\r\n").unwrap();
    assert!(server.http().wait_for(|requests| requests.len() == 1, PATIENCE));
    drop(server);
    assert_eq!(read_all(stream), b"");
}
