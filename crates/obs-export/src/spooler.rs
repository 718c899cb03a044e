//! [`Spooler`]: the thread that writes to disk what cannot reach its destination in time.

use crate::cpu::CpuMeter;
use crate::parcel::Parcel;
use crate::queue::{Chore, Queue};
use crate::sender::message_of;
use crate::shelf::Shelf;
use crate::sink::{Encoder, Item};
use obs_core::ledger::Destination;
use obs_core::{Clock, Diag, DropReason, Fate};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// How long after a failed write the next one is tried.
const BLOCKED: Duration = Duration::from_secs(1);

pub(crate) struct Spooler<T: Item> {
    pub(crate) queue: Arc<Queue<T>>,
    pub(crate) encoder: Arc<dyn Encoder<T>>,
    pub(crate) context: Arc<[u8]>,
    pub(crate) timer: Clock,
    pub(crate) diag: Diag,
    pub(crate) row: Arc<Destination>,
    pub(crate) cpu: CpuMeter,
    /// Since when something written is not durable.
    pub(crate) unsynced: Option<u64>,
    /// Until when nothing can be written.
    pub(crate) blocked: Option<u64>,
}

/// Tells the queue however the thread ends.
struct LastWords<T: Item>(Arc<Queue<T>>);

impl<T: Item> Drop for LastWords<T> {
    fn drop(&mut self) {
        self.0.leave(false, DropReason::WorkerLost);
    }
}

impl<T: Item> Spooler<T> {
    /// Works until the queue ends.
    pub(crate) fn run(mut self) {
        let queue = Arc::clone(&self.queue);
        let Some(shelf) = queue.shelf() else { return };
        let _last_words = LastWords(Arc::clone(&queue));
        while let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.work(shelf))) {
            self.diag.warn("spool", &format!("its thread panicked and goes on: {}", message_of(&*panic)));
        }
        // With everything on disk there is nothing to wait for, even if the sender has no answer yet.
        queue.end(DropReason::ShutdownDeadline);
    }

    fn work(&mut self, shelf: &Shelf) {
        loop {
            match self.queue.next_chore(self.unsynced, self.blocked) {
                Chore::Write(parcel) => {
                    let written = self.write(shelf, &parcel);
                    self.queue.spooled(&parcel, written);
                }
                Chore::Sync(flushes) => {
                    let error = self.sync(shelf);
                    if flushes > 0 {
                        self.queue.flushed(flushes, error);
                    }
                }
                Chore::End => {
                    self.sync(shelf);
                    return;
                }
            }
            self.cpu.enter(&self.row);
        }
    }

    /// Returns how many items were written; `None` when none could be.
    fn write(&mut self, shelf: &Shelf, parcel: &Parcel<T>) -> Option<u64> {
        let access = shelf.access();
        let settle = |tickets: &mut dyn Iterator<Item = &crate::lot::Ticket<T>>| {
            self.queue.settle(tickets, Fate::Spooled);
        };
        let written = match shelf.lane() {
            Some(lane) => parcel.spool(&lane, &self.context, &*self.encoder, settle),
            None => Err(io::ErrorKind::NotConnected.into()),
        };
        if written.is_ok() {
            shelf.occupy();
        }
        let expired = shelf.account_for_lost();
        drop(access);
        if expired > 0 {
            self.diag.warn("spool", &format!("{expired} of the oldest items gave way to newer ones"));
        }
        match written {
            Ok(items) => {
                self.blocked = None;
                self.unsynced.get_or_insert(self.timer.now());
                Some(items)
            }
            Err(error) => {
                self.blocked = Some(self.timer.now().saturating_add(crate::sync::nanos(BLOCKED)));
                self.diag.warn("spool", &format!("cannot be written, items stay in memory: {error}"));
                None
            }
        }
    }

    fn sync(&mut self, shelf: &Shelf) -> Option<String> {
        self.unsynced = None;
        shelf.lane()?.sync().err().map(|error: io::Error| {
            self.diag.warn("spool", &format!("cannot be made durable: {error}"));
            format!("spool: {error}")
        })
    }
}
