//! [`TraceClientLayer`]: a span for each request that is made.

use super::kind_of;
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{Request, Response};
use obs_trace::Tracer;
use obs_trace::operations::{self, HttpClient, Scope, Work};
use obs_trace::propagation::Propagators;
use std::fmt::Display;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// A client span `http.client.request` for each request, until its answer's head: `http.request.method`, `url.path`,
/// `server.address`, `server.port`, `http.response.status_code`. The request gets the headers that continue the trace on the
/// other side, and the baggage of the run context. A status from 400 on, and an error of the client, make it fail.
///
/// Goes on every client that is a tower service: hyper-util's, tonic's, or one of your own.
#[derive(Clone, Debug)]
pub struct TraceClientLayer {
    tracer: Tracer,
    formats: Propagators,
}

impl TraceClientLayer {
    /// Spans of this tracer.
    pub fn new(tracer: Tracer) -> Self {
        Self { tracer, formats: Propagators::default() }
    }

    /// The headers that are written; default trace context and baggage. For other people's services, to whom the baggage is of
    /// no concern: `Propagators { baggage: false, ..Propagators::default() }`.
    #[must_use = "the layer is returned, not changed in place"]
    pub fn propagators(self, formats: Propagators) -> Self {
        Self { formats, ..self }
    }

    fn begin<B>(&self, request: &mut Request<B>) -> operations::Operation<HttpClient> {
        let operation = operations::http_client(&self.tracer, request.method().as_str());
        let operation = operation.path(request.uri().path());
        let host = || request.headers().get(HOST)?.to_str().ok()?.parse::<Authority>().ok();
        match request.uri().authority().cloned().or_else(host) {
            Some(server) => operation.server(server.host().to_owned(), server.port_u16()),
            None => operation,
        }
    }
}

impl<S> Layer<S> for TraceClientLayer {
    type Service = TraceClient<S>;

    fn layer(&self, inner: S) -> TraceClient<S> {
        TraceClient { inner, layer: self.clone() }
    }
}

/// A client whose requests are spans: see [`TraceClientLayer`].
#[derive(Clone, Debug)]
pub struct TraceClient<S> {
    inner: S,
    layer: TraceClientLayer,
}

/// What is looked at when an answer is there.
type AtEnd<R, E> = fn(&mut Work<HttpClient>, &Result<Response<R>, E>);

impl<S, B, R> Service<Request<B>> for TraceClient<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: Display,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Scope<HttpClient, S::Future, AtEnd<R, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let mut work = self.layer.begin(&mut request).detached();
        work.inject_as(self.layer.formats, request.headers_mut());
        let future = work.within(|| self.inner.call(request));
        work.scope_with(future, answered::<R, S::Error>)
    }
}

fn answered<R, E: Display>(work: &mut Work<HttpClient>, answer: &Result<Response<R>, E>) {
    match answer {
        Ok(response) => work.status(response.status().as_u16()),
        Err(error) => work.record_failure(kind_of::<E>(), &error.to_string(), None),
    }
}
