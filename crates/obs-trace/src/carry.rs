//! [`carry`]: closures that take the span and the run context of their maker along, to any thread.

use obs_core::active::{self, Captured};

/// A closure that runs within the span and the run context that are active now, on whatever thread it is called.
///
/// ```
/// # use obs_trace::{Tracer, carry, span};
/// # let tracer = Tracer::for_tests();
/// let load = span!(tracer, "load.data");
/// let id = load.span_id();
/// std::thread::spawn(carry(move || assert_eq!(obs_core::active::span().map(|s| s.span_id), id))).join().unwrap();
/// ```
pub fn carry<R>(f: impl FnOnce() -> R) -> impl FnOnce() -> R {
    let here = active::capture();
    move || {
        let _scope = here.attach();
        f()
    }
}

/// [`carry`] for a closure of one argument that is called many times, by several threads: the body of a parallel iterator.
///
/// ```
/// # use obs_trace::{Tracer, carry_each, span};
/// # let tracer = Tracer::for_tests();
/// use rayon::prelude::*;
/// let run = span!(tracer, "models.fit");
/// let sum: i32 = [1, 2, 3].par_iter().map(carry_each(|n| { drop(span!(tracer, "fit.pca")); n * 2 })).sum();
/// drop(run);
/// assert_eq!(sum, 12);
/// assert!(tracer.take_finished()[..3].iter().all(|s| s.parent.is_some()));
/// ```
pub fn carry_each<T, R>(f: impl Fn(T) -> R) -> impl Fn(T) -> R {
    let here: Captured = active::capture();
    move |item| {
        let _scope = here.attach();
        f(item)
    }
}

/// Threads of the standard library.
pub mod thread {
    use super::carry;
    use std::thread::JoinHandle;

    /// [`std::thread::spawn`] within the span and the run context of the caller.
    pub fn spawn<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> JoinHandle<R> {
        std::thread::spawn(carry(f))
    }
}

/// Tasks of tokio.
#[cfg(feature = "tokio")]
pub mod task {
    use super::carry;
    use crate::future::FutureExt;
    use std::future::Future;
    use tokio::task::JoinHandle;

    /// [`tokio::spawn`](tokio::task::spawn) within the span and the run context of the caller.
    pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        tokio::task::spawn(future.in_current())
    }

    /// [`tokio::task::spawn_blocking`] within the span and the run context of the caller.
    pub fn spawn_blocking<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> JoinHandle<R> {
        tokio::task::spawn_blocking(carry(f))
    }
}
