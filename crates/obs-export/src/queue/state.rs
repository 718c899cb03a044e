//! [`State`]: what a queue's lock protects.

use super::classes::Classes;
use crate::parcel::Parcel;
use crate::sink::Item;
use obs_core::DropReason;
use std::collections::VecDeque;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Running,
    /// Nothing is accepted any more; what is there goes out until the deadline. From `spool_at` on the spool takes what
    /// is left. Until `patience` a destination that is there but does not take what it is sent is tried again, when all
    /// is on disk. All are times of the timer.
    Draining {
        patience: u64,
        spool_at: u64,
        deadline: u64,
    },
    /// The threads are gone or are not waited for any longer.
    Ended,
}

/// How a thread waits for something to do. To wake one costs the pusher a call of the system, many times what a push costs:
/// as long as items keep coming, the threads look by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Idle {
    /// It works.
    No,
    /// It looks again before an item that comes now is due by its age.
    Light,
    /// It looks again when it is woken.
    Deep,
}

/// What the sender has in hand, as long as it is in memory only.
pub(super) struct InHand<T: Item> {
    pub(super) parcel: Arc<Parcel<T>>,
    /// When it was taken, by the timer.
    pub(super) since: u64,
}

/// What the spooler has in hand, or could not write.
pub(super) struct AtSpooler<T: Item> {
    pub(super) parcel: Arc<Parcel<T>>,
    /// Writing failed; it waits for another try, or for the sender to take it.
    pub(super) stranded: bool,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts about two threads, not states of one machine"
)]
pub(super) struct State<T: Item> {
    pub(super) waiting: Classes<T>,
    pub(super) in_hand: Option<InHand<T>>,
    pub(super) at_spooler: Option<AtSpooler<T>>,
    /// Items go to the spool first, and from there to the destination.
    pub(super) detour: bool,
    pub(super) phase: Phase,
    /// The reason written for what is pushed once the phase is [`Phase::Ended`] or draining.
    pub(super) closed_for: DropReason,
    /// Threads that still work on the queue.
    pub(super) threads: u8,
    pub(super) sender_gone: bool,
    /// How the threads wait for something to do.
    pub(super) sender_idle: Idle,
    pub(super) spooler_idle: Idle,
    /// Pushers that wait for room.
    pub(super) pushers: usize,
    /// The last append to the spool failed: it has no room, for all we know.
    pub(super) spool_full: bool,
    /// When the attempt under way began, by the timer.
    pub(super) attempt: Option<u64>,
    /// An attempt failed during the shutdown, and what it sent is on disk: no other is made.
    pub(super) gave_up: bool,
    /// Items accepted since the start; each has its number.
    pub(super) accepted: u64,
    /// Flushes asked for: each waits until nothing up to its number is in memory. Equal ones are one, so there are never
    /// more than items waiting.
    pub(super) flushes: VecDeque<u64>,
    /// Flushes asked for and answered since the start.
    pub(super) asked: u64,
    pub(super) flushed: u64,
    /// What the last `Sink::flush` said, if it failed.
    pub(super) flush_error: Option<String>,
    /// Grows when a wait between tries is to end at once.
    pub(super) hurries: u64,
    /// Items (of the ledger) dropped because the queue was full, since the sender last asked.
    pub(super) overflow: u64,
    /// Items (of the ledger) written to the spool since the sender last asked.
    pub(super) spooled: u64,
    /// Whether anything was given up for the shutdown deadline.
    pub(super) late: bool,
}

impl<T: Item> State<T> {
    pub(super) fn new() -> Self {
        Self {
            waiting: Classes::new(),
            in_hand: None,
            at_spooler: None,
            detour: false,
            phase: Phase::Running,
            closed_for: DropReason::AfterShutdown,
            threads: 0,
            sender_gone: false,
            sender_idle: Idle::No,
            spooler_idle: Idle::No,
            pushers: 0,
            spool_full: false,
            attempt: None,
            gave_up: false,
            accepted: 0,
            flushes: VecDeque::new(),
            asked: 0,
            flushed: 0,
            flush_error: None,
            hurries: 0,
            overflow: 0,
            spooled: 0,
            late: false,
        }
    }

    /// The oldest item that is neither settled nor on disk; `u64::MAX` when there is none.
    pub(super) fn oldest_in_memory(&self) -> u64 {
        let in_hand = self.in_hand.as_ref().map(|h| h.parcel.first());
        let at_spooler = self.at_spooler.as_ref().map(|s| s.parcel.first());
        let waiting = self.waiting.oldest().map(|w| w.number);
        [in_hand, at_spooler, waiting].into_iter().flatten().min().unwrap_or(u64::MAX)
    }

    /// Takes the flushes that are due; says how many.
    pub(super) fn take_due_flushes(&mut self) -> u64 {
        let oldest = self.oldest_in_memory();
        let due = self.flushes.iter().take_while(|upto| **upto < oldest).count();
        self.flushes.drain(..due);
        due as u64
    }

    pub(super) fn is_draining(&self) -> bool {
        matches!(self.phase, Phase::Draining { .. })
    }
}
