//! Tests of `grpc`, with the client of `opentelemetry-proto`.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use tonic::transport::Channel;
use tonic::{Code, Request, Response, Status};

use super::{Gate, GrpcReply, OtlpGrpcServer};
use crate::otlp::Signal;
use crate::raw_client::PATIENCE;

fn request(ids: &[u8]) -> ExportTraceServiceRequest {
    let spans = ids.iter().map(|id| Span {
        name: id.to_string(),
        trace_id: vec![1; 16],
        span_id: vec![*id; usize::from(*id != 0) * 8],
        ..Span::default()
    });
    let scope_spans = vec![ScopeSpans { spans: spans.collect(), ..ScopeSpans::default() }];
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }],
    }
}

type Answer = Result<Response<ExportTraceServiceResponse>, Status>;

/// Makes these calls, one after the other.
fn call(
    server: &OtlpGrpcServer,
    requests: impl IntoIterator<Item = ExportTraceServiceRequest>,
) -> Vec<Answer> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let channel = Channel::from_shared(server.url()).unwrap().connect_lazy();
        let mut client = TraceServiceClient::new(channel);
        let mut answers = vec![];
        for message in requests {
            let mut request = Request::new(message);
            request.metadata_mut().insert("x-tenant", "acm".parse().unwrap());
            answers.push(client.export(request).await);
        }
        answers
    })
}

#[test]
fn spans_are_kept_and_metadata_is_seen() {
    let server = OtlpGrpcServer::start().unwrap();
    let answers = call(&server, [request(&[1, 2])]);
    assert_eq!(answers[0].as_ref().unwrap().get_ref().partial_success, None);
    assert!(server.wait_for(|seen| seen.spans.len() == 2, PATIENCE));
    let calls = server.calls();
    assert_eq!((calls.len(), calls[0].signal), (1, Signal::Traces));
    assert_eq!(calls[0].metadata["x-tenant"], "acm");
    assert!(server.wait_for_calls(|calls| calls.len() == 1, PATIENCE));
}

#[test]
fn a_scripted_rejection_is_a_partial_success_and_a_bad_id_is_a_refusal() {
    let server = OtlpGrpcServer::start().unwrap();
    server.reject(Signal::Traces, 1, "too old");
    let answers = call(&server, [request(&[1, 2]), request(&[0])]);
    let partial = answers[0].as_ref().unwrap().get_ref().partial_success.clone().unwrap();
    assert_eq!((partial.rejected_spans, partial.error_message.as_str()), (1, "too old"));
    assert_eq!(answers[1].as_ref().unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(server.seen().spans.len(), 1);
}

#[test]
fn scripted_replies_are_given_in_order_and_the_connection_can_be_lost_between_them() {
    let server = OtlpGrpcServer::start().unwrap();
    let wait = Duration::from_millis(1500);
    server.script([GrpcReply::retry_after(8, "slow down", wait), GrpcReply::Close]);
    let gate = Gate::default();
    gate.open();
    server.script([GrpcReply::Late(gate)]);
    let answers = call(&server, [request(&[1]), request(&[2]), request(&[3])]);
    let status = answers[0].as_ref().unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::ResourceExhausted, "slow down"));
    assert!(
        status.details().ends_with(b"\x0a\x08\x08\x01\x10\x80\xca\xb5\xee\x01"),
        "{:x?}",
        status.details()
    );
    assert!(answers[1].is_err());
    assert!(answers[2].is_ok());
    assert_eq!((server.seen().spans.len(), server.scripted()), (1, 0));
}

#[test]
fn it_drops_while_a_client_hangs() {
    let server = OtlpGrpcServer::start().unwrap();
    server.script([GrpcReply::Hang]);
    std::thread::scope(|scope| {
        let url = server.url();
        let hung = scope.spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                TraceServiceClient::connect(url).await.unwrap().export(request(&[1])).await.is_err()
            })
        });
        assert!(server.wait_for_calls(|calls| calls.len() == 1, PATIENCE));
        drop(server);
        assert!(hung.join().unwrap());
    });
}
