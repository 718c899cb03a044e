//! [`Queue`]: one destination's bounded queue, and the waits of its threads and of those who wait for them.
//!
//! Up to two threads work on it. The *sender* owns the sink: it takes parcels and sends them. The *spooler* exists when the
//! destination has a spool: it writes to disk what cannot leave in time. As long as all goes well items go straight from
//! the queue to the sender. When an attempt fails or takes long, when the queue fills up, or when something is on disk from
//! before, they take the *detour*: queue, spooler, disk, sender; so that what is oldest always goes first.
//!
//! Two locks. `state` is held for moments only, by pushers too. `answers` is held by whoever writes fates of accepted
//! items, and taken before `state` by whoever ends the queue, so that once the queue has ended and `answers` is free
//! every fate has been counted in full: a report made then adds up.

use crate::fates::Fates;
use crate::limits::Limits;
use crate::lot::Ticket;
use crate::parcel::{Parcel, Waiting};
use crate::shelf::Shelf;
use crate::sink::{Item, Priority};
use crate::sync::{Condvar, Mutex, MutexGuard, lock, nanos, wait};
use obs_core::ledger::{Gauges, Probe};
use obs_core::{Clock, DropReason, Fate};
use std::sync::Arc;
use std::time::Duration;

mod classes;
mod lane;
mod sender;
mod spooler;
mod state;

#[cfg(all(test, obs_loom))]
mod model;
#[cfg(all(test, not(obs_loom)))]
mod tests;

pub(crate) use lane::{Flushed, Lane};
pub(crate) use sender::{Next, Pause};
pub(crate) use spooler::Chore;
use state::{Idle, Phase, State};

pub(crate) struct Queue<T: Item> {
    limits: Limits,
    /// Dates items; injected.
    clock: Clock,
    /// Measures waits, which are real whatever `clock` says.
    timer: Clock,
    shelf: Option<Shelf>,
    state: Mutex<State<T>>,
    answers: Mutex<()>,
    /// Wakes the sender.
    work: Condvar,
    /// Wakes the spooler.
    chores: Condvar,
    /// Wakes those who wait for a flush or for the end.
    progress: Condvar,
    /// Wakes pushers that wait for room.
    room: Condvar,
}

impl<T: Item> Queue<T> {
    pub(crate) fn new(limits: Limits, clock: Clock, timer: Clock, shelf: Option<Shelf>) -> Self {
        let mut state = State::new();
        // What is on disk from before goes first.
        state.detour = shelf.as_ref().is_some_and(|s| !s.is_empty());
        Self {
            limits,
            clock,
            timer,
            shelf,
            state: Mutex::new(state),
            answers: Mutex::new(()),
            work: Condvar::new(),
            chores: Condvar::new(),
            progress: Condvar::new(),
            room: Condvar::new(),
        }
    }

    pub(crate) fn shelf(&self) -> Option<&Shelf> {
        self.shelf.as_ref()
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        lock(&self.state)
    }

    /// Takes what fits; the rest is settled as dropped. An item makes room for one of a higher priority. Waits for nothing
    /// but other pushers, and for the spool in one case: see [`Limits::make_room`].
    pub(crate) fn push(&self, tickets: impl Iterator<Item = Ticket<T>>) {
        let since = self.clock.now();
        let mut rejected = Vec::new();
        let mut state = self.state();
        let (was_empty, was_ready) = (state.waiting.is_empty(), state.waiting.is_full_batch(&self.limits));
        let mut reason = DropReason::QueueFull;
        for ticket in tickets {
            let (weight, priority) = (ticket.item().weight(), ticket.item().priority());
            let count = ticket.count();
            while !state.waiting.has_room(weight, count, &self.limits)
                && let Some(evicted) = state.waiting.evict_below(priority)
            {
                state.overflow += u64::from(evicted.ticket.count());
                rejected.push(evicted.ticket);
            }
            if priority == Priority::High && self.shelf.is_some() {
                state = self.wait_for_room(state, weight, count);
            }
            if state.phase != Phase::Running {
                reason = state.closed_for;
                rejected.push(ticket);
            } else if state.waiting.has_room(weight, count, &self.limits) {
                state.accepted += 1;
                let number = state.accepted;
                state.waiting.push(priority, Waiting { ticket, weight, since, number });
            } else {
                state.overflow += u64::from(ticket.count());
                rejected.push(ticket);
            }
        }
        self.wake(&mut state, was_empty, was_ready);
        drop(state);
        if !rejected.is_empty() {
            self.settle(&rejected, Fate::Dropped(reason));
        }
    }

    /// After items came: wakes the thread that has to know.
    fn wake(&self, state: &mut State<T>, was_empty: bool, was_ready: bool) {
        if state.waiting.is_empty() {
            return;
        }
        if self.shelf.is_some()
            && !state.detour
            && !state.spool_full
            && state.waiting.is_half_full(&self.limits)
        {
            state.detour = true;
            self.chores.notify_one();
        }
        let is_full = !was_ready && state.waiting.is_full_batch(&self.limits);
        let (idle, thread) =
            if state.detour { (state.spooler_idle, &self.chores) } else { (state.sender_idle, &self.work) };
        match idle {
            Idle::Deep if was_empty || is_full => thread.notify_one(),
            Idle::Light if is_full => thread.notify_one(),
            _ => {}
        }
    }

