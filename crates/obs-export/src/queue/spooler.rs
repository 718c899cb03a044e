//! The queue as the spooler sees it: what has to go to disk, and when.

use super::lane::GRACE;
use super::state::{AtSpooler, Idle, Phase};
use super::{Queue, State};
use crate::parcel::Parcel;
use crate::sink::Item;
use crate::sync::{nanos, wait};
use std::sync::Arc;
use std::time::Duration;

/// What the spooler does next.
pub(crate) enum Chore<T: Item> {
    /// Write this parcel, and say how that went with [`Queue::spooled`].
    Write(Arc<Parcel<T>>),
    /// Make durable what was written, and say so with [`Queue::flushed`]: this many flushes wait for it.
    Sync(u64),
    /// Make durable what was written and end.
    End,
}

impl<T: Item> Queue<T> {
    /// Waits until there is something to do. `unsynced` says since when something written is not durable, `blocked` until
    /// when nothing can be written; both by the timer.
    pub(crate) fn next_chore(&self, unsynced: Option<u64>, blocked: Option<u64>) -> Chore<T> {
        let mut state = self.state();
        loop {
            let now = self.timer.now();
            if state.phase == Phase::Ended {
                return Chore::End;
            }
            let mut wake = Wake::default();
            self.choose_way(&mut state, now, &mut wake);
            let blocked = blocked.filter(|until| now < *until);
            wake.at(blocked);
            if blocked.is_none()
                && let Some(parcel) = self.next_to_write(&mut state, &mut wake, now)
            {
                return Chore::Write(parcel);
            }
            let due = state.take_due_flushes();
            let sync_at = unsynced.map(|since| since.saturating_add(self.sync_every()));
            if due > 0 || sync_at.is_some_and(|at| now >= at) {
                return Chore::Sync(due);
            }
            wake.at(sync_at);
            if is_through(&state, now, &mut wake) {
                return Chore::End;
            }
            let soon = now.saturating_add(nanos(self.longest_before_disk()));
            let looks_soon = wake.0.is_some_and(|at| at <= soon && now < soon);
            state.spooler_idle = if looks_soon { Idle::Light } else { Idle::Deep };
            let left = wake.0.map(|at| Duration::from_nanos(at.saturating_sub(now).max(1)));
            state = wait(&self.chores, state, left);
            state.spooler_idle = Idle::No;
        }
    }

    fn sync_every(&self) -> u64 {
        nanos(self.limits.sync_every)
    }

    /// How long an item on the detour waits for others.
    fn longest_before_disk(&self) -> Duration {
        self.limits.max_age.min(self.limits.write_ahead)
    }

    /// Whether items have to take the detour from now on.
    fn choose_way(&self, state: &mut State<T>, now: u64, wake: &mut Wake) {
        if state.detour {
            return;
        }
        if state.sender_gone {
            state.detour = true;
        }
        if let Some(hand) = &state.in_hand {
            let at = hand.since.saturating_add(nanos(self.limits.write_ahead));
            state.detour |= now >= at;
            wake.at(Some(at));
        }
        if let Phase::Draining { spool_at, .. } = state.phase {
            state.detour |= now >= spool_at;
            wake.at(Some(spool_at));
        }
    }

    /// What to write now, oldest first.
    fn next_to_write(&self, state: &mut State<T>, wake: &mut Wake, now: u64) -> Option<Arc<Parcel<T>>> {
        if !state.detour {
            return None;
        }
        if let Some(hand) = &state.in_hand {
            return Some(Arc::clone(&hand.parcel));
        }
        if let Some(at) = &mut state.at_spooler {
            at.stranded = false;
            return Some(Arc::clone(&at.parcel));
        }
        let left = self.due_in(state, self.longest_before_disk())?;
        if !left.is_zero() && !state.sender_gone {
            wake.at(Some(now.saturating_add(nanos(left))));
            return None;
        }
        let parcel = self.take_batch(state);
        state.at_spooler = Some(AtSpooler { parcel: Arc::clone(&parcel), stranded: false });
        Some(parcel)
    }

    /// The parcel is on disk, as so many items; or could not be written.
    pub(crate) fn spooled(&self, parcel: &Arc<Parcel<T>>, written: Option<u64>) {
        let mut state = self.state();
        state.spool_full = written.is_none();
        if let Some(items) = written {
            state.spooled += items;
            if state.in_hand.as_ref().is_some_and(|h| Arc::ptr_eq(&h.parcel, parcel)) {
                state.in_hand = None;
            }
            if state.at_spooler.as_ref().is_some_and(|s| Arc::ptr_eq(&s.parcel, parcel)) {
                state.at_spooler = None;
            }
        } else if let Some(at) = &mut state.at_spooler {
            at.stranded = true;
        }
        self.work.notify_one();
        if state.pushers > 0 {
            self.room.notify_all();
        }
    }
}

/// Whether nothing is left to do: the sender is gone, or a shutdown has all of it on disk and waits in vain.
fn is_through<T: Item>(state: &State<T>, now: u64, wake: &mut Wake) -> bool {
    let in_memory = state.oldest_in_memory() != u64::MAX;
    let Phase::Draining { deadline, .. } = state.phase else {
        return false;
    };
    if now >= deadline || (state.sender_gone && !in_memory) {
        return true;
    }
    wake.at(Some(deadline));
    if in_memory || !state.detour {
        return false;
    }
    let hopeless = state.attempt.map(|since| since.saturating_add(nanos(GRACE)));
    wake.at(hopeless);
    hopeless.is_some_and(|at| now >= at)
}

/// When the spooler has to look again.
#[derive(Default)]
struct Wake(Option<u64>);

impl Wake {
    fn at(&mut self, time: Option<u64>) {
        self.0 = [self.0, time].into_iter().flatten().min();
    }
}
