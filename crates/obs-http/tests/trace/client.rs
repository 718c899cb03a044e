//! Requests that are made.

use super::{Client, axum, block_on, only, request, status, text};
use axum::body::Body;
use axum::http::{Request, Response};
use obs_http::{Server, TraceClientLayer, TraceLayer};
use obs_trace::propagation::Propagators;
use obs_trace::{Outcome, Tracer};
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::TcpListener;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tower_layer::Layer;
use tower_service::Service;

/// Answers with the headers of the request.
#[derive(Clone)]
struct Echo;

impl Service<Request<Body>> for Echo {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Ready<Result<Response<()>, Infallible>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let mut response = Response::new(());
        *response.headers_mut() = request.headers().clone();
        ready(Ok(response))
    }
}

/// TRC-15
#[test]
fn a_request_carries_the_trace_of_its_span_in_the_formats_that_were_chosen() {
    let tracer = Tracer::for_tests();
    let mut client = TraceClientLayer::new(tracer.clone()).layer(Echo);
    let old = "00-00000000000000000000000000000001-0000000000000001-00";
    let request = |uri: &str| Request::get(uri).header("traceparent", old).body(Body::empty()).unwrap();
    let response = block_on(client.call(request("https://plant.example/a"))).unwrap();
    let span = only(&tracer);
    let sent = Propagators::default().extract(response.headers()).parent.unwrap();
    assert_eq!((sent.trace_id, sent.span_id), (span.trace_id, span.span_id));
    assert_eq!((text(&span, "server.address"), span.attribute("server.port")), (Some("plant.example"), None));

    let mut client = TraceClientLayer::new(tracer.clone()).propagators(Propagators::NONE).layer(Echo);
    let response = block_on(client.call(request("/a"))).unwrap();
    assert_eq!(response.headers()["traceparent"], old);
    assert_eq!(text(&only(&tracer), "server.address"), None);
}

/// TRC-15
#[test]
fn a_server_that_is_not_there_fails_the_request() {
    let address = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let tracer = Tracer::for_tests();
    let mut client = TraceClientLayer::new(tracer.clone()).layer(Client);
    assert!(block_on(client.call(request("GET", address, "/", &[]))).is_err());
    let span = only(&tracer);
    assert_eq!((span.outcome, status(&span)), (Outcome::Fail, None));
    assert_eq!(text(&span, "error.type"), Some("std::io::error::Error"));
}

/// TRC-15
#[test]
fn a_request_that_is_given_up_was_cancelled_and_one_that_is_refused_has_failed() {
    let tracer = Tracer::for_tests();
    let mut client = TraceClientLayer::new(tracer.clone()).layer(Client);
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let silent = listener.local_addr().unwrap();
    block_on(async {
        let mut waiting = Box::pin(client.call(request("GET", silent, "/", &[])));
        assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    });
    assert_eq!(text(&only(&tracer), "error.type"), Some("cancelled"));

    let app = axum::Router::new().layer(TraceLayer::new(Tracer::off()));
    let server = Server::start(([127, 0, 0, 1], 0).into(), app).unwrap();
    let answer = block_on(client.call(request("GET", server.local_addr(), "/", &[]))).unwrap();
    assert_eq!(answer.status(), 404);
    let span = only(&tracer);
    assert_eq!((span.outcome, text(&span, "error.type")), (Outcome::Fail, Some("404")));
    server.stop(Duration::from_secs(1));
}
