//! What ends the span of a request: services and bodies that are polled by hand.

use super::{axum, block_on, only, status, text};
use axum::body::{Body, Bytes};
use axum::http::{Request, Response};
use http_body::{Body as _, Frame};
use obs_core::active;
use obs_http::{TraceBody, TraceLayer};
use obs_trace::{Outcome, Status, Tracer};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use tower_layer::Layer;
use tower_service::Service;

/// A body of these frames, of which the last is not known to be the last.
struct Frames(VecDeque<io::Result<&'static str>>);

impl http_body::Body for Frames {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        assert!(active::span().is_some(), "not within the span");
        Poll::Ready(self.0.pop_front().map(|frame| frame.map(|text| Frame::data(Bytes::from(text)))))
    }
}

type Answer = io::Result<Response<Frames>>;

/// A service that does what `F` says.
#[derive(Clone)]
struct Handler<F>(F);

impl<F: Fn() -> R, R: Future<Output = Answer>> Service<Request<Body>> for Handler<F> {
    type Response = Response<Frames>;
    type Error = io::Error;
    type Future = R;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _request: Request<Body>) -> R {
        assert!(active::span().is_some(), "not within the span");
        (self.0)()
    }
}

fn call<R: Future<Output = Answer>>(
    tracer: &Tracer,
    handler: impl Fn() -> R,
) -> impl Future<Output = io::Result<Response<TraceBody<Frames>>>> {
    TraceLayer::new(tracer.clone()).layer(Handler(handler)).call(Request::new(Body::empty()))
}

fn frames(frames: impl IntoIterator<Item = io::Result<&'static str>>) -> Response<Frames> {
    Response::new(Frames(frames.into_iter().collect()))
}

async fn next(body: &mut Pin<&mut TraceBody<Frames>>) -> Option<io::Result<Frame<Bytes>>> {
    poll_fn(|cx| body.as_mut().poll_frame(cx)).await
}

/// TRC-13
#[test]
fn the_span_ends_with_the_last_frame_of_the_body() {
    let tracer = Tracer::for_tests();
    block_on(async {
        let response = call(&tracer, || async { Ok(frames([Ok("a"), Ok("b")])) }).await.unwrap();
        let mut body = std::pin::pin!(response.into_body());
        for _ in 0..2 {
            assert!(next(&mut body).await.unwrap().is_ok());
            assert!(tracer.take_finished().is_empty());
        }
        assert!(next(&mut body).await.is_none());
        let span = only(&tracer);
        assert_eq!((span.outcome, status(&span)), (Outcome::Success, Some(200)));
    });
    assert!(tracer.take_finished().is_empty());
}

/// TRC-13
#[test]
fn a_client_that_goes_away_before_the_end_is_told() {
    let tracer = Tracer::for_tests();
    block_on(async {
        let response = call(&tracer, || async { Ok(frames([Ok("a"), Ok("b")])) }).await.unwrap();
        let mut body = Box::pin(response.into_body());
        assert!(next(&mut body.as_mut()).await.unwrap().is_ok());
    });
    let span = only(&tracer);
    assert_eq!((span.outcome, text(&span, "error.type")), (Outcome::Fail, Some("cancelled")));
    assert_eq!((span.status.clone(), status(&span)), (Status::Unset, Some(200)));

    let mut waiting = Box::pin(call(&tracer, std::future::pending::<Answer>));
    assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert!(active::span().is_none());
    drop(waiting);
    let span = only(&tracer);
    assert_eq!((text(&span, "error.type"), status(&span)), (Some("cancelled"), None));
}

/// TRC-13, TRC-03
#[test]
fn an_error_of_the_handler_or_of_the_body_fails_the_request() {
    let tracer = Tracer::for_tests();
    assert!(block_on(call(&tracer, || async { Err(io::Error::other("no store")) })).is_err());
    let span = only(&tracer);
    assert_eq!((span.outcome, text(&span, "error.message")), (Outcome::Fail, Some("no store")));
    block_on(async {
        let answer = || async { Ok(frames([Ok("a"), Err(io::Error::other("connection reset"))])) };
        let response = call(&tracer, answer).await.unwrap();
        let mut body = std::pin::pin!(response.into_body());
        assert!(next(&mut body).await.unwrap().is_ok());
        assert!(next(&mut body).await.unwrap().is_err());
    });
    let span = only(&tracer);
    assert_eq!(text(&span, "error.message"), Some("connection reset"));
    assert_eq!(text(&span, "error.type"), Some("std::io::error::Error"));
}

/// TRC-03: also where somebody catches the panic, as servers do.
#[test]
fn a_panic_of_the_handler_fails_the_request() {
    let tracer = Tracer::for_tests();
    let mut future = Box::pin(call(&tracer, || async { std::panic::resume_unwind(Box::new("broken")) }));
    let mut context = Context::from_waker(Waker::noop());
    assert!(catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut context).is_ready())).is_err());
    let span = only(&tracer);
    assert_eq!((span.outcome, text(&span, "error.type")), (Outcome::Fail, Some("panic")));
    drop(future);
    assert!(tracer.take_finished().is_empty() && active::span().is_none());
}
