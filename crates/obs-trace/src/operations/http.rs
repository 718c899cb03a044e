//! [`http_server`] and [`http_client`]: requests on both sides, whatever the framework. Layers for tower are in `obs-http`.

use super::kind::sealed::Recorded;
use super::operation::Operation;
use super::work::Work;
use crate::span::Span;
use crate::tracer::Tracer;
use obs_core::keys;
use std::borrow::Cow;

/// Methods that are recorded as they are; any other is `_OTHER`, because whoever sends requests could send anything.
const METHODS: [&str; 10] =
    ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT", "TRACE", "QUERY"];
/// Bytes of an unknown method that are recorded.
const MOST_METHOD: usize = 32;

/// A request that is answered: see [`http_server`].
#[derive(Debug)]
pub struct HttpServer(Request);

/// A request that is made: see [`http_client`].
#[derive(Debug)]
pub struct HttpClient {
    request: Request,
    address: Option<Cow<'static, str>>,
    port: Option<u16>,
}

#[derive(Debug)]
struct Request {
    method: String,
    path: Option<String>,
}

/// A request from arrival to answer: a server span `http.request` with `http.request.method` and what else is told:
/// `url.path`, `http.route`, `http.response.status_code`. A status from 500 on makes it fail.
///
/// The caller's trace goes on with [`Operation::parent`]:
///
/// ```
/// use obs_trace::{Tracer, operations};
/// use obs_trace::propagation::Propagators;
/// use std::collections::HashMap;
///
/// let tracer = Tracer::for_tests();
/// let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let headers = HashMap::from([("traceparent".to_owned(), header.to_owned())]);
/// let caller = Propagators::default().extract(&headers);
/// let request = operations::http_server(&tracer, "GET").path("/scenarios/42").route("/scenarios/{id}");
/// let mut request = match &caller.parent {
///     Some(parent) => request.parent(parent),
///     None => request,
/// }
/// .start();
/// request.status(200);
/// drop(request);
/// assert_eq!(tracer.take_finished()[0].parent, caller.parent.map(|p| p.span_id));
/// ```
pub fn http_server(tracer: &Tracer, method: impl Into<String>) -> Operation<HttpServer> {
    Operation::new(tracer, "http.request", HttpServer(Request::new(method)))
}

/// A request to another service, until its answer's head: a client span `http.client.request` with `http.request.method` and
/// what else is told: `server.address`, `server.port`, `url.path`, `http.response.status_code`. A status from 400 on makes it
/// fail. [`Work::inject`] writes the headers that continue the trace on the other side.
///
/// ```
/// use obs_trace::{Tracer, operations};
/// use std::collections::HashMap;
///
/// let tracer = Tracer::for_tests();
/// let mut headers = HashMap::new();
/// let mut request = operations::http_client(&tracer, "GET").server("plant.example", 443).path("/scores").start();
/// request.inject(&mut headers);
/// request.status(200);
/// assert!(headers.contains_key("traceparent"));
/// ```
pub fn http_client(tracer: &Tracer, method: impl Into<String>) -> Operation<HttpClient> {
    let kind = HttpClient { request: Request::new(method), address: None, port: None };
    Operation::new(tracer, "http.client.request", kind)
}

impl Operation<HttpServer> {
    /// The path of the request, without the query (`url.path`).
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.kind.0.path = Some(path.into());
        self
    }

    /// The pattern that the path matched, such as `/scenarios/{id}` (`http.route`).
    pub fn route(self, route: impl Into<Cow<'static, str>>) -> Self {
        let route = route.into();
        self.set(keys::HTTP_ROUTE, route)
    }
}

impl Operation<HttpClient> {
    /// The path of the request, without the query (`url.path`).
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.kind.request.path = Some(path.into());
        self
    }

    /// Name and port of the other side (`server.address`, `server.port`).
    pub fn server(mut self, address: impl Into<Cow<'static, str>>, port: impl Into<Option<u16>>) -> Self {
        self.kind.address = Some(address.into());
        self.kind.port = port.into();
        self
    }
}

impl Work<HttpServer> {
    /// The answer's status (`http.response.status_code`); one from 500 on makes the request fail.
    pub fn status(&mut self, status: u16) {
        answered(self, status, 500);
    }
}

impl Work<HttpClient> {
    /// The answer's status (`http.response.status_code`); one from 400 on makes the request fail.
    pub fn status(&mut self, status: u16) {
        answered(self, status, 400);
    }
}

/// A status says all there is to say about an error: it has no description.
fn answered(span: &mut Span, status: u16, failed_from: u16) {
    span.set(keys::HTTP_RESPONSE_STATUS_CODE, status);
    if status >= failed_from {
        let status = status.to_string();
        span.error("");
        for key in [keys::ERROR_TYPE, keys::OTEL_ERROR_TYPE] {
            span.set(key, status.as_str());
        }
    }
}

impl Request {
    fn new(method: impl Into<String>) -> Self {
        Self { method: method.into(), path: None }
    }

    fn begin(&self, span: &mut Span) {
        if !span.is_recording() {
            return;
        }
        if METHODS.contains(&self.method.as_str()) {
            span.set(keys::HTTP_REQUEST_METHOD, self.method.as_str());
        } else {
            let kept = self.method.floor_char_boundary(MOST_METHOD);
            span.set(keys::HTTP_REQUEST_METHOD, "_OTHER");
            span.set(keys::HTTP_REQUEST_METHOD_ORIGINAL, &self.method[..kept]);
        }
        if let Some(path) = &self.path {
            span.set(keys::URL_PATH, path);
        }
    }
}

impl Recorded for HttpServer {
    fn begin(&mut self, span: &mut Span, _tracer: &Tracer) {
        self.0.begin(span);
    }
}

impl Recorded for HttpClient {
    fn begin(&mut self, span: &mut Span, _tracer: &Tracer) {
        self.request.begin(span);
        if let Some(address) = &self.address {
            span.set(keys::SERVER_ADDRESS, address.as_ref());
        }
        if let Some(port) = self.port {
            span.set(keys::SERVER_PORT, port);
        }
    }
}
