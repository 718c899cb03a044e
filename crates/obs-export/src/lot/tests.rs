//! Tests of `lot`.

use super::*;

struct Weighed(u64);

impl Item for Weighed {
    fn weight(&self) -> usize {
        8
    }

    fn count(&self) -> u64 {
        self.0
    }
}

fn books(destinations: &[&str]) -> (Arc<Ledger>, Arc<Books>) {
    let ledger = Arc::new(Ledger::default());
    let rows = destinations.iter().map(|name| ledger.destination(Signal::Metric, name)).collect();
    let books = Books::new(Arc::clone(&ledger), Signal::Metric, rows);
    (ledger, Arc::new(books))
}

#[test]
fn an_item_settles_with_its_worst_fate_once_all_destinations_answered() {
    let (ledger, books) = books(&["a", "b", "c"]);
    let lot = Lot::of_one(&books, Weighed(5));
    let tickets: Vec<_> = (0..3).flat_map(|d| lot.tickets(d)).collect();
    assert!(tickets[0].settle(Fate::Dropped(DropReason::Refused)));
    assert!(tickets[1].settle(Fate::Spooled));
    assert_eq!(ledger.snapshot().metric.account.in_flight(), 5);
    assert!(tickets[2].settle(Fate::Delivered));
    let metric = ledger.snapshot().metric;
    assert_eq!(metric.account.dropped["refused"], 5);
    assert!(metric.account.is_balanced());
    assert_eq!(metric.destinations["b"].spooled, 5);
    assert_eq!(metric.destinations["c"].delivered, 5);
}

#[test]
fn a_ticket_settles_once_however_often_it_is_answered() {
    let (ledger, books) = books(&["a"]);
    let lot = Lot::of_one(&books, Weighed(1));
    let ticket = lot.tickets(0).next().unwrap();
    std::thread::scope(|scope| {
        for fate in [Fate::Delivered, Fate::Dropped(DropReason::ShutdownDeadline)] {
            let ticket = &ticket;
            scope.spawn(move || ticket.settle(fate));
        }
    });
    assert!(!ticket.settle(Fate::Spooled));
    drop(ticket);
    let metric = ledger.snapshot().metric;
    assert!(metric.account.is_balanced() && metric.destinations["a"].is_balanced(), "{metric:?}");
}

#[test]
fn a_ticket_that_nobody_answers_for_counts_as_lost() {
    let (ledger, books) = books(&["a", "b"]);
    let lot = Lot::of_many(&books, vec![Weighed(1), Weighed(2)]);
    lot.tickets(0).for_each(|t| assert!(t.settle(Fate::Delivered)));
    lot.tickets(1).for_each(drop);
    let metric = ledger.snapshot().metric;
    assert_eq!(metric.account.dropped["worker_lost"], 3);
    assert_eq!(metric.destinations["a"].delivered, 3);
    assert_eq!(metric.destinations["b"].dropped["worker_lost"], 3);
    assert!(metric.account.is_balanced());
}

#[test]
fn an_item_dropped_while_another_destination_still_has_it_stays_alive() {
    let (_, books) = books(&["a", "b"]);
    let lot = Lot::of_one(&books, Weighed(9));
    let (a, b) = (lot.tickets(0).next().unwrap(), lot.tickets(1).next().unwrap());
    drop((lot, a));
    assert_eq!(b.item().0, 9);
}

#[test]
fn an_item_that_was_spooled_at_one_destination_and_delivered_later_counts_as_delivered() {
    let (ledger, books) = books(&["file", "loki"]);
    let lot = Lot::of_many(&books, vec![Weighed(2), Weighed(3)]);
    let file: Vec<_> = lot.tickets(0).collect();
    let loki: Vec<_> = lot.tickets(1).collect();
    assert!(file[0].settle(Fate::Delivered));
    assert!(loki.iter().all(|t| t.settle(Fate::Spooled)));
    assert_eq!(ledger.snapshot().metric.account.spooled, 2);
    // The second item arrives from disk before the other destination has answered.
    assert!(books.resolve(loki[1].number(), 1, &Fates::all(Fate::Delivered, 3)));
    assert!(file[1].settle(Fate::Delivered));
    assert_eq!(ledger.snapshot().metric.account.delivered, 3);
    assert!(books.resolve(loki[0].number(), 1, &Fates::all(Fate::Delivered, 2)));
    assert!(!books.resolve(loki[0].number(), 1, &Fates::all(Fate::Delivered, 2)), "once");
    let metric = ledger.snapshot().metric;
    assert_eq!((metric.account.delivered, metric.account.spooled), (5, 0));
    assert_eq!((metric.destinations["loki"].delivered, metric.destinations["loki"].spooled), (5, 0));
    assert!(metric.account.is_balanced() && metric.destinations["loki"].is_balanced());
}

const REFUSED: Fate = Fate::Dropped(DropReason::Refused);

fn short(refused: u64, delivered: u64) -> Fates {
    let mut fates = Fates::all(REFUSED, refused);
    fates.add(Fate::Delivered, delivered);
    fates
}

#[test]
fn of_an_item_that_destinations_took_parts_of_the_larger_refused_part_counts() {
    let (ledger, books) = books(&["a", "b", "c"]);
    let lot = Lot::of_one(&books, Weighed(8));
    let tickets: Vec<_> = (0..3).flat_map(|d| lot.tickets(d)).collect();
    assert!(tickets[0].settle_divided(&short(1, 7)));
    assert!(!tickets[0].settle_divided(&short(1, 7)), "once");
    assert!(tickets[1].settle_divided(&short(3, 5)));
    assert!(tickets[2].settle(Fate::Delivered));
    let metric = ledger.snapshot().metric;
    assert_eq!((metric.account.delivered, metric.account.dropped["refused"]), (5, 3));
    assert_eq!((metric.destinations["a"].delivered, metric.destinations["b"].delivered), (7, 5));
    let mut destinations = metric.destinations.values();
    assert!(metric.account.is_balanced() && destinations.all(obs_core::ledger::Account::is_balanced));
    assert!(books.divided().is_empty());
}

#[test]
fn of_an_item_in_part_refused_here_and_spooled_there_the_rest_waits_for_the_disk() {
    let (ledger, books) = books(&["a", "b"]);
    let lot = Lot::of_one(&books, Weighed(8));
    let (a, b) = (lot.tickets(0).next().unwrap(), lot.tickets(1).next().unwrap());
    assert!(b.settle(Fate::Spooled));
    assert!(a.settle_divided(&short(3, 5)));
    let account = ledger.snapshot().metric.account;
    assert_eq!((account.spooled, account.dropped["refused"]), (5, 3));
    assert!(books.resolve(b.number(), 1, &short(4, 4)));
    let metric = ledger.snapshot().metric;
    assert_eq!(
        (metric.account.delivered, metric.account.dropped["refused"], metric.account.spooled),
        (4, 4, 0)
    );
    assert_eq!((metric.destinations["b"].delivered, metric.destinations["b"].dropped["refused"]), (4, 4));
}
