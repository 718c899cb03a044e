//! CPU time of this process and of its threads.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// User and system time of every thread, living and ended, since the process started.
pub(crate) fn time() -> Duration {
    read(ClockId::ProcessCPUTime)
}

/// User and system time of this thread since it started.
pub(crate) fn time_of_thread() -> Duration {
    read(ClockId::ThreadCPUTime)
}

fn read(clock: ClockId) -> Duration {
    let t = clock_gettime(clock);
    Duration::new(t.tv_sec.unsigned_abs(), t.tv_nsec as u32)
}

/// Runs `f` and gives the CPU time it took, on whatever thread.
pub(crate) fn spent<T>(f: impl FnOnce() -> T) -> (Duration, T) {
    let before = time();
    let value = f();
    (time().saturating_sub(before), value)
}
