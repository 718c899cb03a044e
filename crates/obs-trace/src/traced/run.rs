//! [`Run`]: the future of a call that is over when the future is.

use super::status;
use crate::future::{FutureExt, InSpan};
use crate::span::Span;
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;

pin_project! {
    /// A future within the span of its call: see [`run`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Run<F, J> {
        #[pin]
        future: InSpan<F>,
        // `None` once it is done.
        judge: Option<J>,
        within_panic: bool,
    }

    impl<F, J> PinnedDrop for Run<F, J> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            let panicked = !*this.within_panic && thread::panicking();
            if let Some(span) = this.future.span_mut() {
                status::set(span, if panicked { status::ERROR } else { status::CANCELLED });
            }
        }
    }
}

/// Runs a future within the span of its call. `judge` looks at the value it gives, and returns whether the call succeeded.
pub fn run<F, J>(span: Span, future: F, judge: J) -> Run<F, J>
where
    F: Future,
    J: FnOnce(&mut Span, &F::Output) -> bool,
{
    Run { future: future.in_span(span), judge: Some(judge), within_panic: thread::panicking() }
}

impl<F, J> Future for Run<F, J>
where
    F: Future,
    J: FnOnce(&mut Span, &F::Output) -> bool,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let judge = this.judge;
        this.future.poll_with(cx, |span, value| {
            if let Some(judge) = judge.take() {
                let succeeded = value.is_some_and(|value| judge(span, value));
                status::set(span, if succeeded { status::SUCCESS } else { status::ERROR });
            }
        })
    }
}
