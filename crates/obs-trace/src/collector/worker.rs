//! [`Worker`]: the thread that collects.

use crate::tracer::Inner;
use std::io;
use std::sync::Weak;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, Thread};
use std::time::Duration;

/// How long it sleeps while spans come, and while none do. Threads that record fill their rings meanwhile; they wake it when
/// a quarter of the room for all is in use.
const BUSY: Duration = Duration::from_millis(25);
const IDLE: Duration = Duration::from_millis(200);

/// The thread that collects, and what is shared with those who wake it.
#[derive(Debug, Default)]
pub(crate) struct Worker {
    thread: OnceLock<Thread>,
    is_asleep: AtomicBool,
}

impl Worker {
    /// Starts the thread. It ends when the tracer closes or is gone.
    pub(crate) fn start(tracer: &Arc<Inner>) -> io::Result<()> {
        let weak = Arc::downgrade(tracer);
        let handle = thread::Builder::new().name("obs-trace".to_owned()).spawn(move || Self::run(&weak))?;
        let _ = tracer.worker.thread.set(handle.thread().clone());
        Ok(())
    }

    fn run(tracer: &Weak<Inner>) {
        let mut pause = BUSY;
        loop {
            let Some(inner) = tracer.upgrade().filter(|t| !t.is_closed()) else { return };
            pause = if inner.collect() { BUSY } else { (pause * 2).min(IDLE) };
            inner.worker.is_asleep.store(true, Ordering::Relaxed);
            // Whoever holds the last handle meanwhile is not to be kept waiting for this thread.
            drop(inner);
            thread::park_timeout(pause);
            let Some(inner) = tracer.upgrade() else { return };
            inner.worker.is_asleep.store(false, Ordering::Relaxed);
        }
    }

    /// Wakes the thread if it sleeps.
    #[cold]
    pub(crate) fn wake(&self) {
        if self.is_asleep.swap(false, Ordering::Relaxed)
            && let Some(thread) = self.thread.get()
        {
            thread.unpark();
        }
    }
}
