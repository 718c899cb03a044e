//! [`Work`]: work that is going on.

use super::kind::Kind;
use crate::future::Visit;
use crate::propagation::{Injector, Propagators};
use crate::span::Span;
use obs_core::active::Place;
use obs_core::{Baggage, SharedContext};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// Work that is going on, with its [`Span`]; dropping it ends both.
#[must_use = "the work ends as soon as it drops"]
#[derive(Debug)]
pub struct Work<K: Kind> {
    span: Span,
    /// The run context that the work belongs to.
    context: Option<Arc<SharedContext>>,
    pub(super) kind: K,
}

impl<K: Kind> Work<K> {
    pub(super) fn new(span: Span, context: Option<Arc<SharedContext>>, kind: K) -> Self {
        Self { span, context, kind }
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
        let _visit = Visit::begin(self.span.place(), self.context.as_ref());
        let panicked = FailOnPanic { span: &mut self.span, unwinding: std::thread::panicking() };
        let result = f();
        drop(panicked);
        result
    }

    /// Writes trace context and baggage of the work into the headers of a request or a message, in place of those that are
    /// there.
    pub fn inject(&self, headers: &mut (impl Injector + ?Sized)) {
        const NONE: &Baggage = &Baggage::new();
        let baggage = self.context.as_ref().map_or(NONE, |context| &context.baggage);
        Propagators::default().inject(self.span.context().as_ref(), baggage, headers);
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
        let _visit = Visit::begin(self.span.place(), self.context.as_ref());
        self.kind.end(&mut self.span);
    }
}
