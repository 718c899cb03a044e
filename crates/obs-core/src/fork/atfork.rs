//! What happens in the child, between `fork` and the return of it.
#![expect(
    unsafe_code,
    reason = "pthread_atfork is a C interface, and nothing safe tells a child of its birth"
)]

use super::GENERATION;
use std::sync::atomic::{AtomicBool, Ordering};

static REGISTERED: AtomicBool = AtomicBool::new(false);

pub(super) fn register() {
    if REGISTERED.load(Ordering::Relaxed) || REGISTERED.swap(true, Ordering::SeqCst) {
        return;
    }
    // SAFETY: `in_child` is a function of this program, never unloaded before the program ends, with the signature that
    // the call asks for. In the child only async-signal-safe functions may be called (POSIX.1, fork); it calls none, and
    // does one atomic addition.
    let refused = unsafe { libc::pthread_atfork(None, None, Some(in_child)) } != 0;
    if refused {
        // Out of memory; the next one who asks tries again.
        REGISTERED.store(false, Ordering::SeqCst);
    }
}

/// Runs in each child, on its only thread.
extern "C" fn in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}
