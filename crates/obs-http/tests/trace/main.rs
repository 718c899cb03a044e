//! The layers that make spans of requests, on real connections and by hand.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail their test")]

mod by_hand;
mod client;
mod overhead;
mod services;

use axum::body::{Body, Bytes};
use axum::http::{Request, Response};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use obs_http::axum;
use obs_trace::{SpanRecord, Tracer, Value};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::net::TcpStream;
use tower_service::Service;

/// A client that opens a connection for each request, to the authority of its address.
#[derive(Clone, Debug)]
struct Client;

impl Service<Request<Body>> for Client {
    type Response = Response<hyper::body::Incoming>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(async move {
            let authority = request.uri().authority().unwrap().to_string();
            let stream = TcpStream::connect(authority).await?;
            let (mut sender, connection) =
                http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
            tokio::spawn(connection);
            sender.send_request(request).await.map_err(io::Error::other)
        })
    }
}

fn request(method: &str, server: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(format!("http://{server}{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.header("host", server.to_string()).body(Body::empty()).unwrap()
}

/// Status and body of the answer.
fn answer(request: Request<Body>) -> (u16, Bytes) {
    block_on(async {
        let response = Client.call(request).await.unwrap();
        let status = response.status().as_u16();
        (status, axum::body::to_bytes(Body::new(response.into_body()), 1 << 20).await.unwrap())
    })
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn only(tracer: &Tracer) -> SpanRecord {
    let mut spans = tracer.take_finished();
    assert_eq!(spans.len(), 1, "{spans:?}");
    spans.remove(0)
}

fn text<'a>(span: &'a SpanRecord, key: &str) -> Option<&'a str> {
    span.attribute(key).and_then(|value| value.as_str())
}

fn status(span: &SpanRecord) -> Option<i64> {
    span.attribute("http.response.status_code").and_then(Value::as_i64)
}
