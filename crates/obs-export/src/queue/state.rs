//! [`State`]: what a queue's lock protects.

use super::Batch;
use crate::limits::Limits;
use crate::lot::Ticket;
use crate::sink::Item;
use obs_core::DropReason;
use std::collections::VecDeque;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Running,
    /// Nothing is accepted any more; what is there goes out until `timer` shows this time.
    Draining(u64),
    /// The worker is gone or is not waited for any longer.
    Ended,
}

pub(super) struct State<T: Item> {
    pub(super) waiting: VecDeque<Waiting<T>>,
    pub(super) bytes: usize,
    pub(super) in_hand: Option<Batch<T>>,
    pub(super) phase: Phase,
    /// The reason written for what is pushed once the phase is [`Phase::Ended`] or draining.
    pub(super) closed_for: DropReason,
    /// Whether the worker waits for items.
    pub(super) idle: bool,
    /// Items accepted, and items the worker is through with, since the start.
    pub(super) accepted: u64,
    pub(super) done: u64,
    /// Flushes asked for: each waits until `done` reaches its number. Equal ones are one, so there are never more than
    /// items waiting.
    pub(super) flushes: VecDeque<u64>,
    /// Flushes asked for and answered since the start.
    pub(super) asked: u64,
    pub(super) flushed: u64,
    /// What the last `Sink::flush` said, if it failed.
    pub(super) flush_error: Option<String>,
    /// Grows when a wait between tries is to end at once.
    pub(super) hurries: u64,
    /// Items (of the ledger) dropped because the queue was full, since the worker last asked.
    pub(super) overflow: u64,
    /// Whether anything was given up for the shutdown deadline.
    pub(super) late: bool,
}

pub(super) struct Waiting<T: Item> {
    pub(super) ticket: Ticket<T>,
    pub(super) weight: usize,
    pub(super) since: u64,
}

impl<T: Item> State<T> {
    pub(super) fn new() -> Self {
        Self {
            waiting: VecDeque::new(),
            bytes: 0,
            in_hand: None,
            phase: Phase::Running,
            closed_for: DropReason::AfterShutdown,
            idle: false,
            accepted: 0,
            done: 0,
            flushes: VecDeque::new(),
            asked: 0,
            flushed: 0,
            flush_error: None,
            hurries: 0,
            overflow: 0,
            late: false,
        }
    }

    /// Whether a batch is due whatever its age.
    pub(super) fn is_full_batch(&self, limits: &Limits) -> bool {
        self.waiting.len() >= limits.batch_items.max(1) || self.bytes >= limits.batch_bytes
    }

    /// The oldest items that make a batch; at least one.
    pub(super) fn take_batch(&mut self, limits: &Limits) -> Batch<T> {
        let mut batch = Vec::with_capacity(self.waiting.len().min(limits.batch_items.max(1)));
        let mut bytes = 0_usize;
        while let Some(next) = self.waiting.front() {
            bytes = bytes.saturating_add(next.weight);
            if !batch.is_empty() && (batch.len() >= limits.batch_items.max(1) || bytes > limits.batch_bytes) {
                break;
            }
            let Some(next) = self.waiting.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(next.weight);
            batch.push(next.ticket);
        }
        let batch = Arc::new(batch);
        self.in_hand = Some(Arc::clone(&batch));
        batch
    }
}
