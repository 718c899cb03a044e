//! A value that tests can wait on.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// State shared between a server's threads and a test; every update wakes those who wait.
#[derive(Debug, Default)]
pub(crate) struct Watched<T> {
    value: Mutex<T>,
    changed: Condvar,
}

impl<T> Watched<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { value: Mutex::new(value), changed: Condvar::new() }
    }

    pub(crate) fn read<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&lock(&self.value))
    }

    pub(crate) fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let result = change(&mut lock(&self.value));
        self.changed.notify_all();
        result
    }

    /// Waits until `ready` holds, at most `timeout`; says whether it came to hold.
    pub(crate) fn wait_for(&self, mut ready: impl FnMut(&T) -> bool, timeout: Duration) -> bool {
        let guard = lock(&self.value);
        let (guard, _) = self
            .changed
            .wait_timeout_while(guard, timeout, |value| !ready(value))
            .unwrap_or_else(PoisonError::into_inner);
        ready(&guard)
    }
}

/// Locks, going on after a panic elsewhere: the failed test has already reported it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
