//! [`FutureExt`]: futures that run within a span, wherever they are polled.

use crate::span::Span;
use obs_core::SharedContext;
use obs_core::active::{self, Captured, Place, move_to, set_place, swap_context};
use pin_project_lite::pin_project;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Futures that run within a span.
pub trait FutureExt: Future + Sized {
    /// Runs within `span`: it is the active one whenever the future is polled, on whatever thread, and ends when the future
    /// is done or dropped. The run context of the caller comes along.
    ///
    /// ```
    /// # use obs_trace::{FutureExt, Tracer, span};
    /// # let tracer = Tracer::for_tests();
    /// let load = async { drop(span!(tracer, "sql.query")) }.in_span(span!(tracer, "load.data", table = "scores"));
    /// # futures_executor::block_on(load);
    /// let spans = tracer.take_finished();
    /// assert_eq!((spans[0].name.as_ref(), spans[0].parent), ("sql.query", Some(spans[1].span_id)));
    /// ```
    fn in_span(self, span: impl Into<Span>) -> InSpan<Self> {
        let span = span.into();
        // A span that changes nothing about the place leaves the future where its maker was: a thread that polls it must
        // not begin a trace of its own.
        let place = span.place().unwrap_or_else(active::place);
        let context = active::capture().context().cloned();
        InSpan { span: Some(span), place, context, future: Some(self) }
    }

    /// Runs within the span and the run context that are active now.
    fn in_current(self) -> InCurrent<Self> {
        InCurrent { here: active::capture(), future: self }
    }
}

impl<F: Future> FutureExt for F {}

/// A thread in another place and context for the time of one poll.
pub(crate) struct Visit {
    place: Place,
    /// The context that was attached, if another one is now.
    context: Before,
}

enum Before {
    Same,
    Other(Option<Arc<SharedContext>>),
}

impl Visit {
    #[inline]
    pub(crate) fn begin(place: Place, context: Option<&Arc<SharedContext>>) -> Self {
        // Nearly always the thread is in the same context already, and nothing of it has to be touched.
        let is_same = active::attached_id() == context.map_or(0, |c| c.id());
        Self {
            place: move_to(place),
            context: if is_same { Before::Same } else { Before::Other(swap_context(context.cloned())) },
        }
    }
}

impl Drop for Visit {
    #[inline]
    fn drop(&mut self) {
        set_place(self.place);
        if let Before::Other(context) = &mut self.context {
            swap_context(context.take());
        }
    }
}

pin_project! {
    /// A future within a span: see [`FutureExt::in_span`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct InSpan<F> {
        span: Option<Span>,
        place: Place,
        context: Option<Arc<SharedContext>>,
        // `None` once it is dropped.
        #[pin]
        future: Option<F>,
    }

    impl<F> PinnedDrop for InSpan<F> {
        fn drop(this: Pin<&mut Self>) {
            // A future that is dropped half-way drops what it holds within its span, which ends after that.
            let mut this = this.project();
            let _visit = Visit::begin(*this.place, this.context.as_ref());
            this.future.set(None);
        }
    }
}

/// Ends a span when it drops, which is when a poll panics: whoever catches that may drop the future long afterwards, when
/// nothing tells any more that the span failed.
struct EndsByPanic<'a, O, E: FnOnce(&mut Span, Option<&O>)> {
    span: &'a mut Option<Span>,
    at_end: Option<E>,
    output: PhantomData<fn(&O)>,
}

impl<'a, O, E: FnOnce(&mut Span, Option<&O>)> EndsByPanic<'a, O, E> {
    fn new(span: &'a mut Option<Span>, at_end: E) -> Self {
        Self { span, at_end: Some(at_end), output: PhantomData }
    }

    /// The poll did not panic: what is to be called at the end.
    fn disarm(mut self) -> Option<E> {
        let at_end = self.at_end.take();
        std::mem::forget(self);
        at_end
    }
}

impl<O, E: FnOnce(&mut Span, Option<&O>)> Drop for EndsByPanic<'_, O, E> {
    fn drop(&mut self) {
        if let (Some(mut span), Some(at_end)) = (self.span.take(), self.at_end.take()) {
            at_end(&mut span, None);
        }
    }
}

impl<F> InSpan<F> {
    /// The span, until the future is done.
    pub fn span_mut(self: Pin<&mut Self>) -> Option<&mut Span> {
        self.project().span.as_mut()
    }
}

impl<F: Future> InSpan<F> {
    /// Polls the future; when it is done, `at_end` sees the span and the value before the span ends. `None` is for a poll that
    /// panics.
    #[inline]
    pub(crate) fn poll_with(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        at_end: impl FnOnce(&mut Span, Option<&F::Output>),
    ) -> Poll<F::Output> {
        let mut this = self.project();
        let visit = Visit::begin(*this.place, this.context.as_ref());
        // Whoever polls a future again after its end gets no answer, as `Future::poll` permits.
        let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Pending };
        let ends = EndsByPanic::new(this.span, at_end);
        let output = future.poll(cx);
        let at_end = ends.disarm();
        if let Poll::Ready(value) = &output {
            this.future.set(None);
            drop(visit);
            if let (Some(mut span), Some(at_end)) = (this.span.take(), at_end) {
                at_end(&mut span, Some(value));
            }
        }
        output
    }
}

impl<F: Future> Future for InSpan<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.poll_with(cx, |_, _| {})
    }
}

pin_project! {
    /// A future within the span that was active where it was made: see [`FutureExt::in_current`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct InCurrent<F> {
        here: Captured,
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for InCurrent<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _visit = Visit::begin(this.here.place(), this.here.context());
        this.future.poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Outcome, Tracer, span};
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
    use std::task::Waker;

    /// TRC-03
    #[test]
    fn a_future_that_panics_has_failed_also_when_it_is_dropped_after_the_panic_was_caught() {
        let tracer = Tracer::for_tests();
        let boom = async { resume_unwind(Box::new("boom")) };
        let mut future = Box::pin(boom.in_span(span!(tracer, "fit.pca")));
        let mut poll = || future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let caught = catch_unwind(AssertUnwindSafe(&mut poll));
        assert!(caught.is_err());
        assert_eq!(active::span(), None);
        drop(future);
        assert_eq!(tracer.take_finished()[0].outcome, Outcome::Fail);
    }

    #[test]
    fn a_future_that_is_polled_while_a_panic_unwinds_goes_on_in_its_span() {
        struct Polls<'a>(Pin<&'a mut dyn Future<Output = ()>>);
        impl Drop for Polls<'_> {
            fn drop(&mut self) {
                let _ = self.0.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            }
        }
        let tracer = Tracer::for_tests();
        let mut polled = false;
        let twice = std::future::poll_fn(|_| {
            if std::mem::replace(&mut polled, true) {
                drop(span!(tracer, "sql.query"));
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
        let mut future = std::pin::pin!(twice.in_span(span!(tracer, "fit.pca")));
        let caught = catch_unwind(AssertUnwindSafe(|| {
            let _polls = Polls(future.as_mut());
            resume_unwind(Box::new("boom"));
        }));
        assert!(caught.is_err());
        assert_eq!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(()));
        let spans = tracer.take_finished();
        assert_eq!(spans[0].parent, Some(spans[1].span_id));
        assert_eq!(spans[1].outcome, Outcome::Success);
    }
}
