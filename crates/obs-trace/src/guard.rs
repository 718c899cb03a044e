//! [`SpanGuard`]: a span that is the active one of its thread.

use crate::recorder::local;
use crate::span::Span;
use obs_core::active::{self, Place, set_place};
use std::marker::PhantomData;
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
    span: Span,
    _not_send: PhantomData<*const ()>,
}

impl SpanGuard {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a span that is off must cost a branch, not a call")]
    pub(crate) const fn none() -> Self {
        Self { span: Span::none(), _not_send: PhantomData }
    }

    #[inline]
    pub(crate) fn new(span: Span) -> Self {
        if !cfg!(feature = "record") {
            return Self::none();
        }
        Self::from(active::place(), span)
    }

    /// The guard of a span that its thread enters from this place.
    #[inline]
    pub(crate) fn from(previous: Place, mut span: Span) -> Self {
        if let Some(open) = span.any_mut() {
            open.previous = previous;
            set_place(open.place);
        }
        Self { span, _not_send: PhantomData }
    }

    /// Leaves the span without ending it.
    #[cfg_attr(not(feature = "record"), inline)]
    pub fn detach(mut self) -> Span {
        if let Some(open) = self.span.any_mut() {
            set_place(open.previous);
        }
        std::mem::take(&mut self.span)
    }
}

impl Drop for SpanGuard {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a span that is off must cost a branch, not a call")]
    fn drop(&mut self) {
        if let Some(open) = self.span.take() {
            local::end_entered(open);
        }
    }
}

impl Deref for SpanGuard {
    type Target = Span;

    #[inline]
    fn deref(&self) -> &Span {
        &self.span
    }
}

impl DerefMut for SpanGuard {
    #[inline]
    fn deref_mut(&mut self) -> &mut Span {
        &mut self.span
    }
}

impl From<SpanGuard> for Span {
    #[cfg_attr(not(feature = "record"), inline)]
    fn from(guard: SpanGuard) -> Self {
        guard.detach()
    }
}
