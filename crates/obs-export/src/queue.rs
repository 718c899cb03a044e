//! [`Queue`]: one destination's bounded queue, and the waits of its worker and of those who wait for it.
//!
//! Two locks. `state` is held for moments only, by pushers too. `answers` is held by whoever writes fates of accepted
//! items, and taken before `state` by whoever ends the queue, so that once the queue has ended and `answers` is free
//! every fate has been counted in full: a report made then adds up.

use crate::limits::Limits;
use crate::lot::Ticket;
use crate::sink::Item;
use obs_core::{Clock, DropReason, Fate};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

mod lane;
mod state;

pub(crate) use lane::{Flushed, Lane};
use state::{Phase, State, Waiting};

/// The batch in hand, oldest item first.
pub(crate) type Batch<T> = Arc<Vec<Ticket<T>>>;

pub(crate) struct Queue<T: Item> {
    limits: Limits,
    /// Dates items; injected.
    clock: Clock,
    /// Measures waits, which are real whatever `clock` says.
    timer: Clock,
    state: Mutex<State<T>>,
    answers: Mutex<()>,
    /// Wakes the worker.
    work: Condvar,
    /// Wakes those who wait for a flush or for the end.
    progress: Condvar,
}

/// What the worker does next.
pub(crate) enum Next<T: Item> {
    /// Send this.
    Send(Batch<T>),
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
    /// No other try fits before the shutdown deadline.
    TimeUp,
}

impl<T: Item> Queue<T> {
    pub(crate) fn new(limits: Limits, clock: Clock, timer: Clock) -> Self {
        Self {
            limits,
            clock,
            timer,
            state: Mutex::new(State::new()),
            answers: Mutex::new(()),
            work: Condvar::new(),
            progress: Condvar::new(),
        }
    }

    /// A panic while the lock is held leaves the state whole: nothing under it panics half-way.
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answers(&self) -> MutexGuard<'_, ()> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // ---- the pusher's side

    /// Takes what fits; the rest is settled as dropped. Never waits for anything but other pushers.
    pub(crate) fn push(&self, tickets: impl Iterator<Item = Ticket<T>>) {
        let since = self.clock.now();
        let mut rejected = Vec::new();
        let mut state = self.state();
        let (idle, was_ready) = (state.idle, state.is_full_batch(&self.limits));
        let was_empty = state.waiting.is_empty();
        let mut reason = DropReason::QueueFull;
        for ticket in tickets {
            let weight = ticket.item().weight();
            if state.phase != Phase::Running {
                reason = state.closed_for;
                rejected.push(ticket);
            } else if state.waiting.len() >= self.limits.queue_items.max(1)
                || state.bytes.saturating_add(weight) > self.limits.queue_bytes
            {
                state.overflow += ticket.count();
                rejected.push(ticket);
            } else {
                state.accepted += 1;
                state.bytes += weight;
                state.waiting.push_back(Waiting { ticket, weight, since });
            }
        }
        let wake = idle
            && !state.waiting.is_empty()
            && (was_empty || (!was_ready && state.is_full_batch(&self.limits)));
        drop(state);
        if wake {
            self.work.notify_one();
        }
        for ticket in rejected {
            ticket.settle(Fate::Dropped(reason));
        }
    }

    // ---- the worker's side

    /// Waits until there is something to do.
    pub(crate) fn next(&self) -> Next<T> {
        let mut state = self.state();
        loop {
            let running = match state.phase {
                Phase::Running => true,
                Phase::Draining(deadline) if self.timer.now() < deadline => false,
                Phase::Draining(_) => {
                    let unsent = std::mem::take(&mut state.waiting);
                    state.bytes = 0;
                    drop(state);
                    self.settle(
                        unsent.iter().map(|w| &w.ticket),
                        Fate::Dropped(DropReason::ShutdownDeadline),
                    );
                    return Next::End;
                }
                Phase::Ended => return Next::End,
            };
            let due = state.flushes.iter().take_while(|upto| **upto <= state.done).count();
            if due > 0 {
                state.flushes.drain(..due);
                return Next::Flush(due as u64);
            }
            let left = match state.waiting.front() {
                None if running => None,
                None => return Next::End,
                Some(oldest) => {
                    let age = Duration::from_nanos(self.clock.now().saturating_sub(oldest.since));
                    let left = self.limits.max_age.saturating_sub(age);
                    let urgent = !running || !state.flushes.is_empty();
                    if urgent || left.is_zero() || state.is_full_batch(&self.limits) {
                        return Next::Send(state.take_batch(&self.limits));
                    }
                    Some(left)
                }
            };
            state.idle = true;
            state = wait(&self.work, state, left);
            state.idle = false;
        }
    }

