//! [`Lot`] and [`Ticket`]: items shared by the destinations of a signal, and the account of them.
//!
//! A push makes one lot. For each item and destination there is one ticket, which is settled exactly once: by the
//! destination's answer, by the engine giving up, or, whatever else happened to it, by being dropped. The last ticket
//! of an item settles the item in the signal's row of the ledger, with the worst of its fates. So an item cannot vanish
//! without being counted, and cannot be counted twice.

use crate::marks::Marks;
use crate::sink::Item;
use obs_core::ledger::Destination;
use obs_core::{DropReason, Fate, Ledger, Signal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU16, AtomicU64, Ordering};

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
    /// How many items there were: each has a number.
    pub(crate) items: AtomicU64,
}

impl Books {
    pub(crate) fn new(ledger: Arc<Ledger>, signal: Signal, rows: Vec<Arc<Destination>>) -> Self {
        Self { ledger, signal, rows, marks: Marks::default(), items: AtomicU64::new(0) }
    }

    /// An item on disk at this destination met `fate`; says whether that was news. It stands for `count` items of the
    /// ledger.
    pub(crate) fn resolve(&self, item: u64, destination: u16, fate: Fate, count: u64) -> bool {
        let resolved = self.marks.resolve(item, destination, fate);
        if resolved.destination {
            self.rows[usize::from(destination)].unspool(fate, count);
        }
        if let Some(fate) = resolved.signal {
            self.ledger.unspool(self.signal, fate, count);
        }
        resolved.destination
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
    /// The worst fate so far, as [`grade`] puts it.
    worst: AtomicU8,
}

impl<T: Item> Slot<T> {
    fn new(item: T, destinations: usize) -> Self {
        Self {
            count: u32::try_from(item.count()).unwrap_or(u32::MAX),
            open: AtomicU16::new(u16::try_from(destinations).unwrap_or(u16::MAX)),
            worst: AtomicU8::new(grade(Fate::Delivered)),
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
        let (slot, books, count) = (self.slot(), &self.lot.books, u64::from(self.count()));
        if fate == Fate::Spooled {
            books.marks.spooled(self.number(), self.destination);
        }
        books.rows[usize::from(self.destination)].settle(fate, count);
        slot.worst.fetch_max(grade(fate), Ordering::AcqRel);
        if slot.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            let fate = match fate_of(slot.worst.load(Ordering::Acquire)) {
                Fate::Spooled => books.marks.finish(self.number()),
                Fate::Dropped(reason) => {
                    books.marks.close(self.number());
                    Fate::Dropped(reason)
                }
                Fate::Delivered => Fate::Delivered,
            };
            books.ledger.settle(books.signal, fate, count);
        }
        true
    }
}

impl<T: Item> Drop for Ticket<T> {
    fn drop(&mut self) {
        self.settle(Fate::Dropped(DropReason::WorkerLost));
    }
}

/// Orders fates from best to worst. Among reasons the order says nothing, but is the same for every destination.
fn grade(fate: Fate) -> u8 {
    match fate {
        Fate::Delivered => 0,
        Fate::Spooled => 1,
        Fate::Dropped(reason) => 2 + reason as u8,
    }
}

/// The reverse of [`grade`].
fn fate_of(grade: u8) -> Fate {
    match grade {
        0 => Fate::Delivered,
        1 => Fate::Spooled,
        n => {
            Fate::Dropped(DropReason::ALL.get(usize::from(n) - 2).copied().unwrap_or(DropReason::WorkerLost))
        }
    }
}
