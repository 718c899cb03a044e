//! HTTP on both sides.

use crate::{only, own, text};
use obs_core::names::SpanKind;
use obs_core::{Baggage, RunContext, active, keys};
use obs_trace::propagation::{Propagators, SpanContext};
use obs_trace::{Outcome, Sampler, Status, Tracer, operations};
use std::collections::HashMap;

/// TRC-13, NAME-30
#[test]
fn a_request_that_is_answered_has_method_path_route_and_status() {
    let tracer = Tracer::for_tests();
    operations::http_server(&tracer, "GET")
        .path("/scenarios/42")
        .route("/scenarios/{id}")
        .start()
        .status(404);
    let span = only(&tracer);
    assert_eq!((span.name.as_ref(), span.kind), ("http.request", SpanKind::Server));
    let expected = [
        ("http.request.method", text("GET")),
        ("http.response.status_code", 404.into()),
        ("http.route", text("/scenarios/{id}")),
        ("url.path", text("/scenarios/42")),
    ];
    assert_eq!(own(&span), expected.into());
    assert_eq!((span.status, span.outcome), (Status::Unset, Outcome::Success));
}

/// TRC-13, TRC-15: a server has failed from 500 on, a client from 400 on.
#[test]
fn a_status_fails_the_side_whose_fault_it_is() {
    for (status, server, client) in [
        (200, Outcome::Success, Outcome::Success),
        (399, Outcome::Success, Outcome::Success),
        (400, Outcome::Success, Outcome::Fail),
        (499, Outcome::Success, Outcome::Fail),
        (500, Outcome::Fail, Outcome::Fail),
    ] {
        let tracer = Tracer::for_tests();
        operations::http_server(&tracer, "GET").start().status(status);
        operations::http_client(&tracer, "GET").start().status(status);
        let spans = tracer.take_finished();
        assert_eq!((spans[0].outcome, spans[1].outcome), (server, client), "{status}");
        for span in spans.iter().filter(|span| span.outcome == Outcome::Fail) {
            assert_eq!(span.attribute("error.type"), Some(&status.to_string().into()));
            assert!(matches!(span.status, Status::Error(_)));
        }
    }
}

#[test]
fn a_method_that_nobody_knows_makes_no_value_of_its_own() {
    let tracer = Tracer::for_tests();
    drop(operations::http_server(&tracer, "BREW".repeat(100)).start());
    let span = only(&tracer);
    assert_eq!(own(&span)[keys::HTTP_REQUEST_METHOD], text("_OTHER"));
    assert_eq!(own(&span)[keys::HTTP_REQUEST_METHOD_ORIGINAL], "BREW".repeat(8).into());
}

/// TRC-15, CTX-07
#[test]
fn a_request_that_is_made_carries_trace_and_baggage_on() {
    let tracer = Tracer::for_tests();
    let (baggage, _) = Baggage::parse("plant=north");
    let _context = active::attach_context(Some(RunContext { baggage, ..RunContext::default() }.share()));
    let caller =
        SpanContext::from_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap();
    let mut headers = HashMap::new();
    {
        let _server = operations::http_server(&tracer, "GET").parent(&caller).start();
        let client = operations::http_client(&tracer, "POST").server("plant.example", 8080).start();
        client.inject(&mut headers);
    }
    let spans = tracer.take_finished();
    let sent = Propagators::default().extract(&headers);
    let parent = sent.parent.unwrap();
    assert_eq!((parent.trace_id, parent.span_id), (caller.trace_id, spans[0].span_id));
    assert_eq!(sent.baggage.get("plant"), Some("north"));
    assert_eq!(spans[0].kind, SpanKind::Client);
    assert_eq!(spans[0].parent, Some(spans[1].span_id));
    assert_eq!(own(&spans[0])[keys::SERVER_ADDRESS], text("plant.example"));
    assert_eq!(own(&spans[0])[keys::SERVER_PORT], 8080.into());
    assert_eq!((spans[1].parent, spans[1].has_remote_parent()), (Some(caller.span_id), true));
}

/// CTX-07: what is not recorded here, or has nothing to say, does not cut a trace.
#[test]
fn a_request_that_is_not_recorded_passes_on_the_trace_around_it() {
    let caller =
        SpanContext::from_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00").unwrap();
    let unsampled = Tracer::builder().sampler(Sampler::ratio(0.0)).build();
    let server = operations::http_server(&unsampled, "GET").parent(&caller).start();
    for tracer in [&unsampled, &Tracer::off()] {
        let mut headers = HashMap::new();
        operations::http_client(tracer, "GET").detached().inject(&mut headers);
        let sent = Propagators::default().extract(&headers).parent.unwrap();
        assert_eq!((sent.trace_id, sent.sampled), (caller.trace_id, false));
    }
    drop(server);
    let mut headers = HashMap::from([("traceparent".to_owned(), "by hand".to_owned())]);
    operations::http_client(&Tracer::off(), "GET").detached().inject(&mut headers);
    assert_eq!(headers["traceparent"], "by hand");
}

#[test]
fn a_client_that_went_away_is_told_without_an_error_status() {
    let tracer = Tracer::for_tests();
    operations::http_server(&tracer, "GET").start().cancelled();
    let span = only(&tracer);
    assert_eq!((span.outcome, span.status.clone()), (Outcome::Fail, Status::Unset));
    assert_eq!(span.attribute("error.type"), Some(&text("cancelled")));
}
