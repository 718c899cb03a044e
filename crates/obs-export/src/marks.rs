//! [`Marks`]: which items of a stream are on disk, and at which of its destinations.
//!
//! An item that goes to disk is settled as spooled, and its memory is freed. When it is delivered later, the account has
//! to be corrected: the destination's row at once, the signal's row when no other destination still has the item on
//! disk and none has lost it. That takes one byte for each item on disk, kept here in pages that exist only as long as
//! one of their items does.

use obs_core::{DropReason, Fate};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Destinations of one stream that can have a spool.
pub(crate) const SPOOLING_DESTINATIONS: u16 = 5;

/// The signal's row has the item among the dropped: only the destinations' rows are open.
const CLOSED: u8 = 1 << 5;
/// The signal's row has the item among the spooled.
const FINISHED: u8 = 1 << 6;
/// A destination lost it after it was spooled there, and the signal's row is not settled yet.
const LOST: u8 = 1 << 7;
const AT: u8 = (1 << SPOOLING_DESTINATIONS) - 1;

const PAGE: u64 = 1 << 12;

/// The bytes of the items on disk, by number of the item.
#[derive(Debug, Default)]
pub(crate) struct Marks(Mutex<Pages>);

#[derive(Debug, Default)]
struct Pages {
    pages: HashMap<u64, Page>,
    /// Why an item with [`LOST`] was lost.
    reasons: HashMap<u64, DropReason>,
}

#[derive(Debug)]
struct Page {
    marks: Box<[u8]>,
    /// How many of them are not zero.
    live: usize,
}

/// What is to be written when an item on disk has met its fate at one destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Resolved {
    /// Move the item from spooled to its fate in the destination's row.
    pub(crate) destination: bool,
    /// Move it from spooled to this in the signal's row.
    pub(crate) signal: Option<Fate>,
}

impl Marks {
    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The item is on disk at this destination.
    pub(crate) fn spooled(&self, item: u64, destination: u16) {
        self.pages().update(item, |mark| *mark |= 1 << destination);
    }

    /// All destinations have answered, the worst answer being "spooled": what the signal's row has to say by now.
    pub(crate) fn finish(&self, item: u64) -> Fate {
        let mut pages = self.pages();
        let mark = pages.update(item, |mark| {
            *mark = match *mark {
                m if m & LOST != 0 => closed(m & AT),
                m if m & AT != 0 => m | FINISHED,
                _ => 0,
            }
        });
        match mark {
            m if m & LOST != 0 => {
                Fate::Dropped(pages.reasons.remove(&item).unwrap_or(DropReason::WorkerLost))
            }
            m if m & AT != 0 => Fate::Spooled,
            _ => Fate::Delivered,
        }
    }

    /// All destinations have answered, and one of them lost the item: the signal's row has it as dropped.
    pub(crate) fn close(&self, item: u64) {
        let mut pages = self.pages();
        if pages.pages.is_empty() {
            return;
        }
        pages.update(item, |mark| *mark = closed(*mark & AT));
        pages.reasons.remove(&item);
    }

    /// The item on disk at this destination met `fate`.
    pub(crate) fn resolve(&self, item: u64, destination: u16, fate: Fate) -> Resolved {
        let mut pages = self.pages();
        let mut resolved = Resolved { destination: false, signal: None };
        let mut lost = None;
        pages.update(item, |mark| {
            let bit = 1 << destination;
            if *mark & bit == 0 {
                return;
            }
            resolved.destination = true;
            *mark &= !bit;
            let (open, finished) = (*mark & AT != 0, *mark & FINISHED != 0);
            match fate {
                Fate::Dropped(_) if finished => {
                    resolved.signal = Some(fate);
                    *mark = closed(*mark & AT);
                }
                Fate::Dropped(reason) if *mark & CLOSED == 0 => {
                    *mark |= LOST;
                    lost = Some(reason);
                }
                _ if finished && !open => {
                    resolved.signal = Some(fate);
                    *mark = 0;
                }
                _ if !open => *mark &= !CLOSED,
                _ => {}
            }
        });
        if let Some(reason) = lost {
            pages.reasons.insert(item, reason);
        }
        resolved
    }

    /// Items with a mark.
    #[cfg(test)]
    fn live(&self) -> usize {
        let pages = self.pages();
        pages.pages.values().map(|p| p.live).sum::<usize>() + pages.reasons.len()
    }
}

/// The mark of an item whose signal's row is closed: nothing is left to remember once no destination has it.
fn closed(at: u8) -> u8 {
    if at == 0 { 0 } else { at | CLOSED }
}

impl Pages {
    /// Changes the mark of an item; returns what it was before.
    fn update(&mut self, item: u64, change: impl FnOnce(&mut u8)) -> u8 {
        let (number, index) = (item / PAGE, (item % PAGE) as usize);
        let page = self
            .pages
            .entry(number)
            .or_insert_with(|| Page { marks: vec![0; PAGE as usize].into_boxed_slice(), live: 0 });
        let before = page.marks[index];
        change(&mut page.marks[index]);
        page.live += usize::from(page.marks[index] != 0);
        page.live -= usize::from(before != 0);
        if page.live == 0 {
            self.pages.remove(&number);
        }
        before
    }
}

#[cfg(test)]
mod tests;
