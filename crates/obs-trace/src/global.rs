//! The tracer that `span!("…")` uses: the process's, or one of this thread alone.

use crate::callsite::CallSite;
use crate::guard::SpanGuard;
use crate::tracer::Tracer;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

static GLOBAL: RwLock<Option<Tracer>> = RwLock::new(None);
/// Grows with every change; zero until the first.
static VERSION: AtomicU64 = AtomicU64::new(0);
/// The version of a tracer that is this thread's own, and stays whatever the process's is.
const OWN: u64 = u64::MAX;

type Seen = (u64, Option<Tracer>);

thread_local! {
    /// The tracer as this thread saw it last, and the version it had: so that a span touches nothing that others write.
    static SEEN: RefCell<Seen> = const { RefCell::new((0, None)) };
}

/// Makes `tracer` the one of the process; returns the one before. [`Tracer::off`] takes it away. A thread that has one of
/// its own ([`with_default`]) keeps that.
pub fn set_global(tracer: Tracer) -> Option<Tracer> {
    let mut global = GLOBAL.write().unwrap_or_else(PoisonError::into_inner);
    let previous = global.replace(tracer);
    VERSION.fetch_add(1, Ordering::Release);
    previous
}

/// The tracer that `span!("…")` uses on this thread: its own, else the process's; one that is off when there is neither.
pub fn global() -> Tracer {
    let own = SEEN.try_with(|seen| {
        let seen = seen.try_borrow().ok()?;
        if seen.0 == OWN { seen.1.clone() } else { None }
    });
    own.ok().flatten().unwrap_or_else(of_process)
}

fn of_process() -> Tracer {
    GLOBAL.read().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_else(Tracer::off)
}

/// Calls `f` with `tracer` as the one that `span!("…")` uses on this thread: for tests that run side by side, and for
/// programs with several tracers. Other threads, and tasks that other threads poll, know nothing of it: they are given the
/// tracer, and call this again.
///
/// ```
/// use obs_trace::{Tracer, span, with_default};
/// let tracer = Tracer::for_tests();
/// with_default(&tracer, || drop(span!("load.data")));
/// assert_eq!(tracer.take_finished()[0].name, "load.data");
/// ```
pub fn with_default<R>(tracer: &Tracer, f: impl FnOnce() -> R) -> R {
    let _default = set_default(tracer);
    f()
}

/// [`with_default`] until the guard drops. Guards are dropped in the reverse order in which they were made.
pub fn set_default(tracer: &Tracer) -> DefaultGuard {
    // From now on `start` must look; what it sees on other threads is the process's tracer, if there is one.
    let _ = VERSION.compare_exchange(0, 1, Ordering::Relaxed, Ordering::Relaxed);
    DefaultGuard { previous: swap((OWN, Some(tracer.clone()))), _not_send: PhantomData }
}

/// Sets what this thread knows; returns what it knew. `None` while the thread is being torn down.
fn swap(seen: Seen) -> Option<Seen> {
    SEEN.try_with(|cell| cell.try_borrow_mut().ok().map(|mut known| std::mem::replace(&mut *known, seen)))
        .ok()
        .flatten()
}

/// The time in which a thread has a tracer of its own: see [`set_default`]. `!Send`: it belongs to the thread that made it.
#[must_use = "the previous tracer comes back as soon as the guard drops"]
#[derive(Debug)]
pub struct DefaultGuard {
    previous: Option<Seen>,
    _not_send: PhantomData<*const ()>,
}

impl Drop for DefaultGuard {
    fn drop(&mut self) {
        if let Some(previous) = self.previous.take() {
            swap(previous);
        }
    }
}

/// Starts the span of a call site with the tracer of this thread or of the process.
#[doc(hidden)]
#[inline]
pub fn start(site: &'static CallSite) -> SpanGuard {
    if !cfg!(feature = "record") {
        return SpanGuard::none();
    }
    let version = VERSION.load(Ordering::Relaxed);
    if version == 0 {
        return SpanGuard::none();
    }
    let start = |seen: &RefCell<Seen>| {
        let mut seen = seen.try_borrow_mut().ok()?;
        if seen.0 != version {
            look_again(&mut seen, version);
        }
        seen.1.as_ref().map(|tracer| tracer.start(site))
    };
    SEEN.try_with(start).ok().flatten().unwrap_or_else(SpanGuard::none)
}

#[cold]
fn look_again(seen: &mut Seen, version: u64) {
    if seen.0 != OWN {
        *seen = (version, Some(of_process()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span;

    fn names(tracer: &Tracer) -> Vec<String> {
        tracer.take_finished().into_iter().map(|s| s.name.into_owned()).collect()
    }

    #[test]
    fn a_thread_has_the_tracer_it_was_given_and_nobody_else_has() {
        let (outer, inner) = (Tracer::for_tests(), Tracer::for_tests());
        with_default(&outer, || {
            drop(span!("load.data"));
            with_default(&inner, || drop(span!("fit.pca")));
            std::thread::scope(|s| s.spawn(|| drop(span!("fit.gmm"))).join().unwrap());
            drop(global().start_named("score.pca"));
        });
        drop(span!("drift"));
        assert_eq!(names(&outer), ["load.data", "score.pca"]);
        assert_eq!(names(&inner), ["fit.pca"]);
    }

    #[test]
    fn the_tracer_of_before_comes_back_also_after_a_panic() {
        let (outer, inner) = (Tracer::for_tests(), Tracer::for_tests());
        let _default = set_default(&outer);
        let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            with_default(&inner, || std::panic::resume_unwind(Box::new("boom")));
        }));
        assert!(unwound.is_err());
        drop(span!("drift"));
        assert_eq!((names(&outer), names(&inner)), (vec!["drift".to_owned()], Vec::new()));
    }
}
