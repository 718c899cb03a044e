//! The engine over gRPC, from item to server.

use crate::support::*;
use obs_core::{Clock, Diag, Ledger, Signal};
use obs_export::grpc::{GrpcOptions, TRACES};
use obs_export::otlp::OtlpClient;
use obs_export::{Batch, Encoder, Engine, Item, Limits, Outcome, Sink, Stream};
use obs_testing::{GrpcReply, OtlpGrpcServer};
use std::sync::Arc;
use std::time::Duration;

struct Name(String);

impl Item for Name {
    fn weight(&self) -> usize {
        self.0.len()
    }
}

struct Text;

impl Encoder<Name> for Text {
    fn encode(&self, name: &Name, record: &mut Vec<u8>) {
        record.extend_from_slice(name.0.as_bytes());
    }
}

/// Sends a span of each name.
struct Spans(OtlpClient);

impl Sink<Name> for Spans {
    fn name(&self) -> &'static str {
        "otlp"
    }

    fn encoder(&self) -> Arc<dyn Encoder<Name>> {
        Arc::new(Text)
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        let text = |bytes| std::str::from_utf8(bytes).unwrap();
        let names: Vec<&str> = batch.records.iter().map(|record| text(record.bytes)).collect();
        self.0.send(&message(&names), batch.records)
    }
}

fn engine_to(server: &OtlpGrpcServer, options: &GrpcOptions) -> (Engine, Stream<Name>) {
    let quiet = Diag::to(Box::new(std::io::sink()), Clock::system());
    let engine = Engine::new(Arc::new(Ledger::default()), Clock::system(), quiet);
    let client = OtlpClient::grpc(&server.url().parse().unwrap(), TRACES, "spans", options).unwrap();
    let sink = Box::new(Spans(client)) as Box<dyn Sink<Name>>;
    let stream = engine.stream(Signal::Trace, vec![sink], Limits::default());
    (engine, stream)
}

fn names(count: usize) -> Vec<Name> {
    (0..count).map(|index| Name(format!("span {index:0>200}"))).collect()
}

/// A batch over the limit goes in parts, whichever side finds it too large; nothing is lost.
#[test]
fn a_batch_that_is_too_large_arrives_in_parts() {
    let server = OtlpGrpcServer::start().unwrap();
    server.script([GrpcReply::status(8, "grpc: received message larger than max (1001 vs. 1000)")]);
    let (engine, stream) = engine_to(&server, &GrpcOptions { max_message_bytes: 1000, ..patient() });
    stream.push(names(20));
    let report = engine.shutdown(PATIENCE);
    assert!(report.is_clean(), "{report}");
    let mut arrived: Vec<String> = server.seen().spans.into_iter().map(|seen| seen.span.name).collect();
    arrived.sort();
    assert_eq!(arrived, names(20).into_iter().map(|name| name.0).collect::<Vec<_>>());
    assert!(server.calls().len() > 6);
}

#[test]
fn a_server_that_is_busy_at_first_gets_everything_once_it_is_not() {
    let server = OtlpGrpcServer::start().unwrap();
    server.script([GrpcReply::retry_after(14, "starting", Duration::ZERO)]);
    server.script([GrpcReply::retry_after(8, "slow down", Duration::ZERO)]);
    let (engine, stream) = engine_to(&server, &patient());
    stream.push(names(3));
    let report = engine.shutdown(PATIENCE);
    assert!(report.is_clean(), "{report}");
    assert_eq!((server.calls().len(), server.seen().spans.len()), (3, 3));
}

/// TRC-07
#[test]
fn a_server_that_hangs_does_not_keep_a_shutdown() {
    let server = OtlpGrpcServer::start().unwrap();
    server.script([GrpcReply::Hang]);
    let (engine, stream) = engine_to(&server, &patient());
    stream.push(names(1));
    let report = engine.shutdown(Duration::from_millis(50));
    assert!(report.elapsed < PATIENCE, "less than the transport's own timeout");
    assert!(report.signals.is_balanced());
    assert_eq!(report.signals.trace.account.dropped["shutdown_deadline"], 1);
}
