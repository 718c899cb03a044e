//! [`TraceResponse`]: the future of an answer, within the span of its request.

use super::body::TraceBody;
use super::kind_of;
use axum::http::Response;
use http_body::Body;
use obs_trace::operations::{HttpServer, Work};
use pin_project_lite::pin_project;
use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// The future of an answer: see [`TraceLayer`](crate::TraceLayer).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct TraceResponse<F> {
        // `None` once it is done or dropped.
        #[pin]
        future: Option<F>,
        // `None` once there is an answer, and while the future is polled: should it panic, the work ends with it.
        work: Option<Work<HttpServer>>,
        has_no_body: bool,
    }

    impl<F> PinnedDrop for TraceResponse<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(mut work) = this.work.take() {
                work.within(|| this.future.set(None));
                work.cancelled();
            }
        }
    }
}

impl<F> TraceResponse<F> {
    pub(super) fn new(future: F, work: Work<HttpServer>, has_no_body: bool) -> Self {
        Self { future: Some(future), work: Some(work), has_no_body }
    }
}

impl<F, R, E> Future for TraceResponse<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Body<Error: Display>,
    E: Display,
{
    type Output = Result<Response<TraceBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        // Whoever polls a future again after its end gets no answer, as `Future::poll` permits.
        let (Some(mut work), Some(future)) = (this.work.take(), this.future.as_mut().as_pin_mut()) else {
            return Poll::Pending;
        };
        let Poll::Ready(output) = work.within(|| future.poll(cx)) else {
            *this.work = Some(work);
            return Poll::Pending;
        };
        work.within(|| this.future.set(None));
        Poll::Ready(match output {
            Ok(response) => {
                work.status(response.status().as_u16());
                let work = (!*this.has_no_body).then_some(work);
                Ok(response.map(|body| TraceBody::new(body, work)))
            }
            Err(error) => {
                work.record_failure(kind_of::<E>(), &error.to_string(), None);
                Err(error)
            }
        })
    }
}
