//! The locks of the queue: the standard library's, or under `--cfg obs_loom` those of the model checker.

#[cfg(obs_loom)]
pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard};
#[cfg(not(obs_loom))]
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard};

use std::sync::PoisonError;
use std::time::Duration;

/// Locks. A panic while a lock was held leaves what it protects whole: nothing under our locks panics half-way.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for `condvar` at most `timeout`; without one, until it is notified.
pub(crate) fn wait<'a, S>(
    condvar: &Condvar,
    guard: MutexGuard<'a, S>,
    timeout: Option<Duration>,
) -> MutexGuard<'a, S> {
    match timeout {
        None => condvar.wait(guard).unwrap_or_else(PoisonError::into_inner),
        Some(timeout) => condvar.wait_timeout(guard, timeout).unwrap_or_else(PoisonError::into_inner).0,
    }
}

/// A duration in nanoseconds, at most 584 years.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
