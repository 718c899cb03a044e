//! [`Parcel`]: the items of one batch and the records written of them.

use crate::fates::Fates;
use crate::lot::Ticket;
use crate::sink::{Encoder, Item, Record};
use crate::spool::{Appended, Lane, NewRecord};
use obs_core::{DropReason, Fate};
use std::io;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// An item that waits, or is under way.
pub(crate) struct Waiting<T: Item> {
    pub(crate) ticket: Ticket<T>,
    pub(crate) weight: usize,
    /// When it was pushed, by the engine's clock.
    pub(crate) since: u64,
    /// Counts the items that the queue accepted, from 1.
    pub(crate) number: u64,
}

/// Items on their way to one destination, oldest first.
///
/// Two threads may have it at once: the one that sends it, and the one that writes it to the spool when sending takes too
/// long. Both work on the records that the first of them wrote.
pub(crate) struct Parcel<T: Item> {
    items: Vec<Waiting<T>>,
    written: OnceLock<Written>,
    /// Where it is in the spool; from then on its fates are corrections of "spooled".
    spooled: Mutex<Option<Appended>>,
    /// The item that is sent in pieces, and the answers to those that have one.
    in_pieces: Mutex<Option<(usize, Fates)>>,
}

struct Written {
    bytes: Vec<u8>,
    /// Where each record ends.
    ends: Vec<usize>,
}

impl<T: Item> Parcel<T> {
    pub(crate) fn new(items: Vec<Waiting<T>>) -> Self {
        Self { items, written: OnceLock::new(), spooled: Mutex::new(None), in_pieces: Mutex::new(None) }
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// Number of its oldest item.
    pub(crate) fn first(&self) -> u64 {
        self.items.first().map_or(u64::MAX, |w| w.number)
    }

    /// The tickets of a range, for the model of the queue.
    #[cfg(all(test, obs_loom))]
    pub(crate) fn tickets(&self, range: Range<usize>) -> impl Iterator<Item = &Ticket<T>> {
        self.items[range].iter().map(|w| &w.ticket)
    }

    pub(crate) fn ticket(&self, index: usize) -> Option<&Ticket<T>> {
        self.items.get(index).map(|w| &w.ticket)
    }

    /// The records of a range, written on the first call.
    pub(crate) fn records(&self, range: Range<usize>, encoder: &dyn Encoder<T>) -> Vec<Record<'_>> {
        let written = self.written(encoder);
        range
            .map(|i| Record { bytes: self.record(written, i, encoder), count: self.items[i].ticket.count() })
            .collect()
    }

    /// One record: of the item itself, or as it was written.
    fn record<'a>(&'a self, written: &'a Written, index: usize, encoder: &dyn Encoder<T>) -> &'a [u8] {
        encoder.encoded(self.items[index].ticket.item()).unwrap_or_else(|| written.record(index))
    }

    /// Writes the records, unless that is done.
    pub(crate) fn write(&self, encoder: &dyn Encoder<T>) {
        self.written(encoder);
    }

    fn written(&self, encoder: &dyn Encoder<T>) -> &Written {
        self.written.get_or_init(|| {
            let is_written = |w: &&Waiting<T>| encoder.encoded(w.ticket.item()).is_none();
            let weight = self.items.iter().filter(is_written).map(|w| w.weight).sum();
            let mut written =
                Written { bytes: Vec::with_capacity(weight), ends: Vec::with_capacity(self.items.len()) };
            for Waiting { ticket, .. } in &self.items {
                let start = written.bytes.len();
                if encoder.encoded(ticket.item()).is_some() {
                    written.ends.push(start);
                    continue;
                }
                let encode = AssertUnwindSafe(|| encoder.encode(ticket.item(), &mut written.bytes));
                if catch_unwind(encode).is_err() {
                    // Its record is empty; nobody else's is touched.
                    written.bytes.truncate(start);
                    ticket.settle(Fate::Dropped(DropReason::WriteFailed));
                }
                written.ends.push(written.bytes.len());
            }
            written
        })
    }

    /// An item is sent in pieces, and these are the answers so far: they count if it has to be given up.
    pub(crate) fn note_pieces(&self, index: usize, answers: Fates) {
        *self.pieces() = Some((index, answers));
    }

    fn pieces(&self) -> MutexGuard<'_, Option<(usize, Fates)>> {
        self.in_pieces.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Settles what has no answer as dropped; returns how many items had none, or not for all that they stand for.
    pub(crate) fn give_up(&self, reason: DropReason) -> usize {
        let in_pieces = *self.pieces();
        let give_up = |(index, waiting): &(usize, &Waiting<T>)| {
            let ticket = &waiting.ticket;
            let Some((_, mut fates)) = in_pieces.filter(|(of, _)| of == index) else {
                return ticket.settle(Fate::Dropped(reason));
            };
            fates.add(Fate::Dropped(reason), u64::from(ticket.count()).saturating_sub(fates.total()));
            ticket.settle_divided(&fates)
        };
        self.items.iter().enumerate().filter(give_up).count()
    }

    /// Where it is in the spool, if it is there; for as long as the guard lives it stays where it is.
    pub(crate) fn spooled(&self) -> MutexGuard<'_, Option<Appended>> {
        self.spooled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends the items without a fate to the spool and settles them with `settle`; does nothing when it is there.
    pub(crate) fn spool(
        &self,
        lane: &Lane,
        context: &[u8],
        encoder: &dyn Encoder<T>,
        settle: impl FnOnce(&mut dyn Iterator<Item = &Ticket<T>>),
    ) -> io::Result<u64> {
        let written = self.written(encoder);
        let mut spooled = self.spooled();
        if spooled.is_some() {
            return Ok(0);
        }
        let records: Vec<NewRecord<'_>> = self
            .items
            .iter()
            .enumerate()
            .filter(|(_, w)| !w.ticket.is_settled())
            .map(|(index, w)| NewRecord {
                item: w.ticket.number(),
                time: w.since,
                count: w.ticket.count(),
                bytes: self.record(written, index, encoder),
            })
            .collect();
        if records.is_empty() {
            return Ok(0);
        }
        *spooled = Some(lane.append(context, &records)?);
        settle(&mut self.items.iter().map(|w| &w.ticket).filter(|t| !t.is_settled()));
        Ok(records.iter().map(|r| u64::from(r.count)).sum())
    }
}

impl Written {
    fn record(&self, index: usize) -> &[u8] {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start..self.ends[index]]
    }
}
