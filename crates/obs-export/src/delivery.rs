//! [`Delivery`]: one batch on its way to the other side, from memory or from disk, and which parts of it are open.

use crate::parcel::Parcel;
use crate::queue::Queue;
use crate::sink::{Encoder, Item, Record};
use crate::spool::StoredBatch;
use obs_core::Fate;
use std::ops::Range;
use std::sync::Arc;

/// Single records refused in a row before the rest of a batch, of which nothing was taken, is refused with them.
const FUTILE: u32 = 8;

/// Where the records of a delivery are.
enum Load<T: Item> {
    Fresh(Arc<Parcel<T>>),
    Stored(StoredBatch),
}

/// A batch under way. Its open parts are sent one by one, the oldest first.
pub(crate) struct Delivery<T: Item> {
    load: Load<T>,
    /// Ranges of records without an answer, the oldest last.
    open: Vec<Range<usize>>,
    /// When the part at hand was tried first, by the engine's clock.
    pub(crate) tried_since: Option<u64>,
    /// Whether the other side took any of it.
    pub(crate) taken: bool,
    /// Single records refused in a row.
    pub(crate) refused_in_a_row: u32,
}

impl<T: Item> Delivery<T> {
    /// From memory: what has no answer yet. `None` when the parcel went to disk, and is to be sent from there. Records are
    /// written before it is asked what is open: an item that cannot be written has its answer then, and is not sent.
    pub(crate) fn fresh(parcel: Arc<Parcel<T>>, encoder: &dyn Encoder<T>) -> Option<Self> {
        parcel.write(encoder);
        let spooled = parcel.spooled();
        if spooled.is_some() {
            return None;
        }
        let unsettled = (0..parcel.len()).map(|i| parcel.ticket(i).is_some_and(|t| !t.is_settled()));
        let open = runs(unsettled);
        drop(spooled);
        Some(Self::new(Load::Fresh(parcel), open))
    }

    /// From disk.
    pub(crate) fn stored(batch: StoredBatch) -> Self {
        let open = std::iter::once(0..batch.records.len()).collect();
        Self::new(Load::Stored(batch), open)
    }

    fn new(load: Load<T>, open: Vec<Range<usize>>) -> Self {
        Self { load, open, tried_since: None, taken: false, refused_in_a_row: 0 }
    }

    pub(crate) fn is_stored(&self) -> bool {
        matches!(self.load, Load::Stored(_))
    }

    /// The next part to send.
    pub(crate) fn next_part(&mut self) -> Option<Range<usize>> {
        self.open.pop()
    }

    /// The part has no answer yet.
    pub(crate) fn put_back(&mut self, part: Range<usize>) {
        self.open.push(part);
    }

    /// The part is to be sent in two.
    pub(crate) fn halve(&mut self, part: &Range<usize>) {
        let middle = part.start + part.len() / 2;
        self.open.extend([middle..part.end, part.start..middle]);
    }

    /// Whether looking for the one record that is to blame has become pointless: all are.
    pub(crate) fn is_futile(&self) -> bool {
        !self.taken && self.refused_in_a_row >= FUTILE
    }

    /// What all records share.
    pub(crate) fn context<'a>(&'a self, own: &'a [u8]) -> &'a [u8] {
        match &self.load {
            Load::Fresh(_) => own,
            Load::Stored(batch) => &batch.context,
        }
    }

    pub(crate) fn records(&self, part: Range<usize>, encoder: &dyn Encoder<T>) -> Vec<Record<'_>> {
        match &self.load {
            Load::Fresh(parcel) => parcel.records(part, encoder),
            Load::Stored(batch) => {
                batch.records[part].iter().map(|r| Record { bytes: &r.bytes, count: r.count }).collect()
            }
        }
    }

    /// Enters the fate of some records; returns for how many items that was news.
    pub(crate) fn settle(
        &self,
        queue: &Queue<T>,
        indices: impl IntoIterator<Item = usize>,
        fate: Fate,
    ) -> u64 {
        match &self.load {
            Load::Fresh(parcel) => {
                let spooled = parcel.spooled();
                let tickets = indices.into_iter().filter_map(|i| parcel.ticket(i));
                if spooled.is_none() {
                    return queue.settle(tickets, fate);
                }
                queue.settle_stored(tickets.map(|t| (t.number(), false, u64::from(t.count()))), fate)
            }
            Load::Stored(batch) => {
                let records = indices.into_iter().filter_map(|i| batch.records.get(i));
                queue.settle_stored(records.map(|r| (r.item, r.inherited, u64::from(r.count))), fate)
            }
        }
    }

    /// All of it has an answer: it need not be on disk any longer.
    pub(crate) fn finish(&self, queue: &Queue<T>) {
        let Some(lane) = queue.shelf().and_then(crate::shelf::Shelf::lane) else { return };
        match &self.load {
            Load::Fresh(parcel) => {
                if let Some(appended) = &*parcel.spooled() {
                    lane.acknowledge_appended(appended);
                }
            }
            Load::Stored(batch) => {
                lane.acknowledge(batch);
            }
        }
    }
}

/// The runs of `true`, the first one last.
fn runs(flags: impl Iterator<Item = bool>) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (index, _) in flags.enumerate().filter(|(_, flag)| *flag) {
        match runs.last_mut() {
            Some(run) if run.end == index => run.end += 1,
            _ => runs.push(index..index + 1),
        }
    }
    runs.reverse();
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_found_and_the_oldest_comes_last() {
        let flags = [true, true, false, true, false, false, true];
        assert_eq!(runs(flags.into_iter()), [6..7, 3..4, 0..2]);
        assert_eq!(runs([false, false].into_iter()), Vec::<Range<usize>>::new());
    }
}
