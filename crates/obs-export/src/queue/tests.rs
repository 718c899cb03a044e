//! Tests of `queue`: its end and what is on disk then.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail their test")]

use super::*;
use crate::delivery::Delivery;
use crate::lot::Books;
use crate::spool::{NewRecord, Spool, SpoolOptions};
use obs_core::{Diag, Ledger, Signal};

struct Small;

impl Item for Small {
    fn weight(&self) -> usize {
        1
    }
}

/// A queue with one record on disk.
fn queue(folder: &std::path::Path) -> Queue<Small> {
    let clock = Clock::manual(1);
    let spool = Spool::open(SpoolOptions::new(folder), "s", clock.clone(), Diag::stderr()).unwrap();
    let lane = Arc::new(spool).lane("log/loki").unwrap();
    lane.append(b"", &[NewRecord { item: 0, time: 1, count: 1, bytes: b"record" }]).unwrap();
    let ledger = Arc::new(Ledger::default());
    let rows = vec![ledger.destination(Signal::Log, "loki")];
    let shelf = Shelf::new(lane, Arc::new(Books::new(ledger, Signal::Log, rows)), 0);
    Queue::new(Limits::default(), clock.clone(), clock, Some(shelf))
}

/// A thread that ends the queue sets the phase first and closes the files after that; a sender may come in between. Its answer is not
/// counted any more, so what it sent must be there for the next process.
#[test]
fn an_answer_after_the_end_takes_nothing_from_disk() {
    for (phase, is_kept) in [(Phase::Running, false), (Phase::Ended, true)] {
        let folder = tempfile::tempdir().unwrap();
        let queue = queue(folder.path());
        let shelf = queue.shelf().unwrap();
        let delivery = Delivery::<Small>::stored(shelf.next(1, 100).unwrap());
        queue.state().phase = phase;
        delivery.finish(&queue);
        assert_eq!(shelf.next(1, 100).is_some(), is_kept, "{phase:?}");
    }
}
