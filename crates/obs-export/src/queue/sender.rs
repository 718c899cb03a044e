//! The queue as the sender sees it: what to send next, and when to try again.

use super::state::{Idle, InHand, Phase};
use super::{Queue, State};
use crate::parcel::Parcel;
use crate::sink::Item;
use crate::sync::{lock, nanos, wait};
use obs_core::{DropReason, Fate};
use std::sync::Arc;
use std::time::Duration;

/// How long an item waits for others where there is a spool.
const LONGEST_IN_MEMORY: Duration = Duration::from_millis(500);

/// What the sender does next.
pub(crate) enum Next<T: Item> {
    /// Send this.
    Fresh(Arc<Parcel<T>>),
    /// Send the oldest records of the spool.
    Stored,
    /// Call `Sink::flush` and say so with [`Queue::flushed`]: this many flushes wait for it.
    Flush(u64),
    /// Make what was delivered durable and end.
    End,
}

/// How a wait between two tries ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pause {
    /// Try again.
    Over,
    /// No other try fits before the shutdown deadline, or none is worth it: what was sent is on disk.
    TimeUp,
}

impl<T: Item> Queue<T> {
    /// Waits until there is something to send.
    pub(crate) fn next(&self) -> Next<T> {
        let mut state = self.state();
        // Whether an item had all its time to come, and none came.
        let mut rested = false;
        loop {
            let out_of_time = match state.phase {
                Phase::Ended => return Next::End,
                Phase::Running => false,
                Phase::Draining { deadline, .. } => self.timer.now() >= deadline,
            };
            if out_of_time {
                drop(state);
                self.give_up_waiting();
                return Next::End;
            }
            if state.detour {
                match self.next_of_detour(&mut state) {
                    Some(next) => return next,
                    None if state.detour => {
                        let left = self.until_deadline(&state);
                        state = wait(&self.work, state, left);
                    }
                    None => {}
                }
                continue;
            }
            if self.shelf.is_none() {
                let due = state.take_due_flushes();
                if due > 0 {
                    return Next::Flush(due);
                }
            }
            let longest = self.longest_wait();
            let left = self.due_in(&state, longest);
            match left {
                Some(Duration::ZERO) => {
                    let parcel = self.take_batch(&mut state);
                    state.in_hand = Some(InHand { parcel: Arc::clone(&parcel), since: self.timer.now() });
                    if state.spooler_idle != Idle::No {
                        self.chores.notify_one();
                    }
                    return Next::Fresh(parcel);
                }
                None if state.is_draining() => return Next::End,
                _ => {}
            }
            let (left, idle) = match left {
                None if rested || longest.is_zero() => (None, Idle::Deep),
                None => (Some(longest), Idle::Light),
                some => (some, Idle::Light),
            };
            rested = true;
            state.sender_idle = idle;
            state = wait(&self.work, state, left);
            state.sender_idle = Idle::No;
        }
    }

    /// How long an item waits for others; with a spool at most half of the second that a crash may take.
    fn longest_wait(&self) -> Duration {
        let max_age = self.limits.max_age;
        if self.shelf.is_some() { max_age.min(LONGEST_IN_MEMORY) } else { max_age }
    }

    /// What to send while items take the detour; ends the detour when nothing is on it.
    fn next_of_detour(&self, state: &mut State<T>) -> Option<Next<T>> {
        if let Some(InHand { parcel, .. }) = &state.in_hand {
            return Some(Next::Fresh(Arc::clone(parcel)));
        }
        if self.shelf.as_ref().is_some_and(|s| !s.is_empty()) {
            return Some(if state.gave_up { Next::End } else { Next::Stored });
        }
        match &state.at_spooler {
            Some(at) if at.stranded => {
                let parcel = Arc::clone(&at.parcel);
                state.at_spooler = None;
                state.in_hand = Some(InHand { parcel: Arc::clone(&parcel), since: self.timer.now() });
                Some(Next::Fresh(parcel))
            }
            Some(_) => None,
            None => {
                state.detour = false;
                None
            }
        }
    }

    fn until_deadline(&self, state: &State<T>) -> Option<Duration> {
        match state.phase {
            Phase::Draining { deadline, .. } => {
                Some(Duration::from_nanos(deadline.saturating_sub(self.timer.now())))
            }
            _ => None,
        }
    }

    /// The deadline has passed. What waits is lost, unless the spooler takes it.
    fn give_up_waiting(&self) {
        if self.shelf.is_some() {
            return;
        }
        let unsent = self.state().waiting.take_all();
        self.settle(unsent.iter().map(|w| &w.ticket), Fate::Dropped(DropReason::ShutdownDeadline));
    }

    /// The parcel in hand is through, all of it settled.
    pub(crate) fn done_with_parcel(&self) {
        let mut state = self.state();
        state.in_hand = None;
        if self.shelf.is_some() && (!state.flushes.is_empty() || state.phase != Phase::Running) {
            self.chores.notify_one();
        }
    }

    /// The sender lost the parcel in hand.
    pub(crate) fn lose_parcel(&self) {
        let parcel = self.state().in_hand.as_ref().map(|h| Arc::clone(&h.parcel));
        if let Some(parcel) = parcel {
            let _answers = lock(&self.answers);
            parcel.give_up(DropReason::WorkerLost);
        }
        self.done_with_parcel();
    }

    /// The sender is through with `n` flushes.
    pub(crate) fn flushed(&self, n: u64, error: Option<String>) {
        let mut state = self.state();
        state.flushed += n;
        state.flush_error = error;
        drop(state);
        self.progress.notify_all();
    }

    /// An attempt begins. Returns what is to be handed to [`Queue::pause`] after it.
    pub(crate) fn begin_attempt(&self) -> u64 {
        let mut state = self.state();
        state.attempt = Some(self.timer.now());
        state.hurries
    }

    /// An attempt ended. When it failed and there is a spool, items take the detour from now on.
    pub(crate) fn end_attempt(&self, failed: bool) {
        let mut state = self.state();
        state.attempt = None;
        if failed && self.shelf.is_some() {
            state.detour = true;
            self.chores.notify_one();
        }
    }

    /// Waits before another try, at most `delay`; a flush or a shutdown asked for since `hurries` was read ends the
    /// wait. `may_pass` says whether another try soon is worth it once everything is on disk.
    pub(crate) fn pause(&self, delay: Duration, hurries: u64, may_pass: bool) -> Pause {
        let start = self.timer.now();
        let until = start.saturating_add(nanos(delay));
        let mut state = self.state();
        loop {
            let now = self.timer.now();
            match state.phase {
                Phase::Ended => return Pause::TimeUp,
                Phase::Draining { deadline, .. } if now >= deadline => return Pause::TimeUp,
                _ if state.hurries != hurries || now >= until => return Pause::Over,
                Phase::Draining { patience, .. }
                    if self.shelf.is_some()
                        && state.in_hand.is_none()
                        && (!may_pass || until >= patience) =>
                {
                    state.gave_up = true;
                    return Pause::TimeUp;
                }
                Phase::Draining { deadline, .. } if until >= deadline && self.shelf.is_none() => {
                    return Pause::TimeUp;
                }
                _ => {}
            }
            state = wait(&self.work, state, Some(Duration::from_nanos(until - now)));
        }
    }

    /// Items dropped because the queue was full, and items written to the spool, since the last call.
    pub(crate) fn take_overflow(&self) -> (u64, u64) {
        let mut state = self.state();
        (std::mem::take(&mut state.overflow), std::mem::take(&mut state.spooled))
    }
}
