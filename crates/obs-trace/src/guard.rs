//! [`SpanGuard`]: a span that is the active one of its thread.

use crate::span::Span;
use obs_core::active::{SpanScope, enter_place};
use std::ops::{Deref, DerefMut};

/// A span that is the active one of its thread until it drops, which ends it.
///
/// `!Send`, so that a future that holds one across an `.await` cannot move to another thread and mix up its spans there:
/// use [`FutureExt::in_span`](crate::FutureExt::in_span) in async code.
///
/// ```compile_fail
/// # use obs_trace::{Tracer, span};
/// let tracer = Tracer::for_tests();
/// let guard = span!(tracer, "load.data");
/// std::thread::spawn(move || drop(guard));
/// ```
#[must_use = "the span ends as soon as the guard drops"]
#[derive(Debug)]
pub struct SpanGuard {
    // In this order: the span ends first, then its thread leaves it.
    span: Span,
    _scope: Option<SpanScope>,
}

impl SpanGuard {
    #[inline]
    pub(crate) fn none() -> Self {
        Self { span: Span::none(), _scope: None }
    }

    #[inline]
    pub(crate) fn new(span: Span) -> Self {
        let scope = span.place().map(enter_place);
        Self { span, _scope: scope }
    }

    /// Leaves the span without ending it.
    pub fn detach(self) -> Span {
        self.span
    }
}

impl Deref for SpanGuard {
    type Target = Span;

    fn deref(&self) -> &Span {
        &self.span
    }
}

impl DerefMut for SpanGuard {
    fn deref_mut(&mut self) -> &mut Span {
        &mut self.span
    }
}

impl From<SpanGuard> for Span {
    fn from(guard: SpanGuard) -> Self {
        guard.detach()
    }
}
