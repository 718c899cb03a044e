//! The queue under the model checker: `RUSTFLAGS="--cfg obs_loom" cargo test -p obs-export --lib queue::model`.
//!
//! Each test runs every interleaving (up to a bound of preemptions) of a few threads that push, send, flush and shut down,
//! and checks that no wake-up is lost and every item has exactly one fate.

use super::{Lane, Next, Queue};
use crate::limits::Limits;
use crate::lot::{Books, Lot};
use crate::sink::{Item, Priority};
use loom::thread;
use obs_core::{Clock, DropReason, Fate, Ledger, Signal};
use std::sync::Arc;
use std::time::Duration;

struct Number(Priority);

impl Item for Number {
    fn weight(&self) -> usize {
        1
    }

    fn priority(&self) -> Priority {
        self.0
    }
}

struct Rig {
    ledger: Arc<Ledger>,
    books: Arc<Books>,
    queue: Arc<Queue<Number>>,
}

impl Rig {
    fn new(limits: Limits) -> Self {
        let ledger = Arc::new(Ledger::default());
        let row = ledger.destination(Signal::Log, "model");
        let books = Arc::new(Books::new(Arc::clone(&ledger), Signal::Log, vec![row]));
        // The clocks stand still: waits end when they are told to, which is what is checked.
        let queue = Arc::new(Queue::new(limits, Clock::manual(0), Clock::manual(0), None));
        queue.enter();
        Self { ledger, books, queue }
    }

    fn pusher(&self, items: usize, priority: Priority) -> thread::JoinHandle<()> {
        let (books, queue) = (Arc::clone(&self.books), Arc::clone(&self.queue));
        thread::spawn(move || {
            for _ in 0..items {
                queue.push(Lot::of_one(&books, Number(priority)).tickets(0));
            }
        })
    }

    /// Delivers everything, as the sender's thread does.
    fn sender(&self) -> thread::JoinHandle<u64> {
        let queue = Arc::clone(&self.queue);
        thread::spawn(move || {
            let mut delivered = 0;
            loop {
                match queue.next() {
                    Next::Fresh(parcel) => {
                        delivered += queue.settle(parcel.tickets(0..parcel.len()), Fate::Delivered);
                        queue.done_with_parcel();
                    }
                    Next::Flush(n) => queue.flushed(n, None),
                    Next::Stored => unreachable!("there is no spool"),
                    Next::End => break,
                }
            }
            queue.leave(true, DropReason::WorkerLost);
            delivered
        })
    }
}

fn limits(queue_items: usize) -> Limits {
    Limits { queue_items, batch_items: 2, max_age: Duration::ZERO, ..Limits::default() }
}

fn bounded() -> loom::model::Builder {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder
}

#[test]
fn every_item_pushed_before_a_shutdown_is_delivered() {
    bounded().check(|| {
        let rig = Rig::new(limits(8));
        let pushers = [rig.pusher(2, Priority::Normal), rig.pusher(1, Priority::High)];
        let sender = rig.sender();
        pushers.into_iter().for_each(|p| p.join().unwrap());
        rig.queue.begin_shutdown(u64::MAX);
        assert_eq!(sender.join().unwrap(), 3);
        assert!(!rig.queue.finish_shutdown(u64::MAX).late);
        let account = rig.ledger.snapshot().log.account;
        assert_eq!((account.created, account.delivered), (3, 3));
    });
}

#[test]
fn an_item_wakes_a_sender_that_waits() {
    bounded().check(|| {
        let rig = Rig::new(limits(8));
        let queue = Arc::clone(&rig.queue);
        // Nothing else would wake it: a lost wake-up is a deadlock, which the checker reports.
        let sender = thread::spawn(move || match queue.next() {
            Next::Fresh(parcel) => queue.settle(parcel.tickets(0..parcel.len()), Fate::Delivered),
            _ => 0,
        });
        rig.pusher(1, Priority::Normal).join().unwrap();
        assert_eq!(sender.join().unwrap(), 1);
    });
}

#[test]
fn an_item_pushed_during_a_shutdown_is_delivered_or_counted_as_late() {
    bounded().check(|| {
        let rig = Rig::new(limits(8));
        let sender = rig.sender();
        let pusher = rig.pusher(2, Priority::Normal);
        rig.queue.begin_shutdown(u64::MAX);
        rig.queue.finish_shutdown(u64::MAX);
        pusher.join().unwrap();
        sender.join().unwrap();
        let account = rig.ledger.snapshot().log.account;
        assert!(account.is_balanced(), "{account:?}");
        assert_eq!(account.delivered + account.dropped.get("after_shutdown").copied().unwrap_or(0), 2);
    });
}

#[test]
fn a_flush_ends_after_everything_pushed_before_it() {
    bounded().check(|| {
        let rig = Rig::new(limits(8));
        let sender = rig.sender();
        rig.pusher(2, Priority::Normal).join().unwrap();
        let number = rig.queue.ask_flush();
        assert_eq!(rig.queue.wait_flushed(number, u64::MAX), super::Flushed::Done);
        assert_eq!(rig.ledger.snapshot().log.account.delivered, 2);
        rig.queue.begin_shutdown(u64::MAX);
        rig.queue.finish_shutdown(u64::MAX);
        sender.join().unwrap();
    });
}

#[test]
fn a_full_queue_gives_up_the_lower_priority_and_counts_it() {
    bounded().check(|| {
        let rig = Rig::new(limits(1));
        let pushers = [rig.pusher(1, Priority::Low), rig.pusher(1, Priority::High)];
        pushers.into_iter().for_each(|p| p.join().unwrap());
        rig.queue.begin_shutdown(u64::MAX);
        let sender = rig.sender();
        rig.queue.finish_shutdown(u64::MAX);
        assert_eq!(sender.join().unwrap(), 1);
        let account = rig.ledger.snapshot().log.account;
        assert_eq!((account.delivered, account.dropped["queue_full"]), (1, 1));
    });
}
