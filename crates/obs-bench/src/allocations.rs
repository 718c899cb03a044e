//! [`Counting`]: the allocator of this program, which counts what all threads allocate while it is told to.

#![expect(unsafe_code, reason = "an allocator is an unsafe interface; each call is passed on as it came")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static ON: AtomicBool = AtomicBool::new(false);
static CALLS: AtomicU64 = AtomicU64::new(0);
static LIVE: AtomicI64 = AtomicI64::new(0);

/// The system's allocator. Off, it costs a branch, so that what is timed pays nothing for being counted elsewhere.
struct Counting;

/// What was allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allocated {
    /// Calls that gave memory, also those that made a block larger.
    pub(crate) calls: u64,
    /// Bytes asked for and not given back.
    pub(crate) live_bytes: i64,
}

/// Counting goes on until it drops; only one at a time.
#[derive(Debug)]
pub(crate) struct Count {
    calls: u64,
    live: i64,
}

/// Counts from now on what every thread allocates.
pub(crate) fn start() -> Count {
    ON.store(true, Relaxed);
    Count { calls: CALLS.load(Relaxed), live: LIVE.load(Relaxed) }
}

impl Count {
    /// What was allocated since it was started.
    pub(crate) fn so_far(&self) -> Allocated {
        Allocated { calls: CALLS.load(Relaxed) - self.calls, live_bytes: LIVE.load(Relaxed) - self.live }
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        ON.store(false, Relaxed);
    }
}

/// Runs `f` and counts what is allocated meanwhile.
pub(crate) fn counted<T>(f: impl FnOnce() -> T) -> (Allocated, T) {
    let count = start();
    let value = f();
    (count.so_far(), value)
}

fn note(calls: u64, bytes: i64) {
    if ON.load(Relaxed) {
        CALLS.fetch_add(calls, Relaxed);
        LIVE.fetch_add(bytes, Relaxed);
    }
}

// SAFETY: every call goes to `System` with the arguments it came with, and counting touches nothing but atomics.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(1, layout.size() as i64);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(1, layout.size() as i64);
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        note(0, -(layout.size() as i64));
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(1, size as i64 - layout.size() as i64);
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(block, layout, size) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_counted_as_a_call_and_as_bytes() {
        let (allocated, kept) = counted(|| vec![0_u8; 1 << 20]);
        assert!(allocated.calls >= 1, "{allocated:?}");
        // Other tests run at the same time; none of them moves half a megabyte.
        assert!((1 << 19..1 << 21).contains(&allocated.live_bytes), "{allocated:?}");
        drop(kept);
    }
}
