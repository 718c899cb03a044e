//! [`Lot`] and [`Ticket`]: items shared by the destinations of a signal, and the account of them.
//!
//! A push makes one lot. For each item and destination there is one ticket, which is settled exactly once: by the
//! destination's answer, by the engine giving up, or, whatever else happened to it, by being dropped. The last ticket
//! of an item settles the item in the signal's row of the ledger, with the worst of its fates. So an item cannot vanish
//! without being counted, and cannot be counted twice.
//!
//! An item may stand for several of the ledger, and a destination may take a part of them: then a ticket is settled with
//! [`Fates`].

use crate::fates::{Fates, fate_of, grade};
use crate::marks::Marks;
use crate::sink::Item;
use obs_core::ledger::Destination;
use obs_core::{DropReason, Fate, Ledger, Signal};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[cfg(test)]
mod tests;

/// Where the items of one stream are accounted for.
#[derive(Debug)]
pub(crate) struct Books {
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) signal: Signal,
    /// A row per destination, in the order of the stream's destinations.
    pub(crate) rows: Vec<Arc<Destination>>,
    /// The items on disk.
    pub(crate) marks: Marks,
    /// The worst so far of items that a destination took a part of, and that another one has not answered for.
    divided: Mutex<HashMap<u64, Fates>>,
    /// How many items there were: each has a number.
    pub(crate) items: AtomicU64,
}

impl Books {
    pub(crate) fn new(ledger: Arc<Ledger>, signal: Signal, rows: Vec<Arc<Destination>>) -> Self {
        let (marks, divided, items) = (Marks::default(), Mutex::default(), AtomicU64::new(0));
        Self { ledger, signal, rows, marks, divided, items }
    }

    /// An item on disk at this destination met `fates`; says whether that was news.
    pub(crate) fn resolve(&self, item: u64, destination: u16, fates: &Fates) -> bool {
        let resolved = self.marks.resolve(item, destination, fates);
        if resolved.destination {
            let row = &self.rows[usize::from(destination)];
            fates.iter().for_each(|(fate, count)| row.unspool(fate, count));
        }
        resolved.signal.iter().for_each(|(fate, count)| self.ledger.unspool(self.signal, fate, count));
        resolved.destination
    }

    fn divided(&self) -> MutexGuard<'_, HashMap<u64, Fates>> {
        self.divided.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The items of one push.
pub(crate) struct Lot<T> {
    books: Arc<Books>,
    /// Number of the first item.
    first: u64,
    slots: Slots<T>,
}

/// One item needs no allocation beside the lot's own.
enum Slots<T> {
    One(Slot<T>),
    Many(Box<[Slot<T>]>),
}

struct Slot<T> {
    item: T,
    /// [`Item::count`], asked once.
    count: u32,
    /// Destinations that have not answered.
    open: AtomicU16,
    /// The worst fate so far that a destination had for all of it, as [`grade`] puts it.
    worst: AtomicU8,
    /// Whether a destination took a part of it: see [`Books::divided`].
    divided: AtomicBool,
}

impl<T: Item> Slot<T> {
    fn new(item: T, destinations: usize) -> Self {
        Self {
            count: u32::try_from(item.count()).unwrap_or(u32::MAX),
            open: AtomicU16::new(u16::try_from(destinations).unwrap_or(u16::MAX)),
            worst: AtomicU8::new(grade(Fate::Delivered)),
            divided: AtomicBool::new(false),
            item,
        }
    }
}

impl<T: Item> Lot<T> {
    /// A lot of one.
    pub(crate) fn of_one(books: &Arc<Books>, item: T) -> Arc<Self> {
        let slots = Slots::One(Slot::new(item, books.rows.len()));
        Self::open(Self { books: Arc::clone(books), first: 0, slots })
    }

    /// A lot of several.
    pub(crate) fn of_many(books: &Arc<Books>, items: Vec<T>) -> Arc<Self> {
        let slots = items.into_iter().map(|item| Slot::new(item, books.rows.len())).collect();
        Self::open(Self { books: Arc::clone(books), first: 0, slots: Slots::Many(slots) })
    }

