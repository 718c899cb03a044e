//! CPU time of this process, all threads together.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// User and system time of every thread, living and ended, since the process started.
pub(crate) fn time() -> Duration {
    let t = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(t.tv_sec.unsigned_abs(), t.tv_nsec as u32)
}

/// Runs `f` and gives the CPU time it took, on whatever thread.
pub(crate) fn spent<T>(f: impl FnOnce() -> T) -> (Duration, T) {
    let before = time();
    let value = f();
    (time().saturating_sub(before), value)
}
