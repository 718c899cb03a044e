//! What the tests that own the profiling signal share.
#![allow(dead_code, reason = "each test program uses its part")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use obs_core::active::ActiveSpan;
use obs_core::{SpanId, TraceId};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// A process has one profiler: tests take turns.
pub(crate) fn turn() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A clock of the C library as a duration.
#[expect(unsafe_code, reason = "clocks of CPU time have no safe interface in std")]
fn clock(id: libc::clockid_t) -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is valid for the call.
    assert_eq!(unsafe { libc::clock_gettime(id, &raw mut time) }, 0);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// CPU time of this thread.
pub(crate) fn thread_time() -> Duration {
    clock(libc::CLOCK_THREAD_CPUTIME_ID)
}

/// CPU time of this process.
pub(crate) fn process_time() -> Duration {
    clock(libc::CLOCK_PROCESS_CPUTIME_ID)
}

/// CPU time of this process since it was `before`.
pub(crate) fn used_since(before: Duration) -> Duration {
    process_time().saturating_sub(before)
}

/// Uses `time` of this thread's CPU time in the function `work`, which gets a number to work on.
#[inline(never)]
pub(crate) fn burn(time: Duration, work: fn(u64) -> u64) {
    let end = thread_time() + time;
    let mut state = 1;
    while thread_time() < end {
        state = std::hint::black_box(work(state));
    }
}

/// Some steps of a generator.
#[inline(never)]
pub(crate) fn hot_one(mut state: u64) -> u64 {
    for _ in 0..100_000 {
        state = std::hint::black_box(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    }
    state
}

/// The same work under another name, and different enough not to be merged with the first.
#[inline(never)]
pub(crate) fn hot_two(mut state: u64) -> u64 {
    for _ in 0..100_000 {
        state = std::hint::black_box((state ^ (state << 13)).rotate_left(7) ^ 0x2545_f491_4f6c_dd1d);
    }
    state
}

/// A recorded span.
pub(crate) fn span(trace: u128, span: u64) -> ActiveSpan {
    ActiveSpan { trace_id: TraceId::new(trace).unwrap(), span_id: SpanId::new(span).unwrap(), sampled: true }
}