    fn open(mut self) -> Arc<Self> {
        self.first = self.books.items.fetch_add(self.slots().len() as u64, Ordering::Relaxed);
        let count = self.slots().iter().map(|s| u64::from(s.count)).sum();
        self.books.ledger.created(self.books.signal, count);
        self.books.rows.iter().for_each(|row| row.created(count));
        Arc::new(self)
    }

    fn slots(&self) -> &[Slot<T>] {
        match &self.slots {
            Slots::One(slot) => std::slice::from_ref(slot),
            Slots::Many(slots) => slots,
        }
    }

    /// The tickets of one destination (its place in [`Books::rows`]). To be called once for each destination.
    pub(crate) fn tickets(self: &Arc<Self>, destination: u16) -> impl Iterator<Item = Ticket<T>> {
        (0..self.slots().len() as u32).map(move |index| Ticket {
            lot: Arc::clone(self),
            index,
            destination,
            settled: AtomicBool::new(false),
        })
    }
}

/// One item on its way to one destination.
pub(crate) struct Ticket<T: Item> {
    lot: Arc<Lot<T>>,
    index: u32,
    destination: u16,
    settled: AtomicBool,
}

impl<T: Item> Ticket<T> {
    fn slot(&self) -> &Slot<T> {
        &self.lot.slots()[self.index as usize]
    }

    /// The item.
    pub(crate) fn item(&self) -> &T {
        &self.slot().item
    }

    /// Number of the item within its stream.
    pub(crate) fn number(&self) -> u64 {
        self.lot.first + u64::from(self.index)
    }

    /// How many items of the ledger it stands for.
    pub(crate) fn count(&self) -> u32 {
        self.slot().count
    }

    /// Whether its fate is in the ledger.
    pub(crate) fn is_settled(&self) -> bool {
        self.settled.load(Ordering::Acquire)
    }

    /// Writes its fate into the ledger, unless that happened before; says whether it did.
    pub(crate) fn settle(&self, fate: Fate) -> bool {
        if self.settled.swap(true, Ordering::AcqRel) {
            return false;
        }
        let (slot, books) = (self.slot(), &self.lot.books);
        if fate == Fate::Spooled {
            books.marks.spooled(self.number(), self.destination);
        }
        books.rows[usize::from(self.destination)].settle(fate, u64::from(slot.count));
        slot.worst.fetch_max(grade(fate), Ordering::AcqRel);
        self.answered();
        true
    }

    /// As [`Ticket::settle`], for an item of which a part was taken; `fates` are those of all that it stands for, none of them
    /// spooled.
    pub(crate) fn settle_divided(&self, fates: &Fates) -> bool {
        if self.settled.swap(true, Ordering::AcqRel) {
            return false;
        }
        let (slot, books) = (self.slot(), &self.lot.books);
        let row = &books.rows[usize::from(self.destination)];
        fates.iter().for_each(|(fate, count)| row.settle(fate, count));
        let mut divided = books.divided();
        let worst = divided.entry(self.number()).or_default();
        *worst = worst.worst(fates);
        drop(divided);
        slot.divided.store(true, Ordering::Release);
        self.answered();
        true
    }

    /// One more destination has answered; after the last one the signal's row is settled.
    fn answered(&self) {
        let (slot, books) = (self.slot(), &self.lot.books);
        if slot.open.fetch_sub(1, Ordering::AcqRel) != 1 {
            return;
        }
        let (worst, count) = (fate_of(slot.worst.load(Ordering::Acquire)), u64::from(slot.count));
        let is_divided = slot.divided.load(Ordering::Acquire);
        if worst == Fate::Delivered && !is_divided {
            books.ledger.settle(books.signal, worst, count);
            return;
        }
        let mut fates = Fates::all(worst, count);
        if is_divided && let Some(divided) = books.divided().remove(&self.number()) {
            fates = fates.worst(&divided);
        }
        if fates.of(Fate::Spooled) > 0 {
            fates = books.marks.finish(self.number(), &fates);
        } else if fates.of(Fate::Delivered) == 0 {
            books.marks.close(self.number());
        }
        fates.iter().for_each(|(fate, count)| books.ledger.settle(books.signal, fate, count));
    }
}

impl<T: Item> Drop for Ticket<T> {
    fn drop(&mut self) {
        self.settle(Fate::Dropped(DropReason::WorkerLost));
    }
}