    /// Waits for the spooler to make room for an item of high priority, as long as the spool takes anything.
    fn wait_for_room<'a>(
        &'a self,
        mut state: MutexGuard<'a, State<T>>,
        weight: usize,
        count: u32,
    ) -> MutexGuard<'a, State<T>> {
        let fits_ever = weight <= self.limits.queue_bytes;
        let mut until = None;
        while fits_ever
            && state.phase == Phase::Running
            && !state.spool_full
            && !state.waiting.has_room(weight, count, &self.limits)
        {
            let now = self.timer.now();
            let until = *until.get_or_insert(now.saturating_add(nanos(self.limits.make_room)));
            if now >= until {
                break;
            }
            state.detour = true;
            self.chores.notify_one();
            state.pushers += 1;
            state = wait(&self.room, state, Some(Duration::from_nanos(until - now)));
            state.pushers -= 1;
        }
        state
    }

    /// The oldest items that make a batch; wakes pushers that wait for their room.
    fn take_batch(&self, state: &mut State<T>) -> Arc<Parcel<T>> {
        let parcel = Arc::new(Parcel::new(state.waiting.take_batch(&self.limits)));
        if state.pushers > 0 {
            self.room.notify_all();
        }
        parcel
    }

    /// How long until a batch is due; zero when one is, `None` when nothing waits.
    fn due_in(&self, state: &State<T>, longest: Duration) -> Option<Duration> {
        let oldest = state.waiting.oldest()?;
        let hurried = state.phase != Phase::Running || !state.flushes.is_empty();
        if hurried || state.waiting.is_full_batch(&self.limits) {
            return Some(Duration::ZERO);
        }
        let age = Duration::from_nanos(self.clock.now().saturating_sub(oldest.since));
        Some(longest.saturating_sub(age))
    }

    /// Settles tickets unless they are settled already; returns for how many items it did.
    pub(crate) fn settle<'a>(&self, tickets: impl IntoIterator<Item = &'a Ticket<T>>, fate: Fate) -> u64 {
        let _answers = lock(&self.answers);
        let settled = tickets.into_iter().filter(|t| t.settle(fate)).map(|t| u64::from(t.count())).sum();
        if settled > 0 && fate == Fate::Dropped(DropReason::ShutdownDeadline) {
            self.state().late = true;
        }
        settled
    }

    /// Settles a ticket of whose item a part was taken, unless it is settled already; says whether it did.
    pub(crate) fn settle_divided(&self, ticket: &Ticket<T>, fates: &Fates) -> bool {
        let _answers = lock(&self.answers);
        let settled = ticket.settle_divided(fates);
        if settled && fates.of(Fate::Dropped(DropReason::ShutdownDeadline)) > 0 {
            self.state().late = true;
        }
        settled
    }

    /// Settles items that are on disk, unless nobody waits for the answer any longer; returns for how many (of the
    /// ledger) that was news. Each is its number, whether an earlier process made it, and the fates of all that it stands
    /// for.
    pub(crate) fn settle_stored(&self, items: impl IntoIterator<Item = (u64, bool, Fates)>) -> u64 {
        let _answers = lock(&self.answers);
        let Some(shelf) = self.shelf.as_ref().filter(|_| self.state().phase != Phase::Ended) else {
            return 0;
        };
        let news =
            |(item, inherited, fates): &(u64, bool, Fates)| shelf.settle(Some(*item), *inherited, fates);
        items.into_iter().filter(news).map(|(_, _, fates)| fates.total()).sum()
    }

    /// Whether nobody waits for the threads any longer.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.state().phase == Phase::Ended
    }

    /// One more thread works on the queue.
    pub(crate) fn enter(&self) {
        self.state().threads += 1;
    }

    /// A thread is gone. After the last one, what is left and what is pushed later counts as `reason`.
    pub(crate) fn leave(&self, is_sender: bool, reason: DropReason) {
        let last = {
            let mut state = self.state();
            state.threads = state.threads.saturating_sub(1);
            state.sender_gone |= is_sender;
            self.chores.notify_one();
            state.threads == 0
        };
        if last {
            self.end(reason);
        }
    }

    /// Ends the queue. What is left, and what is pushed later, counts as `reason`.
    pub(crate) fn end(&self, reason: DropReason) {
        self.close(|state| {
            let reason = if state.phase == Phase::Running { reason } else { DropReason::ShutdownDeadline };
            if state.phase == Phase::Running {
                state.closed_for = reason;
            }
            Some(reason)
        });
    }

    /// Ends the queue. `why` says, under both locks, what to write for what is in memory; `None` leaves the queue as it
    /// is.
    fn close(&self, why: impl FnOnce(&mut State<T>) -> Option<DropReason>) {
        let answers = lock(&self.answers);
        let mut state = self.state();
        let Some(reason) = why(&mut state) else { return };
        state.phase = Phase::Ended;
        let waiting = state.waiting.take_all();
        let parcels = [state.in_hand.take().map(|h| h.parcel), state.at_spooler.take().map(|s| s.parcel)];
        drop(state);
        let under_way = parcels.iter().flatten().map(|p| p.give_up(reason)).sum::<usize>();
        let given_up = waiting.iter().filter(|w| w.ticket.settle(Fate::Dropped(reason))).count() + under_way;
        if given_up > 0 && reason == DropReason::ShutdownDeadline {
            self.state().late = true;
        }
        drop(answers);
        // Closing files takes time, for which nobody who pushes is to wait.
        if let Some(shelf) = &self.shelf {
            shelf.close();
        }
        self.work.notify_one();
        self.chores.notify_one();
        self.progress.notify_all();
        self.room.notify_all();
    }
}

impl<T: Item> Probe for Queue<T> {
    fn gauges(&self) -> Gauges {
        let (queue_items, queue_bytes) = {
            let state = self.state();
            (state.waiting.items() as u64, state.waiting.bytes() as u64)
        };
        let pending = self.shelf.as_ref().map(Shelf::pending).unwrap_or_default();
        Gauges {
            queue_items,
            queue_bytes,
            spool_items: pending.items,
            spool_bytes: pending.bytes,
            spool_oldest: pending.oldest,
        }
    }
}
