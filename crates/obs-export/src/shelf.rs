//! [`Shelf`]: the spool of one destination as its threads see it.

use crate::fates::Fates;
use crate::lot::Books;
use crate::spool::{Lane, Lost, Pending, StoredBatch, Why};
use obs_core::{DropReason, Fate};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// The spool of one destination, with the account of what is in it.
pub(crate) struct Shelf {
    /// `None` once the destination has shut down: then another engine, or another process, may take it over.
    lane: RwLock<Option<Arc<Lane>>>,
    books: Arc<Books>,
    destination: u16,
    /// Held while records are appended and their items settled as spooled, and while records are read to be sent: so that
    /// no item is delivered from disk before the account has it there.
    access: Mutex<()>,
    /// Whether there may be records. Read while pushers wait for the queue's lock, which must not wait for a file: so it is
    /// written under `access` only, and asking it takes no lock.
    occupied: AtomicBool,
}

impl Shelf {
    /// Enters what earlier processes left into the account.
    pub(crate) fn new(lane: Lane, books: Arc<Books>, destination: u16) -> Self {
        let lost = lane.take_found_lost();
        let found: u64 = lost.iter().filter(|l| l.inherited).map(|l| l.count).sum();
        books.ledger.inherit(books.signal, found + lane.pending().items);
        let occupied = AtomicBool::new(lane.pending().records > 0);
        let lane = RwLock::new(Some(Arc::new(lane)));
        let shelf = Self { lane, books, destination, access: Mutex::new(()), occupied };
        shelf.settle_lost(&lost);
        shelf
    }

    pub(crate) fn lane(&self) -> Option<Arc<Lane>> {
        self.lane.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets go of the files. What comes later finds an empty shelf.
    pub(crate) fn close(&self) {
        *self.lane.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(crate) fn pending(&self) -> Pending {
        self.lane().map(|lane| lane.pending()).unwrap_or_default()
    }

    /// Whether it is known to be empty: [`Shelf::next`] found nothing, and nothing was appended since.
    pub(crate) fn is_empty(&self) -> bool {
        !self.occupied.load(Ordering::Acquire)
    }

    /// Records were appended; to be said before [`Shelf::access`] is let go.
    pub(crate) fn occupy(&self) {
        self.occupied.store(true, Ordering::Release);
    }

    pub(crate) fn access(&self) -> MutexGuard<'_, ()> {
        self.access.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The oldest records, which stay on disk.
    pub(crate) fn next(&self, max_items: usize, max_bytes: usize) -> Option<StoredBatch> {
        let _access = self.access();
        let lane = self.lane()?;
        let batch = lane.next(max_items, max_bytes);
        self.settle_lost(&lane.take_lost());
        if batch.is_none() {
            self.occupied.store(false, Ordering::Release);
        }
        batch
    }

    /// Enters what was too old, had to make room or could not be read. Returns how many items that were.
    pub(crate) fn account_for_lost(&self) -> u64 {
        self.lane().map_or(0, |lane| self.settle_lost(&lane.take_lost()))
    }

    fn settle_lost(&self, lost: &[Lost]) -> u64 {
        let settle = |l: &Lost| {
            let reason = match l.why {
                Why::Expired => DropReason::Expired,
                Why::Corrupt => DropReason::Corrupt,
            };
            self.settle(l.item, l.inherited, &Fates::all(Fate::Dropped(reason), l.count))
        };
        lost.iter().filter(|l| settle(l)).map(|l| l.count).sum()
    }

    /// Whether an item that was put on disk has met no fate yet; of what an earlier process left, that is all that is there.
    pub(crate) fn is_open(&self, item: u64, inherited: bool) -> bool {
        inherited || self.books.marks.is_at(item, self.destination)
    }

    /// An item on disk met these fates, of all that it stands for; says whether that was news.
    pub(crate) fn settle(&self, item: Option<u64>, inherited: bool, fates: &Fates) -> bool {
        if inherited {
            let (ledger, signal) = (&self.books.ledger, self.books.signal);
            fates.iter().for_each(|(fate, count)| ledger.settle_inherited(signal, fate, count));
            return true;
        }
        item.is_some_and(|item| self.books.resolve(item, self.destination, fates))
    }
}
