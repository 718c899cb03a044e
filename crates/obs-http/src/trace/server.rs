//! [`TraceLayer`]: a span for each request that is answered.

use super::response::TraceResponse;
use axum::extract::MatchedPath;
use axum::http::{Method, Request, Response};
use http_body::Body;
use obs_core::active::{self, ContextScope};
use obs_core::{Baggage, BaggagePolicy, RunContext};
use obs_trace::Tracer;
use obs_trace::operations::{self, HttpServer, Work};
use obs_trace::propagation::Propagators;
use std::fmt::Display;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// A server span `http.request` for each request: `http.request.method`, `url.path`, `http.route` where axum knows it,
/// `http.response.status_code`. It continues the caller's trace, and the caller's baggage is in the run context.
///
/// The span is the active one while the handler runs and while the body is written, and ends with the body: with its last
/// frame, with an error, or when the client goes away before (`error.type` is `cancelled`). Answers to `HEAD` and empty ones
/// end it with their head. A status from 500 on, an error of the handler or of the body, and a panic make it fail.
///
/// Put it on with `Router::layer`, after the routes: then it knows the route of each request.
///
/// ```
/// use obs_http::TraceLayer;
/// use obs_http::axum::{Router, routing::get};
///
/// let tracer = obs_trace::Tracer::for_tests();
/// let app: Router = Router::new()
///     .route("/scenarios/{id}", get(|| async { "north" }))
///     .layer(TraceLayer::new(tracer));
/// ```
#[derive(Clone, Debug)]
pub struct TraceLayer {
    tracer: Tracer,
    formats: Propagators,
    recorded: BaggagePolicy,
    links: bool,
}

impl TraceLayer {
    /// Spans of this tracer.
    pub fn new(tracer: Tracer) -> Self {
        Self { tracer, formats: Propagators::default(), recorded: BaggagePolicy::default(), links: false }
    }

    /// The headers that are read; default trace context and baggage.
    #[must_use = "the layer is returned, not changed in place"]
    pub fn propagators(self, formats: Propagators) -> Self {
        Self { formats, ..self }
    }

    /// What of the caller's baggage is recorded, on spans and log lines within the request; default nothing.
    #[must_use = "the layer is returned, not changed in place"]
    pub fn record_baggage(self, policy: BaggagePolicy) -> Self {
        Self { recorded: policy, ..self }
    }

    /// Begins a trace of its own for each request, with a link to the caller's: for a service that anyone may call, so that
    /// strangers decide neither on trace ids nor on sampling. Their baggage is not taken either.
    #[must_use = "the layer is returned, not changed in place"]
    pub fn link_callers(self) -> Self {
        Self { links: true, ..self }
    }

    fn begin<B>(&self, request: &Request<B>) -> Work<HttpServer> {
        let caller = self.formats.extract(request.headers());
        let _context = self.context(caller.baggage);
        let mut operation = operations::http_server(&self.tracer, request.method().as_str());
        operation = operation.path(request.uri().path());
        if let Some(route) = request.extensions().get::<MatchedPath>() {
            operation = operation.route(route.as_str().to_owned());
        }
        match &caller.parent {
            Some(parent) if self.links => operation.link(parent),
            Some(parent) => operation.parent(parent),
            None => operation,
        }
        .detached()
    }

    /// Puts baggage into the run context, for as long as it takes to begin the work, which keeps it.
    fn context(&self, baggage: Baggage) -> Option<ContextScope> {
        if self.links || baggage.is_empty() {
            return None;
        }
        let context =
            active::context().map_or_else(RunContext::default, |context| RunContext::clone(&context));
        Some(active::attach_context(Some(context.with_baggage(baggage, &self.recorded).share())))
    }
}

impl<S> Layer<S> for TraceLayer {
    type Service = TraceService<S>;

    fn layer(&self, inner: S) -> TraceService<S> {
        TraceService { inner, layer: self.clone() }
    }
}

/// A service whose requests are spans: see [`TraceLayer`].
#[derive(Clone, Debug)]
pub struct TraceService<S> {
    inner: S,
    layer: TraceLayer,
}

impl<S, B, R> Service<Request<B>> for TraceService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: Display,
    R: Body<Error: Display>,
{
    type Response = Response<super::TraceBody<R>>;
    type Error = S::Error;
    type Future = TraceResponse<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let mut work = self.layer.begin(&request);
        let has_no_body = request.method() == Method::HEAD;
        let future = work.within(|| self.inner.call(request));
        TraceResponse::new(future, work, has_no_body)
    }
}