    /// The batch in hand is through, all of it settled.
    pub(crate) fn done_with_batch(&self) {
        let mut state = self.state();
        if let Some(batch) = state.in_hand.take() {
            state.done += batch.len() as u64;
        }
    }

    /// The worker lost the batch in hand.
    pub(crate) fn lose_batch(&self) {
        let batch = self.state().in_hand.clone();
        self.settle(batch.iter().flat_map(|b| b.iter()), Fate::Dropped(DropReason::WorkerLost));
        self.done_with_batch();
    }

    /// Settles tickets unless they are settled already; returns for how many items it did.
    pub(crate) fn settle<'a>(&self, tickets: impl IntoIterator<Item = &'a Ticket<T>>, fate: Fate) -> u64 {
        let _answers = self.answers();
        let settled = tickets.into_iter().filter(|t| t.settle(fate)).map(Ticket::count).sum();
        if settled > 0 && fate == Fate::Dropped(DropReason::ShutdownDeadline) {
            self.state().late = true;
        }
        settled
    }

    /// The worker is through with `n` flushes.
    pub(crate) fn flushed(&self, n: u64, error: Option<String>) {
        let mut state = self.state();
        state.flushed += n;
        state.flush_error = error;
        drop(state);
        self.progress.notify_all();
    }

    /// To be remembered before a try and handed to [`Queue::pause`] after it.
    pub(crate) fn hurries(&self) -> u64 {
        self.state().hurries
    }

    /// Waits before another try, at most `delay`; a flush or a shutdown asked for since `hurries` was read ends the
    /// wait.
    pub(crate) fn pause(&self, delay: Duration, hurries: u64) -> Pause {
        let start = self.timer.now();
        let until = start.saturating_add(nanos(delay));
        let mut state = self.state();
        loop {
            let now = self.timer.now();
            match state.phase {
                Phase::Ended => return Pause::TimeUp,
                Phase::Draining(deadline) if now >= deadline => return Pause::TimeUp,
                _ if state.hurries != hurries || now >= until => return Pause::Over,
                Phase::Draining(deadline) if until >= deadline => return Pause::TimeUp,
                _ => {}
            }
            state = wait(&self.work, state, Some(Duration::from_nanos(until - now)));
        }
    }

    /// Whether nobody waits for the worker any longer.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.state().phase == Phase::Ended
    }

    /// Items dropped because the queue was full, since the last call.
    pub(crate) fn take_overflow(&self) -> u64 {
        std::mem::take(&mut self.state().overflow)
    }

    /// The worker is gone. What it left behind, and what is pushed later, counts as `reason`.
    pub(crate) fn end(&self, reason: DropReason) {
        self.close(|state| {
            if state.phase == Phase::Running {
                state.closed_for = reason;
            }
            Some(reason)
        });
    }

    /// Ends the queue. `why` says, under both locks, what to write for what waits and what is in hand; `None` leaves
    /// the queue as it is.
    fn close(&self, why: impl FnOnce(&mut State<T>) -> Option<DropReason>) {
        let answers = self.answers();
        let mut state = self.state();
        let Some(reason) = why(&mut state) else { return };
        state.phase = Phase::Ended;
        state.bytes = 0;
        let (waiting, in_hand) = (std::mem::take(&mut state.waiting), state.in_hand.take());
        drop(state);
        let given_up = waiting.iter().map(|w| &w.ticket).chain(in_hand.iter().flat_map(|b| b.iter()));
        let given_up = given_up.filter(|t| t.settle(Fate::Dropped(reason))).count();
        if given_up > 0 && reason == DropReason::ShutdownDeadline {
            self.state().late = true;
        }
        drop(answers);
        self.work.notify_one();
        self.progress.notify_all();
    }
}

/// Waits for `condvar` at most `timeout`; without one, until it is notified.
fn wait<'a, S>(condvar: &Condvar, guard: MutexGuard<'a, S>, timeout: Option<Duration>) -> MutexGuard<'a, S> {
    match timeout {
        None => condvar.wait(guard).unwrap_or_else(PoisonError::into_inner),
        Some(timeout) => condvar.wait_timeout(guard, timeout).unwrap_or_else(PoisonError::into_inner).0,
    }
}

/// A duration in nanoseconds, at most 584 years.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
