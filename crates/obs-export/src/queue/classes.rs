//! [`Classes`]: what waits, by priority, and taken in the order in which it came.

use crate::limits::Limits;
use crate::parcel::Waiting;
use crate::sink::{Item, Priority};
use std::collections::VecDeque;

/// Items that wait, those of each priority in a line of their own.
pub(super) struct Classes<T: Item> {
    lines: [VecDeque<Waiting<T>>; Priority::ALL.len()],
    /// What they stand for in the ledger.
    items: usize,
    bytes: usize,
}

impl<T: Item> Classes<T> {
    pub(super) fn new() -> Self {
        Self { lines: [VecDeque::new(), VecDeque::new(), VecDeque::new()], items: 0, bytes: 0 }
    }

    pub(super) fn items(&self) -> usize {
        self.items
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.iter().all(VecDeque::is_empty)
    }

    /// Whether an item of this weight, which stands for `count`, finds room. One that stands for more than a queue holds
    /// finds it when nothing else waits.
    pub(super) fn has_room(&self, weight: usize, count: u32, limits: &Limits) -> bool {
        (self.items == 0 || self.items.saturating_add(count as usize) <= limits.queue_items)
            && self.bytes.saturating_add(weight) <= limits.queue_bytes
    }

    /// Whether more than half of what fits is there.
    pub(super) fn is_half_full(&self, limits: &Limits) -> bool {
        self.items > limits.queue_items / 2 || self.bytes > limits.queue_bytes / 2
    }

    /// Whether a batch is due whatever its age.
    pub(super) fn is_full_batch(&self, limits: &Limits) -> bool {
        self.items >= limits.batch_items.max(1) || self.bytes >= limits.batch_bytes
    }

    pub(super) fn push(&mut self, priority: Priority, waiting: Waiting<T>) {
        self.items += waiting.ticket.count() as usize;
        self.bytes += waiting.weight;
        self.lines[priority as usize].push_back(waiting);
    }

    /// The newest item of the lowest priority below this one.
    pub(super) fn evict_below(&mut self, priority: Priority) -> Option<Waiting<T>> {
        let evicted = self.lines[..priority as usize].iter_mut().find_map(VecDeque::pop_back)?;
        self.leave(&evicted);
        Some(evicted)
    }

    /// The oldest item.
    pub(super) fn oldest(&self) -> Option<&Waiting<T>> {
        self.lines.iter().filter_map(VecDeque::front).min_by_key(|w| w.number)
    }

    fn pop_oldest(&mut self) -> Option<Waiting<T>> {
        let heads = self.lines.iter_mut().filter(|line| !line.is_empty());
        let line = heads.min_by_key(|line| line.front().map(|w| w.number))?;
        let oldest = line.pop_front()?;
        self.leave(&oldest);
        Some(oldest)
    }

    fn leave(&mut self, waiting: &Waiting<T>) {
        self.items = self.items.saturating_sub(waiting.ticket.count() as usize);
        self.bytes = self.bytes.saturating_sub(waiting.weight);
    }

    /// The oldest items that make a batch; at least one, if there is one.
    pub(super) fn take_batch(&mut self, limits: &Limits) -> Vec<Waiting<T>> {
        let most = limits.batch_items.max(1);
        let waiting: usize = self.lines.iter().map(VecDeque::len).sum();
        let mut batch: Vec<Waiting<T>> = Vec::with_capacity(waiting.min(most));
        let (mut items, mut bytes) = (0_usize, 0_usize);
        while let Some(next) = self.oldest() {
            items = items.saturating_add(next.ticket.count() as usize);
            bytes = bytes.saturating_add(next.weight);
            if !batch.is_empty() && (items > most || bytes > limits.batch_bytes) {
                break;
            }
            batch.extend(self.pop_oldest());
        }
        batch
    }

    /// Everything, oldest first.
    pub(super) fn take_all(&mut self) -> Vec<Waiting<T>> {
        let mut all: Vec<_> = self.lines.iter_mut().flat_map(std::mem::take).collect();
        all.sort_by_key(|w| w.number);
        (self.items, self.bytes) = (0, 0);
        all
    }
}
