//! [`Lane`]: a queue as the engine sees it: flush and shutdown.

use super::{Phase, Queue, State};
use crate::sink::Item;
use crate::sync::{MutexGuard, nanos, wait};
use obs_core::DropReason;
use std::time::Duration;

/// How long a shutdown waits for a destination that does not answer, or does not take what it is sent, when everything is
/// on disk already.
pub(super) const GRACE: Duration = Duration::from_secs(1);

/// A queue as the engine sees it, whatever its items are. Deadlines are times of the engine's timer.
pub(crate) trait Lane: Send + Sync {
    /// Asks for a flush; returns the number to wait for.
    fn ask_flush(&self) -> u64;

    /// Waits for a flush.
    fn wait_flushed(&self, number: u64, deadline: u64) -> Flushed;

    /// Takes no more items and sends what there is.
    fn begin_shutdown(&self, deadline: u64);

    /// Waits for the end and gives up what is left at the deadline.
    fn finish_shutdown(&self, deadline: u64) -> Finished;
}

/// How a flush went.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Flushed {
    Done,
    Failed(String),
    NotYet,
}

/// How a shutdown went.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finished {
    /// The deadline cut something off.
    pub(crate) late: bool,
    /// What the last `Sink::flush` said, if it failed.
    pub(crate) flush_error: Option<String>,
}

impl<T: Item> Lane for Queue<T> {
    fn ask_flush(&self) -> u64 {
        Queue::ask_flush(self)
    }

    fn wait_flushed(&self, number: u64, deadline: u64) -> Flushed {
        let state = self.wait_until(deadline, |s| s.flushed >= number);
        match &state.flush_error {
            _ if state.flushed < number => Flushed::NotYet,
            Some(error) => Flushed::Failed(error.clone()),
            None => Flushed::Done,
        }
    }

    fn begin_shutdown(&self, deadline: u64) {
        // The last fifth belongs to the disk: less than that is no time to write what a full queue holds.
        let now = self.timer.now();
        let patience = now.saturating_add(nanos(GRACE));
        let left = deadline.saturating_sub(now);
        let spool_at = deadline.saturating_sub(left / 5);
        let mut state = self.state();
        state.phase = match state.phase {
            Phase::Running => Phase::Draining { patience, spool_at, deadline },
            Phase::Draining { patience, spool_at: earlier, deadline: sooner } => {
                Phase::Draining { patience, spool_at: spool_at.min(earlier), deadline: deadline.min(sooner) }
            }
            Phase::Ended => Phase::Ended,
        };
        state.hurries += 1;
        self.work.notify_one();
        self.chores.notify_one();
        self.room.notify_all();
    }

    fn finish_shutdown(&self, deadline: u64) -> Finished {
        drop(self.wait_until(deadline, |_| false));
        self.abandon();
        let state = self.state();
        Finished { late: state.late, flush_error: state.flush_error.clone() }
    }
}

impl<T: Item> Queue<T> {
    /// Asks for a flush of what was accepted so far; returns the number to wait for.
    fn ask_flush(&self) -> u64 {
        let mut state = self.state();
        if state.phase == Phase::Ended {
            return state.flushed;
        }
        state.hurries += 1;
        let upto = state.accepted;
        if state.flushes.back() != Some(&upto) {
            state.flushes.push_back(upto);
            state.asked += 1;
        }
        self.work.notify_one();
        self.chores.notify_one();
        state.asked
    }

    /// Waits until `ready`, the end, or the deadline.
    fn wait_until(&self, deadline: u64, ready: impl Fn(&State<T>) -> bool) -> MutexGuard<'_, State<T>> {
        let mut state = self.state();
        while !ready(&state) && state.phase != Phase::Ended {
            let now = self.timer.now();
            if now >= deadline {
                break;
            }
            state = wait(&self.progress, state, Some(Duration::from_nanos(deadline - now)));
        }
        state
    }

    /// Stops waiting for the worker: what it has not answered for by now is given up.
    fn abandon(&self) {
        self.close(|state| {
            let waited = state.phase != Phase::Ended;
            // With everything on disk nothing is cut off, whatever the sender still waits for.
            state.late |= waited && (self.shelf.is_none() || state.oldest_in_memory() != u64::MAX);
            waited.then_some(DropReason::ShutdownDeadline)
        });
    }
}
