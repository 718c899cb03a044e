//! [`Scope`]: a future that is the work of an operation.

use super::kind::Kind;
use super::work::Work;
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What sees the end of a [`Scope`] that nobody looks at.
pub type Unseen<K, F> = fn(&mut Work<K>, &<F as Future>::Output);

pin_project! {
    /// A future that is the work of an operation: see [`Operation::scope`](super::Operation::scope).
    #[must_use = "futures do nothing unless polled"]
    pub struct Scope<K: Kind, F, E> {
        // `None` once it is over, and while the future is polled: should it panic, the work ends with it.
        work: Option<Work<K>>,
        // `None` once it is done or dropped.
        #[pin]
        future: Option<F>,
        at_end: Option<E>,
    }

    impl<K: Kind, F, E> PinnedDrop for Scope<K, F, E> {
        fn drop(this: Pin<&mut Self>) {
            // A future that is dropped half-way drops what it holds within its work, which ends after that.
            let mut this = this.project();
            if let Some(mut work) = this.work.take() {
                work.within(|| this.future.set(None));
                work.cancelled();
            }
        }
    }
}

impl<K: Kind, F, E> Scope<K, F, E> {
    pub(super) fn new(work: Work<K>, future: F, at_end: E) -> Self {
        Self { work: Some(work), future: Some(future), at_end: Some(at_end) }
    }
}

impl<K: Kind, F, E> fmt::Debug for Scope<K, F, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").field("work", &self.work).finish_non_exhaustive()
    }
}

impl<K, F, E> Future for Scope<K, F, E>
where
    K: Kind,
    F: Future,
    E: FnOnce(&mut Work<K>, &F::Output),
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        // Whoever polls a future again after its end gets no answer, as `Future::poll` permits.
        let (Some(mut work), Some(future)) = (this.work.take(), this.future.as_mut().as_pin_mut()) else {
            return Poll::Pending;
        };
        let output = work.within(|| future.poll(cx));
        match &output {
            Poll::Pending => *this.work = Some(work),
            Poll::Ready(value) => {
                work.within(|| this.future.set(None));
                if let Some(at_end) = this.at_end.take() {
                    at_end(&mut work, value);
                }
            }
        }
        output
    }
}
