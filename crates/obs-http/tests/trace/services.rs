//! Servers on sockets.

use super::{Client, answer, axum, request, status, text};
use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use obs_core::names::SpanKind;
use obs_core::{BaggagePolicy, active};
use obs_http::{Server, TraceClientLayer, TraceLayer, metrics_router};
use obs_trace::{Outcome, SpanRecord, Tracer, Value};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tower_layer::Layer;
use tower_service::Service;

const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Serves while `f` makes requests; the spans of a server that has stopped are complete.
fn serve<T>(app: Router, f: impl FnOnce(SocketAddr) -> T) -> T {
    let server = Server::start(([127, 0, 0, 1], 0).into(), app).unwrap();
    let result = f(server.local_addr());
    server.stop(Duration::from_secs(10));
    result
}

fn app(tracer: &Tracer) -> Router {
    Router::new()
        .route("/scenarios/{id}", get(|Path(id): Path<String>| async move { format!("scenario {id}") }))
        .route("/broken", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
        .layer(TraceLayer::new(tracer.clone()))
}

/// TRC-13, CTX-07, NAME-30
#[test]
fn each_request_is_one_server_span_with_method_route_and_status() {
    let tracer = Tracer::for_tests();
    serve(app(&tracer), |server| {
        assert_eq!(answer(request("GET", server, "/scenarios/42?token=secret", &[])).1, "scenario 42");
        assert_eq!(answer(request("GET", server, "/elsewhere", &[])).0, 404);
        assert_eq!(answer(request("HEAD", server, "/scenarios/42", &[])).0, 200);
        assert_eq!(answer(request("GET", server, "/broken", &[])).0, 500);
    });
    let spans = tracer.take_finished();
    let told: Vec<_> = spans
        .iter()
        .map(|s| {
            (text(s, "http.request.method"), text(s, "http.route"), text(s, "url.path"), status(s), s.outcome)
        })
        .collect();
    let route = Some("/scenarios/{id}");
    assert_eq!(
        told,
        [
            (Some("GET"), route, Some("/scenarios/42"), Some(200), Outcome::Success),
            (Some("GET"), None, Some("/elsewhere"), Some(404), Outcome::Success),
            (Some("HEAD"), route, Some("/scenarios/42"), Some(200), Outcome::Success),
            (Some("GET"), Some("/broken"), Some("/broken"), Some(500), Outcome::Fail),
        ]
    );
    for span in &spans {
        assert_eq!((span.name.as_ref(), span.kind, span.parent), ("http.request", SpanKind::Server, None));
        assert!(!format!("{span:?}").contains("secret"));
    }
}

/// TRC-13
#[test]
fn the_metrics_endpoint_is_traced_as_well() {
    let tracer = Tracer::for_tests();
    let metrics = obs_metrics::Metrics::new(obs_core::ServiceIdentity::default(), Arc::default());
    serve(metrics_router(metrics).layer(TraceLayer::new(tracer.clone())), |server| {
        assert_eq!(answer(request("GET", server, "/metrics", &[])).0, 200);
    });
    let span = super::only(&tracer);
    assert_eq!((text(&span, "http.route"), status(&span)), (Some("/metrics"), Some(200)));
}

/// The one span of a tracer with this name.
fn named(spans: &[SpanRecord], name: &str) -> SpanRecord {
    let mut found = spans.iter().filter(|span| span.name == name);
    let span = found.next().unwrap_or_else(|| panic!("no {name} in {spans:?}"));
    assert!(found.next().is_none());
    span.clone()
}

/// CTX-05, CTX-06, CTX-07, TRC-13, TRC-15
#[test]
fn a_trace_goes_from_the_caller_through_two_services() {
    let (front, back) = (Tracer::for_tests(), Tracer::builder().keep_finished().build());
    let store = Router::new()
        .route(
            "/rows",
            get(|| async { active::context().map(|c| c.baggage.to_string()).unwrap_or_default() }),
        )
        .layer(TraceLayer::new(back.clone()).record_baggage(BaggagePolicy { allow: vec!["plant".into()] }));
    serve(store, |store| {
        let client = TraceClientLayer::new(front.clone()).layer(Client);
        let ask = move || {
            let mut client = client.clone();
            async move {
                let response = client.call(request("GET", store, "/rows?id=7", &[])).await.unwrap();
                Body::new(response.into_body())
            }
        };
        let api = Router::new().route("/scores", get(ask)).layer(TraceLayer::new(front.clone()));
        serve(api, |api| {
            let headers =
                [("traceparent", TRACEPARENT), ("tracestate", "rojo=1"), ("baggage", "plant=north,user=ada")];
            assert_eq!(answer(request("GET", api, "/scores", &headers)).1, "plant=north,user=ada");
        });
        let front = front.take_finished();
        let (served, asked) = (named(&front, "http.request"), named(&front, "http.client.request"));
        assert_eq!(served.parent.map(|id| id.to_string()).as_deref(), Some("00f067aa0ba902b7"));
        assert!(served.has_remote_parent());
        assert_eq!((asked.parent, asked.kind), (Some(served.span_id), SpanKind::Client));
        assert_eq!(text(&asked, "server.address"), Some("127.0.0.1"));
        assert_eq!(asked.attribute("server.port").and_then(Value::as_i64), Some(store.port().into()));
        assert_eq!((text(&asked, "url.path"), status(&asked)), (Some("/rows"), Some(200)));
        back.flush();
        let stored = named(&back.take_finished(), "http.request");
        assert_eq!((stored.trace_id, stored.parent), (served.trace_id, Some(asked.span_id)));
        assert_eq!(stored.trace_id.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!((stored.trace_state.as_str(), asked.trace_state.as_str()), ("rojo=1", "rojo=1"));
        assert_eq!(text(&stored, "baggage.plant"), Some("north"));
        assert!(!format!("{stored:?}").contains("ada"));
    });
}

/// TRC-13
#[test]
fn strangers_are_linked_and_not_continued_where_that_is_asked_for() {
    let tracer = Tracer::for_tests();
    let layer = TraceLayer::new(tracer.clone()).link_callers();
    let baggage = || async { active::context().map(|c| c.baggage.to_string()).unwrap_or_default() };
    serve(Router::new().route("/", get(baggage)).layer(layer), |server| {
        let headers = [("traceparent", TRACEPARENT), ("baggage", "a=b")];
        assert_eq!(answer(request("GET", server, "/", &headers)).1, "");
    });
    let span = super::only(&tracer);
    assert_eq!((span.parent, span.links.len()), (None, 1));
    assert_eq!(span.links[0].trace_id.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_ne!(span.trace_id, span.links[0].trace_id);
}

/// CTX-07
#[test]
fn headers_that_are_no_good_begin_a_new_trace() {
    let tracer = Tracer::for_tests();
    serve(app(&tracer), |server| {
        let headers = [("traceparent", "00-zz-1-01"), ("tracestate", "x"), ("baggage", ",,=")];
        assert_eq!(answer(request("GET", server, "/scenarios/1", &headers)).0, 200);
    });
    let span = super::only(&tracer);
    assert_eq!((span.parent, span.trace_state.as_str()), (None, ""));
}
