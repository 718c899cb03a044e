//! The tracer of the process, which `span!("…")` uses.

use crate::callsite::CallSite;
use crate::guard::SpanGuard;
use crate::tracer::Tracer;
use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

static GLOBAL: RwLock<Option<Tracer>> = RwLock::new(None);
/// Grows with every change; zero until the first.
static VERSION: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// The tracer as this thread saw it last, and the version it had: so that a span touches nothing that others write.
    static SEEN: RefCell<(u64, Option<Tracer>)> = const { RefCell::new((0, None)) };
}

/// Makes `tracer` the one of the process; returns the one before. [`Tracer::off`] takes it away.
pub fn set_global(tracer: Tracer) -> Option<Tracer> {
    let mut global = GLOBAL.write().unwrap_or_else(PoisonError::into_inner);
    let previous = global.replace(tracer);
    VERSION.fetch_add(1, Ordering::Release);
    previous
}

/// The tracer of the process; one that is off when there is none.
pub fn global() -> Tracer {
    GLOBAL.read().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_else(Tracer::off)
}

/// Starts the span of a call site with the tracer of the process.
#[doc(hidden)]
#[inline]
pub fn start(site: &'static CallSite) -> SpanGuard {
    let version = VERSION.load(Ordering::Relaxed);
    if version == 0 {
        return SpanGuard::none();
    }
    let start = |seen: &RefCell<(u64, Option<Tracer>)>| {
        let mut seen = seen.try_borrow_mut().ok()?;
        if seen.0 != version {
            *seen = (version, Some(global()));
        }
        seen.1.as_ref().map(|tracer| tracer.start(site))
    };
    SEEN.try_with(start).ok().flatten().unwrap_or_else(SpanGuard::none)
}
