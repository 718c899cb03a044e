//! [`Stream`]: where a signal puts its items.

use crate::lot::{Books, Lot};
use crate::queue::Queue;
use crate::sink::Item;
use obs_core::fork;
use std::fmt;
use std::sync::Arc;

/// Where a signal puts its items: each goes to every destination of the signal. A cheap handle; clones are the same
/// stream. Made by [`Engine::stream`](crate::Engine::stream).
///
/// Pushing never waits for I/O, never fails and never panics; what cannot be kept is counted in the ledger:
///
/// - a destination whose queue is full drops the newest item ([`QueueFull`](obs_core::DropReason::QueueFull)); the
///   other destinations still get it, and the signal's row counts its worst fate;
/// - after a shutdown began, everything is dropped ([`AfterShutdown`](obs_core::DropReason::AfterShutdown)).
///
/// In a forked child the stream is off: its threads are the parent's, and so is the account.
pub struct Stream<T: Item>(Arc<Inner<T>>);

struct Inner<T: Item> {
    /// Of the process that has the threads.
    generation: u32,
    books: Arc<Books>,
    queues: Vec<Arc<Queue<T>>>,
}

impl<T: Item> Stream<T> {
    pub(crate) fn new(books: Arc<Books>, queues: Vec<Arc<Queue<T>>>) -> Self {
        Self(Arc::new(Inner { generation: fork::watch(), books, queues }))
    }

    /// Whether it has no destination, or only those of the process that this one was forked from. Then items are neither
    /// counted nor kept, and need not be made. Takes no lock.
    pub fn is_off(&self) -> bool {
        self.0.queues.is_empty() || fork::is_child_of(self.0.generation)
    }

    /// Hands over items, oldest first.
    pub fn push(&self, items: Vec<T>) {
        if !self.is_off() && !items.is_empty() {
            self.enqueue(&Lot::of_many(&self.0.books, items));
        }
    }

    /// Hands over one item.
    pub fn push_one(&self, item: T) {
        if !self.is_off() {
            self.enqueue(&Lot::of_one(&self.0.books, item));
        }
    }

    fn enqueue(&self, lot: &Arc<Lot<T>>) {
        for (destination, queue) in self.0.queues.iter().enumerate() {
            queue.push(lot.tickets(destination as u16));
        }
    }
}

impl<T: Item> Clone for Stream<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Item> fmt::Debug for Stream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Books { signal, rows, .. } = &*self.0.books;
        f.debug_struct("Stream").field("signal", signal).field("destinations", &rows.len()).finish()
    }
}
