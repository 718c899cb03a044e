//! The server and its accessors.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use prost::Message;

use super::export::{self, RpcStatus, Signal};
use super::seen::{LogSeen, MetricSeen, OtlpSeen, SpanSeen};
use super::state::State;
use crate::http::{HttpServer, Request, Response};

const PROTOBUF: &str = "application/x-protobuf";

/// An OTLP/HTTP receiver on an ephemeral loopback port.
#[derive(Debug)]
pub struct OtlpServer {
    http: HttpServer,
    state: Arc<State>,
}

impl OtlpServer {
    /// Starts a server that accepts everything valid.
    pub fn start() -> io::Result<Self> {
        let state = Arc::new(State::default());
        let for_handler = Arc::clone(&state);
        let http = HttpServer::start(move |request| answer(request, &for_handler))?;
        Ok(Self { http, state })
    }

    /// The base URL, to which `/v1/traces`, `/v1/metrics` and `/v1/logs` are added.
    pub fn url(&self) -> String {
        self.http.url()
    }

    /// The HTTP side: scripted misbehaviour and recorded requests. Scripted replies are given without decoding.
    pub fn http(&self) -> &HttpServer {
        &self.http
    }

    /// Makes the next valid request of `signal` a partial success: the response says that `items` were rejected
    /// (for metrics: data points), and why. Of the request's spans, log records or metrics the last `items` are
    /// not kept. With 0 items the message is only a warning. Calls queue up.
    pub fn reject(&self, signal: Signal, items: usize, message: &str) {
        self.state.reject(signal, items, message);
    }

    /// The spans accepted so far, in the order received.
    pub fn spans(&self) -> Vec<SpanSeen> {
        self.state.seen.read(|seen| seen.spans.clone())
    }

    /// The metrics accepted so far, in the order received.
    pub fn metrics(&self) -> Vec<MetricSeen> {
        self.state.seen.read(|seen| seen.metrics.clone())
    }

    /// The log records accepted so far, in the order received.
    pub fn log_records(&self) -> Vec<LogSeen> {
        self.state.seen.read(|seen| seen.log_records.clone())
    }

    /// Waits until `ready` holds for what was accepted so far, at most `timeout`; says whether it came to hold.
    pub fn wait_for(&self, ready: impl FnMut(&OtlpSeen) -> bool, timeout: Duration) -> bool {
        self.state.seen.wait_for(ready, timeout)
    }
}

fn answer(request: &Request, state: &State) -> Response {
    let Some(signal) = Signal::of_path(request.path()) else {
        return Response::text(404, "no such path, accepted: /v1/traces, /v1/metrics, /v1/logs");
    };
    if request.method != "POST" {
        let line = format!("method {} is not allowed, accepted: POST", request.method);
        return Response::text(405, &line).with_header("allow", "POST");
    }
    if request.media_type() != PROTOBUF {
        let sent = request.media_type();
        return Response::text(415, &format!("content type {sent:?} is not supported, accepted: {PROTOBUF}"));
    }
    let protobuf = |status, body| Response::new(status).with_header("content-type", PROTOBUF).with_body(body);
    let decoded = match export::decode(signal, &request.body) {
        Ok(decoded) => decoded,
        Err(problem) => return protobuf(400, RpcStatus::invalid_argument(problem).encode_to_vec()),
    };
    let rejection = state.accept(signal, decoded);
    protobuf(200, export::response(signal, rejection))
}
