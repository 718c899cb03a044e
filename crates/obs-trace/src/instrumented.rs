//! [`Instrumented`]: a client whose calls are spans.

#[cfg(test)]
mod tests;

use crate::future::FutureExt;
use crate::global::global;
use crate::guard::SpanGuard;
use crate::span::Span;
use crate::tracer::Tracer;
use obs_core::active::{self, enter_place};
use std::borrow::Cow;
use std::error::Error;
use std::future::{Future, poll_fn};
use std::ops::{Deref, DerefMut};
use std::pin::pin;
use std::task::Poll;

/// Attribute that names the other side of a call.
const PEER: &str = "peer.service";

/// `client`, whose calls are spans of the tracer that the process has at the time of the call.
pub fn instrument<T>(client: T) -> Instrumented<T> {
    Instrumented { inner: client, tracer: None, peer: None }
}

/// Any client, with methods that make a call one span: its name is the operation's, and a panic, or an error that the call
/// returns, makes it fail. Everything else of the client is there as it was: it derefs to it.
///
/// ```
/// use obs_core::names::SpanKind;
/// use obs_trace::{Instrumented, Outcome, Tracer};
/// struct Lake;
/// impl Lake {
///     fn query(&self, text: &str) -> Result<usize, std::num::ParseIntError> { text.parse() }
/// }
/// let tracer = Tracer::for_tests();
/// let lake = Instrumented::new(Lake, tracer.clone(), "lake");
/// assert_eq!(lake.call_result("sql.query", |lake| lake.query("3")), Ok(3));
/// assert!(lake.call_result("sql.query", |lake| lake.query("three")).is_err());
/// assert!(lake.query("4").is_ok(), "without a span");
/// let spans = tracer.take_finished();
/// assert_eq!(spans.iter().map(|s| s.outcome).collect::<Vec<_>>(), [Outcome::Success, Outcome::Fail]);
/// assert_eq!(spans[0].attribute("peer.service").and_then(|v| v.as_str()), Some("lake"));
/// assert_eq!(spans[0].kind, SpanKind::Client, "as its name says");
/// ```
#[derive(Clone, Debug)]
pub struct Instrumented<T> {
    inner: T,
    /// The process's when there is none.
    tracer: Option<Tracer>,
    peer: Option<Cow<'static, str>>,
}

impl<T> Instrumented<T> {
    /// `inner` with spans of `tracer`; `peer` is what its other side is called (attribute `peer.service`).
    pub fn new(inner: T, tracer: Tracer, peer: impl Into<Cow<'static, str>>) -> Self {
        Self { inner, tracer: Some(tracer), peer: Some(peer.into()) }
    }

    /// What `f` makes of the client, within a span.
    pub fn call<R>(&self, operation: impl Into<Cow<'static, str>>, f: impl FnOnce(&T) -> R) -> R {
        let _span = self.enter(operation.into());
        f(&self.inner)
    }

    /// [`Instrumented::call`] for what changes the client.
    pub fn call_mut<R>(&mut self, operation: impl Into<Cow<'static, str>>, f: impl FnOnce(&mut T) -> R) -> R {
        let _span = self.enter(operation.into());
        f(&mut self.inner)
    }

    /// [`Instrumented::call`] for what may fail: the span records the error.
    pub fn call_result<R, E: Error>(
        &self,
        operation: impl Into<Cow<'static, str>>,
        f: impl FnOnce(&T) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut span = self.enter(operation.into());
        span.record_result(f(&self.inner))
    }

    /// [`Instrumented::call`] for a future, which runs within the span on whatever thread it is polled. Dropped half-way, it
    /// ends the span.
    pub async fn call_async<'a, R, F: Future<Output = R>>(
        &'a self,
        operation: impl Into<Cow<'static, str>>,
        f: impl FnOnce(&'a T) -> F,
    ) -> R {
        let span = self.begin(operation.into());
        // Within the span is also what the client does before it returns the future.
        async { f(&self.inner).await }.in_span(span).await
    }

    /// [`Instrumented::call_async`] for what may fail: the span records the error.
    pub async fn call_result_async<'a, R, E: Error, F: Future<Output = Result<R, E>>>(
        &'a self,
        operation: impl Into<Cow<'static, str>>,
        f: impl FnOnce(&'a T) -> F,
    ) -> Result<R, E> {
        let (mut span, here) = (self.begin(operation.into()), active::capture());
        let mut call = pin!(async { f(&self.inner).await });
        poll_fn(|cx| {
            let _context = here.attach();
            let _scope = span.place().map(enter_place);
            match call.as_mut().poll(cx) {
                Poll::Ready(result) => Poll::Ready(span.record_result(result)),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }

    /// The client alone.
    pub fn into_inner(self) -> T {
        self.inner
    }

    fn enter(&self, operation: Cow<'static, str>) -> SpanGuard {
        self.begin(operation).enter()
    }

    fn begin(&self, operation: Cow<'static, str>) -> Span {
        let tracer = self.tracer.clone().unwrap_or_else(global);
        let mut span = tracer.span(operation).detached();
        if let Some(peer) = &self.peer {
            span.set(PEER, peer.as_ref());
        }
        span
    }
}

impl<T> Deref for Instrumented<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T> DerefMut for Instrumented<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}
