//! [`Marks`]: which items of a stream are on disk, and at which of its destinations.
//!
//! An item that goes to disk is settled as spooled, and its memory is freed. When it is delivered later, the account has
//! to be corrected: the destination's row at once, the signal's row when no other destination still has the item on
//! disk and none has lost it, or a part of it. That takes one byte for each item on disk, kept here in pages that exist only as long as
//! one of their items does.

use crate::fates::Fates;
use obs_core::Fate;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Destinations of one stream that can have a spool.
pub(crate) const SPOOLING_DESTINATIONS: u16 = 5;

/// The signal's row has all of the item among the dropped: only the destinations' rows are open.
const CLOSED: u8 = 1 << 5;
/// The signal's row has the item among the spooled, but for what is lost of it.
const FINISHED: u8 = 1 << 6;
/// Something of it is lost: see [`Pages::lost`].
const LOST: u8 = 1 << 7;
const AT: u8 = (1 << SPOOLING_DESTINATIONS) - 1;

const PAGE: u64 = 1 << 12;

/// The bytes of the items on disk, by number of the item.
#[derive(Debug, Default)]
pub(crate) struct Marks(Mutex<Pages>);

#[derive(Debug, Default)]
struct Pages {
    pages: HashMap<u64, Page>,
    /// What of an item with [`LOST`] is lost: before the signal's row is settled, what destinations lost after it was spooled
    /// there; then, what that row has among the dropped.
    lost: HashMap<u64, Fates>,
}

#[derive(Debug)]
struct Page {
    marks: Box<[u8]>,
    /// How many of them are not zero.
    live: usize,
}

/// What is to be written when an item on disk has met its fate at one destination.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Resolved {
    /// Move the item from spooled to its fates in the destination's row.
    pub(crate) destination: bool,
    /// Move so many from spooled to these in the signal's row.
    pub(crate) signal: Fates,
}

impl Marks {
    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The item is on disk at this destination.
    pub(crate) fn spooled(&self, item: u64, destination: u16) {
        self.pages().update(item, |mark| *mark |= 1 << destination);
    }

    /// Whether this destination still has the item on disk.
    pub(crate) fn is_at(&self, item: u64, destination: u16) -> bool {
        self.pages().mark(item) & (1 << destination) != 0
    }

    /// All destinations have answered, and `fates`, the worst of them, has spooled ones: what the signal's row has to say by
    /// now.
    pub(crate) fn finish(&self, item: u64, fates: &Fates) -> Fates {
        let mut pages = self.pages();
        let lost = pages.lost.remove(&item).unwrap_or_default().worst(&fates.dropped());
        let rest = fates.total().saturating_sub(lost.total());
        let at = pages.update(item, |mark| {
            *mark = match *mark & AT {
                at if rest == 0 => closed(at),
                0 => 0,
                at => at | FINISHED | flag(&lost),
            };
        }) & AT;
        if at != 0 && rest > 0 {
            pages.remember(item, lost);
        }
        let mut fates = lost;
        fates.add(if at == 0 { Fate::Delivered } else { Fate::Spooled }, rest);
        fates
    }

    /// All destinations have answered, and all of the item is lost: the signal's row has it as dropped.
    pub(crate) fn close(&self, item: u64) {
        let mut pages = self.pages();
        if pages.pages.is_empty() {
            return;
        }
        pages.update(item, |mark| *mark = closed(*mark & AT));
        pages.lost.remove(&item);
    }

    /// The item on disk at this destination met `fates`, none of which is "spooled".
    pub(crate) fn resolve(&self, item: u64, destination: u16, fates: &Fates) -> Resolved {
        let mut pages = self.pages();
        let mut resolved = Resolved::default();
        let (mark, bit) = (pages.mark(item), 1 << destination);
        if mark & bit == 0 {
            return resolved;
        }
        resolved.destination = true;
        let at = mark & AT & !bit;
        if mark & CLOSED != 0 {
            pages.update(item, |mark| *mark = closed(at));
            return resolved;
        }
        let mut lost = pages.lost.remove(&item).unwrap_or_default();
        if mark & FINISHED == 0 {
            lost = lost.worst(&fates.dropped());
            pages.update(item, |mark| *mark = at | flag(&lost));
            pages.remember(item, lost);
            return resolved;
        }
        // As many as are lost already are taken to be the same ones.
        resolved.signal = fates.without_worst(lost.total()).dropped();
        resolved.signal.iter().for_each(|(fate, count)| lost.add(fate, count));
        let rest = fates.total().saturating_sub(lost.total());
        if rest == 0 {
            pages.update(item, |mark| *mark = closed(at));
        } else if at == 0 {
            resolved.signal.add(Fate::Delivered, rest);
            pages.update(item, |mark| *mark = 0);
        } else {
            pages.update(item, |mark| *mark = at | FINISHED | flag(&lost));
            pages.remember(item, lost);
        }
        resolved
    }

    /// Items with a mark.
    #[cfg(test)]
    fn live(&self) -> usize {
        let pages = self.pages();
        pages.pages.values().map(|p| p.live).sum::<usize>() + pages.lost.len()
    }
}

/// The mark of an item whose signal's row is closed: nothing is left to remember once no destination has it.
fn closed(at: u8) -> u8 {
    if at == 0 { 0 } else { at | CLOSED }
}

/// [`LOST`], if anything is.
fn flag(lost: &Fates) -> u8 {
    if *lost == Fates::default() { 0 } else { LOST }
}

impl Pages {
    fn mark(&self, item: u64) -> u8 {
        self.pages.get(&(item / PAGE)).map_or(0, |page| page.marks[(item % PAGE) as usize])
    }

    fn remember(&mut self, item: u64, lost: Fates) {
        if lost != Fates::default() {
            self.lost.insert(item, lost);
        }
    }

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
