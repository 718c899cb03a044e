//! OTLP receivers that do not take a batch of spans: what they do take arrives, and the rest is counted span by span.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests are tests too")]

use obs_core::{Clock, Diag, Ledger, Signal};
use obs_export::http::HttpOptions;
use obs_export::otlp::OtlpClient;
use obs_export::{Engine, Limits};
use obs_testing::http::{HttpServer, Request, Response};
use obs_trace::Tracer;
use obs_trace::sink::OtlpSink;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The names of the spans that a receiver took.
type Taken = Arc<Mutex<Vec<String>>>;

fn names(request: &Request) -> Vec<String> {
    let request = ExportTraceServiceRequest::decode(request.body.as_slice()).expect("a request");
    let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    scopes.flat_map(|scope| scope.spans).map(|span| span.name).collect()
}

/// A receiver that answers `refuse`'s status, or takes the spans.
fn receiver(
    refuse: impl Fn(&Request, &[String]) -> Option<u16> + Send + Sync + 'static,
) -> (HttpServer, Taken) {
    let taken = Taken::default();
    let seen = Arc::clone(&taken);
    let server = HttpServer::start(move |request| {
        let names = names(request);
        if let Some(status) = refuse(request, &names) {
            return Response::text(status, "not so");
        }
        seen.lock().unwrap().extend(names);
        Response::new(200)
    });
    (server.unwrap(), taken)
}

/// Sends 512 spans in one batch, named `work.0` to `work.511`; returns what the account says at the end.
fn send_batch(server: &HttpServer) -> obs_core::ledger::SignalAccount {
    let ledger = Arc::new(Ledger::default());
    let diag = Diag::to(Box::new(std::io::sink()), Clock::system());
    let engine = Engine::new(Arc::clone(&ledger), Clock::system(), diag);
    let base = server.url().parse().unwrap();
    let client = OtlpClient::new(&base, "/v1/traces", "spans", &HttpOptions::default()).unwrap();
    let sink = OtlpSink::new(client, obs_core::ServiceIdentity::default());
    let stream = engine.stream(Signal::Trace, vec![Box::new(sink)], Limits::default());
    let tracer = Tracer::builder().export(Arc::clone(&ledger), stream).build();
    for number in 0..512 {
        drop(tracer.span(format!("work.{number}")).detached());
    }
    tracer.close();
    let report = engine.shutdown(Duration::from_secs(30));
    assert!(report.timed_out.is_empty(), "{report}");
    let account = ledger.snapshot().trace;
    assert!(account.account.is_balanced() && account.destinations["otlp"].is_balanced(), "{account:?}");
    assert_eq!(account.account.created, 512);
    account
}

fn all_but(missing: &[usize]) -> BTreeSet<String> {
    (0..512).filter(|n| !missing.contains(n)).map(|n| format!("work.{n}")).collect()
}

#[test]
fn one_span_that_a_receiver_refuses_does_not_cost_the_others_of_its_batch() {
    let (server, taken) = receiver(|_, names| names.iter().any(|name| name == "work.300").then_some(400));
    let account = send_batch(&server);
    assert_eq!((account.account.delivered, account.account.dropped["refused"]), (511, 1));
    let taken = taken.lock().unwrap();
    assert_eq!(taken.len(), 511, "each of them once");
    assert_eq!(taken.iter().cloned().collect::<BTreeSet<_>>(), all_but(&[300]));
}

#[test]
fn a_batch_over_the_size_that_a_receiver_takes_arrives_in_pieces() {
    let (server, taken) = receiver(|request, _| (request.body.len() > 10_000).then_some(413));
    let account = send_batch(&server);
    assert_eq!((account.account.delivered, account.account.dropped_total()), (512, 0));
    let taken = taken.lock().unwrap();
    assert_eq!(taken.len(), 512, "each of them once");
    assert_eq!(taken.iter().cloned().collect::<BTreeSet<_>>(), all_but(&[]));
    assert!(server.requests().len() > 4, "it did not fit at first");
}
