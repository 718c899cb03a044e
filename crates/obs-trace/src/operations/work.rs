//! [`Work`]: work that is going on.

use super::kind::Kind;
use super::scope::Scope;
use crate::future::Visit;
use crate::propagation::{Injector, Propagators, at};
use crate::record::Outcome;
use crate::span::Span;
use obs_core::active::{self, Place};
use obs_core::{Baggage, SharedContext, keys};
use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// Work that is going on, with its [`Span`]; dropping it ends both.
#[must_use = "the work ends as soon as it drops"]
#[derive(Debug)]
pub struct Work<K: Kind> {
    span: Span,
    /// The run context that the work belongs to.
    context: Option<Arc<SharedContext>>,
    /// Where the thread was when it began.
    around: Place,
    pub(super) kind: K,
}

impl<K: Kind> Work<K> {
    pub(super) fn new(span: Span, context: Option<Arc<SharedContext>>, kind: K) -> Self {
        Self { span, context, around: active::place(), kind }
    }

    pub(super) fn place(&self) -> Option<Place> {
        self.span.place()
    }

    pub(super) fn context(&self) -> Option<&Arc<SharedContext>> {
        self.context.as_ref()
    }

    /// Calls `f` with the work as the active one of this thread: what polls a future of it. Should `f` panic, the work has
    /// failed, also where somebody catches the panic.
    pub fn within<R>(&mut self, f: impl FnOnce() -> R) -> R {
        let _visit = Visit::begin(self.span.place().unwrap_or(self.around), self.context.as_ref());
        let panicked = FailOnPanic { span: &mut self.span, unwinding: std::thread::panicking() };
        let result = f();
        drop(panicked);
        result
    }

    /// Nobody waits for the result any longer, as when a client went away: the outcome is `fail`, `error.type` is
    /// `cancelled`, and the status stays unset, because nothing went wrong here.
    pub fn cancelled(&mut self) {
        self.outcome(Outcome::Fail);
        for key in [keys::ERROR_TYPE, keys::OTEL_ERROR_TYPE] {
            self.set(key, "cancelled");
        }
    }

    /// Goes on as what `future` does: see [`Operation::scope_with`](super::Operation::scope_with).
    pub fn scope_with<F, E>(self, future: F, at_end: E) -> Scope<K, F, E>
    where
        F: Future,
        E: FnOnce(&mut Self, &F::Output),
    {
        Scope::new(self, future, at_end)
    }

    /// Writes trace context and baggage of the work into the headers of a request or a message, in place of those that are
    /// there. Work that is not recorded passes on the trace around it, if there is one.
    pub fn inject(&self, headers: &mut (impl Injector + ?Sized)) {
        self.inject_as(Propagators::default(), headers);
    }

    /// [`Work::inject`] in these formats only.
    pub fn inject_as(&self, formats: Propagators, headers: &mut (impl Injector + ?Sized)) {
        const NONE: &Baggage = &Baggage::new();
        let baggage = self.context.as_ref().map_or(NONE, |context| &context.baggage);
        let span = self.span.context().or_else(|| at(self.around));
        // Without anything of our own to say, what the caller put there by hand stays.
        let formats = Propagators {
            trace_context: formats.trace_context && span.is_some(),
            baggage: formats.baggage && !baggage.is_empty(),
        };
        formats.inject(span.as_ref(), baggage, headers);
    }
}

/// Marks a span as failed when it drops because of a panic that began after it was made.
struct FailOnPanic<'a> {
    span: &'a mut Span,
    unwinding: bool,
}

impl Drop for FailOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() && !self.unwinding {
            self.span.record_panic();
        }
    }
}

impl<K: Kind> Deref for Work<K> {
    type Target = Span;

    fn deref(&self) -> &Span {
        &self.span
    }
}

impl<K: Kind> DerefMut for Work<K> {
    fn deref_mut(&mut self) -> &mut Span {
        &mut self.span
    }
}

impl<K: Kind> Drop for Work<K> {
    fn drop(&mut self) {
        let _visit = Visit::begin(self.span.place().unwrap_or(self.around), self.context.as_ref());
        self.kind.end(&mut self.span);
    }
}
