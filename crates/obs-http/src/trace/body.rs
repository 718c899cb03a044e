//! [`TraceBody`]: the body of an answer, with whose end the span of its request ends.

use super::kind_of;
use http_body::{Body, Frame, SizeHint};
use obs_trace::operations::{HttpServer, Work};
use pin_project_lite::pin_project;
use std::fmt::Display;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// The body of an answer: see [`TraceLayer`](crate::TraceLayer).
    #[derive(Debug)]
    pub struct TraceBody<B> {
        #[pin]
        body: B,
        // `None` once the body has ended, and while it is polled: should it panic, the work ends with it.
        work: Option<Work<HttpServer>>,
    }

    impl<B> PinnedDrop for TraceBody<B> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(mut work) = this.project().work.take() {
                work.cancelled();
            }
        }
    }
}

impl<B: Body> TraceBody<B> {
    /// A body without work is not looked at.
    pub(super) fn new(body: B, work: Option<Work<HttpServer>>) -> Self {
        let work = work.filter(|_| !body.is_end_stream());
        Self { body, work }
    }
}

impl<B: Body<Error: Display>> Body for TraceBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let Some(mut work) = this.work.take() else { return this.body.poll_frame(cx) };
        let frame = work.within(|| this.body.as_mut().poll_frame(cx));
        match &frame {
            Poll::Ready(None) => {}
            Poll::Ready(Some(Err(error))) => {
                work.record_failure(kind_of::<B::Error>(), &error.to_string(), None);
            }
            // Servers do not ask again when they know that this was the last one.
            Poll::Ready(Some(Ok(_))) if this.body.is_end_stream() => {}
            Poll::Ready(Some(Ok(_))) | Poll::Pending => *this.work = Some(work),
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
