//! [`Operation`]: work that is about to begin.

use super::change::Change;
use super::guard::WorkGuard;
use super::kind::Kind;
use super::scope::{Scope, Unseen};
use super::work::Work;
use crate::propagation::SpanContext;
use crate::span_builder::SpanBuilder;
use crate::tracer::Tracer;
use crate::value::Value;
use obs_core::{RunId, active};
use std::borrow::Cow;
use std::future::Future;

/// Work that is about to begin: [`Operation::start`], [`Operation::scope`] or [`Operation::detached`] begins it.
///
/// What is said about tenant, request and run goes into the run context, for as long as the work is active: log lines and
/// spans within it say it as well.
///
/// ```
/// use obs_trace::{Tracer, operations};
/// let tracer = Tracer::for_tests();
/// let insert = operations::db(&tracer, "insert", "scenario");
/// let rows = futures_executor::block_on(insert.scope_with(async { 3_u64 }, |work, rows| work.rows(*rows)));
/// assert_eq!(rows, 3);
/// assert_eq!(tracer.take_finished()[0].attribute("acm.n_rows").and_then(|v| v.as_i64()), Some(3));
/// ```
#[must_use = "start(), scope() or detached() begins the work"]
#[derive(Debug)]
pub struct Operation<K: Kind> {
    span: SpanBuilder,
    pub(super) change: Change,
    pub(super) kind: K,
}

impl<K: Kind> Operation<K> {
    pub(super) fn new(tracer: &Tracer, name: impl Into<Cow<'static, str>>, kind: K) -> Self {
        Self { span: tracer.span(name), change: Change::default(), kind }
    }

    /// The tenant that the work is for (`acm.tenant_id`).
    pub fn tenant(mut self, tenant_id: impl Into<String>) -> Self {
        self.change.tenant_id = Some(tenant_id.into());
        self
    }

    /// The request that the work answers (`acm.request_id`).
    pub fn request(mut self, request_id: impl Into<String>) -> Self {
        self.change.request_id = Some(request_id.into());
        self
    }

    /// The run that the work belongs to (`acm.run_id`).
    pub fn run(mut self, run_id: RunId) -> Self {
        self.change.run_id = Some(run_id);
        self
    }

    /// Any other attribute of the span.
    pub fn set(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Value<'static>>) -> Self {
        self.span = self.span.set(key, value);
        self
    }

    /// The span's parent; otherwise that is the active span. See [`SpanBuilder::parent`].
    pub fn parent(mut self, parent: &SpanContext) -> Self {
        self.span = self.span.parent(parent);
        self
    }

    /// Another span that the work has to do with.
    pub fn link(mut self, to: &SpanContext) -> Self {
        self.span = self.span.link(to);
        self
    }

    /// Begins the work, as the active one of this thread until the guard drops, which ends it.
    pub fn start(self) -> WorkGuard<K> {
        WorkGuard::new(self.detached())
    }

    /// Begins the work without making it the active one. It can move to another thread, and ends when it drops.
    pub fn detached(self) -> Work<K> {
        let Self { span, change, mut kind } = self;
        let changed = change.apply();
        let tracer = span.tracer().clone();
        let (mut span, context) = match changed {
            None => (span.detached(), active::capture().context().cloned()),
            Some(context) => {
                let _changed = active::attach_context(Some(context.clone()));
                (span.detached(), Some(context))
            }
        };
        kind.begin(&mut span, &tracer);
        Work::new(span, context, kind)
    }

    /// Begins the work, which is what `future` does: it is the active one whenever the future is polled, and ends when the
    /// future is done. A future that is dropped before that was [cancelled](Work::cancelled).
    pub fn scope<F: Future>(self, future: F) -> Scope<K, F, Unseen<K, F>> {
        Scope::new(self.detached(), future, |_, _| {})
    }

    /// [`Operation::scope`], where `at_end` sees what came of it and tells the work: rows, hit or miss, an error.
    pub fn scope_with<F, E>(self, future: F, at_end: E) -> Scope<K, F, E>
    where
        F: Future,
        E: FnOnce(&mut Work<K>, &F::Output),
    {
        Scope::new(self.detached(), future, at_end)
    }
}
