//! [`Delivery`]: one batch on its way to the other side, from memory or from disk, and which parts of it are open.

use crate::fates::Fates;
use crate::parcel::Parcel;
use crate::queue::Queue;
use crate::sink::{Cut, Encoder, Item, Record};
use crate::spool::StoredBatch;
use obs_core::{DropReason, Fate};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// Single items refused in a row before the rest of a batch, of which nothing was taken, is refused with them.
const FUTILE: u32 = 8;

/// Where the records of a delivery are.
enum Load<T: Item> {
    Fresh(Arc<Parcel<T>>),
    Stored(StoredBatch),
}

/// What is sent at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Neighbouring records.
    Records(Range<usize>),
    /// A stretch of one record.
    Piece {
        record: usize,
        bytes: Range<usize>,
        /// How many items it stands for.
        count: u32,
    },
}

/// A batch under way. Its open parts are sent one by one, the oldest first.
pub(crate) struct Delivery<T: Item> {
    load: Load<T>,
    /// The oldest last.
    open: Vec<Part>,
    /// The answers to pieces of the record that is sent in pieces. There is one at a time, and its fate is entered when all
    /// pieces have an answer.
    pieces: Fates,
    /// When the part at hand was tried first, by the engine's clock.
    pub(crate) tried_since: Option<u64>,
    /// Whether the other side took any of it.
    pub(crate) taken: bool,
    /// Parts refused in a row.
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
        let open = open.into_iter().map(Part::Records).collect();
        let pieces = Fates::default();
        Self { load, open, pieces, tried_since: None, taken: false, refused_in_a_row: 0 }
    }

    pub(crate) fn is_stored(&self) -> bool {
        matches!(self.load, Load::Stored(_))
    }

    /// The next part to send.
    pub(crate) fn next_part(&mut self) -> Option<Part> {
        self.open.pop()
    }

    /// The part has no answer yet.
    pub(crate) fn put_back(&mut self, part: Part) {
        self.open.push(part);
    }

    /// Opens the part in two; `false` if it can only be sent as it is.
    pub(crate) fn halve(&mut self, part: &Part, encoder: &dyn Encoder<T>) -> bool {
        let halves = match part {
            Part::Records(records) if records.len() > 1 => {
                let middle = records.start + records.len() / 2;
                [middle..records.end, records.start..middle].map(Part::Records)
            }
            _ => match self.cut(part, encoder) {
                Some(halves) => halves,
                None => return false,
            },
        };
        if matches!(part, Part::Records(records) if records.len() == 1) {
            self.pieces = Fates::default();
        }
        self.open.extend(halves);
        true
    }

    /// The two stretches of a record, or of a piece of one, the second one first.
    fn cut(&self, part: &Part, encoder: &dyn Encoder<T>) -> Option<[Part; 2]> {
        let (record, start) = match part {
            Part::Records(records) => (records.start, 0),
            Part::Piece { record, bytes, .. } => (*record, bytes.start),
        };
        let stretch = *self.records(part, encoder).first()?;
        let cut = catch_unwind(AssertUnwindSafe(|| encoder.cut(&stretch))).ok()??;
        let Cut { bytes, items } = cut;
        if bytes == 0 || bytes >= stretch.bytes.len() || items == 0 || items >= stretch.count {
            return None;
        }
        let (middle, end) = (start + bytes, start + stretch.bytes.len());
        let second = Part::Piece { record, bytes: middle..end, count: stretch.count - items };
        Some([second, Part::Piece { record, bytes: start..middle, count: items }])
    }

    /// Whether looking for the one item that is to blame has become pointless: all are.
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

    pub(crate) fn records(&self, part: &Part, encoder: &dyn Encoder<T>) -> Vec<Record<'_>> {
        let whole = match part {
            Part::Records(records) => records.clone(),
            Part::Piece { record, .. } => *record..*record + 1,
        };
        let mut records = match &self.load {
            Load::Fresh(parcel) => parcel.records(whole, encoder),
            Load::Stored(batch) => {
                batch.records[whole].iter().map(|r| Record { bytes: &r.bytes, count: r.count }).collect()
            }
        };
        if let Part::Piece { bytes, count, .. } = part {
            for record in &mut records {
                *record = Record { bytes: &record.bytes[bytes.clone()], count: *count };
            }
        }
        records
    }

    /// Enters the fate of a part; returns for how many items that was news.
    pub(crate) fn settle(&mut self, queue: &Queue<T>, part: &Part, fate: Fate) -> u64 {
        let records = match part {
            Part::Records(records) => records.clone(),
            Part::Piece { record, count, .. } => {
                self.settle_piece(queue, *record, &Fates::all(fate, u64::from(*count)));
                return u64::from(*count);
            }
        };
        match &self.load {
            Load::Fresh(parcel) => {
                let spooled = parcel.spooled();
                let tickets = records.filter_map(|i| parcel.ticket(i));
                if spooled.is_none() {
                    return queue.settle(tickets, fate);
                }
                let all = |count| Fates::all(fate, u64::from(count));
                queue.settle_stored(tickets.map(|t| (t.number(), false, all(t.count()))))
            }
            Load::Stored(batch) => {
                let records = batch.records[records].iter();
                let all = |count| Fates::all(fate, u64::from(count));
                queue.settle_stored(records.map(|r| (r.item, r.inherited, all(r.count))))
            }
        }
    }

    /// Enters the fate of a part that was taken but for `refused` items of each of its records. Returns how many items were
    /// delivered and how many were not.
    pub(crate) fn settle_short(
        &mut self,
        queue: &Queue<T>,
        part: &Part,
        refused: &[u64],
        reason: DropReason,
    ) -> (u64, u64) {
        let (mut delivered, mut dropped) = (0, 0);
        for (index, refused) in refused.iter().enumerate() {
            let (record, count) = match part {
                Part::Records(records) => (records.start + index, self.count(records.start + index)),
                Part::Piece { record, count, .. } => (*record, u64::from(*count)),
            };
            let refused = (*refused).min(count);
            let mut fates = Fates::all(Fate::Dropped(reason), refused);
            fates.add(Fate::Delivered, count - refused);
            match part {
                Part::Records(_) if !self.settle_record(queue, record, &fates) => continue,
                Part::Records(_) => {}
                Part::Piece { .. } => self.settle_piece(queue, record, &fates),
            }
            delivered += count - refused;
            dropped += refused;
        }
        (delivered, dropped)
    }

    /// How many items of each record are refused when the other side says that so many of the part are, and not which: the
    /// oldest of those that have no answer yet. What was sent before, and is on disk all the same, may come twice.
    pub(crate) fn refused_of_each(&self, queue: &Queue<T>, part: &Part, refused: u64) -> Vec<u64> {
        let records: Vec<(u64, bool)> = match part {
            Part::Records(records) => {
                records.clone().map(|i| (self.count(i), self.is_open(queue, i))).collect()
            }
            Part::Piece { count, .. } => vec![(u64::from(*count), true)],
        };
        let (mut left, mut of_each) = (refused, vec![0; records.len()]);
        for open in [true, false] {
            for (of_it, (count, _)) in of_each.iter_mut().zip(&records).filter(|(_, (_, is))| *is == open) {
                *of_it = left.min(*count);
                left -= *of_it;
            }
        }
        of_each
    }

    /// Whether a record has no answer yet.
    fn is_open(&self, queue: &Queue<T>, record: usize) -> bool {
        let Some(shelf) = queue.shelf() else { return true };
        match &self.load {
            Load::Fresh(parcel) => match parcel.ticket(record) {
                Some(ticket) if parcel.spooled().is_some() => shelf.is_open(ticket.number(), false),
                _ => true,
            },
            Load::Stored(batch) => {
                batch.records.get(record).is_none_or(|r| shelf.is_open(r.item, r.inherited))
            }
        }
    }

    /// How many items a record stands for.
    fn count(&self, record: usize) -> u64 {
        u64::from(match &self.load {
            Load::Fresh(parcel) => parcel.ticket(record).map_or(0, crate::lot::Ticket::count),
            Load::Stored(batch) => batch.records.get(record).map_or(0, |r| r.count),
        })
    }

    /// A piece of a record has an answer. The last one settles the record.
    fn settle_piece(&mut self, queue: &Queue<T>, record: usize, fates: &Fates) {
        fates.iter().for_each(|(fate, count)| self.pieces.add(fate, count));
        let pieces = self.pieces;
        if let Load::Fresh(parcel) = &self.load {
            parcel.note_pieces(record, pieces);
        }
        if pieces.total() >= self.count(record) {
            self.settle_record(queue, record, &pieces);
        }
    }

    /// Enters the fates of all that a record stands for; says whether that was news.
    fn settle_record(&self, queue: &Queue<T>, record: usize, fates: &Fates) -> bool {
        match &self.load {
            Load::Fresh(parcel) => {
                let Some(ticket) = parcel.ticket(record) else { return false };
                let spooled = parcel.spooled();
                if spooled.is_none() {
                    return queue.settle_divided(ticket, fates);
                }
                queue.settle_stored([(ticket.number(), false, *fates)]) > 0
            }
            Load::Stored(batch) => {
                let Some(stored) = batch.records.get(record) else { return false };
                queue.settle_stored([(stored.item, stored.inherited, *fates)]) > 0
            }
        }
    }

    /// All of it has an answer: it need not be on disk any longer. An answer that came when nobody waited for it was not
    /// counted; then it stays there, for the next process to count.
    pub(crate) fn finish(&self, queue: &Queue<T>) {
        if queue.is_abandoned() {
            return;
        }
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
