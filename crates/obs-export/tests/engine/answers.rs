//! What becomes of a batch for each answer of the other side.

use crate::support::*;
use obs_core::{Clock, DropReason};
use obs_export::{Batch, Cause, Encoder, Limits, Outcome, Retry, Sink};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn quick_retry() -> Limits {
    let retry =
        Retry { initial: Duration::from_millis(1), max: Duration::from_millis(2), ..Retry::default() };
    Limits { retry, ..eager() }
}

#[test]
fn a_batch_is_tried_again_until_it_arrives_and_the_trouble_is_told_once() {
    let rig = rig();
    let mut tries = 0;
    let sink = scripted("loki", move |_| {
        tries += 1;
        if tries < 4 { retry("connection refused") } else { Outcome::Delivered }
    });
    let stream = rig.stream(vec![sink], quick_retry());
    stream.push(parcels(0..10));
    let report = rig.engine.shutdown(LONG);
    assert!(report.is_clean(), "{report}");
    assert_eq!(rig.balanced().account.delivered, 10);
    let said = rig.said.lines();
    assert_eq!(said[0], "obs: log/loki is down: connection refused; trying again until it answers");
    assert!(said[1].starts_with("obs: log/loki is up again: after "), "{said:?}");
    assert!(said[1].ends_with(" 10 delivered, 0 spooled and 0 dropped meanwhile"), "{said:?}");
    assert_eq!(said.len(), 2);
}

#[test]
fn a_batch_is_given_up_at_the_retry_deadline() {
    let rig = rig_at(Clock::manual(0));
    let (clock, mut tries) = (rig.clock.clone(), 0);
    let sink = scripted("loki", move |_| {
        tries += 1;
        clock.advance(Duration::from_secs(40));
        if tries <= 2 { retry("503") } else { Outcome::Delivered }
    });
    let stream = rig.stream(vec![sink], quick_retry());
    stream.push(parcels(0..3));
    assert!(rig.engine.flush(LONG).is_complete(), "given up is answered for");
    stream.push_one(parcel(3));
    assert!(rig.engine.flush(LONG).is_complete());
    let log = rig.balanced();
    assert_eq!((log.account.dropped["retry_exhausted"], log.account.delivered), (3, 1));
    assert_eq!(
        rig.said.lines()[1],
        "obs: log/loki is up again: after 80.0 s: 1 delivered, 0 spooled and 3 dropped meanwhile"
    );
}

#[test]
fn the_wait_that_the_other_side_asks_for_is_kept() {
    let rig = rig();
    let wait = Duration::from_millis(60);
    let times = Arc::new(Mutex::new(vec![]));
    let (clock, seen) = (Clock::system(), Arc::clone(&times));
    let sink = scripted("loki", move |_| {
        let mut seen = seen.lock().unwrap();
        seen.push(clock.now());
        if seen.len() == 1 {
            Outcome::Retry { cause: Cause::Throttled, after: Some(wait), message: "429".into() }
        } else {
            Outcome::Delivered
        }
    });
    let (other, boxed) = manual("other");
    let stream = rig.stream(vec![sink, boxed], quick_retry());
    stream.push_one(parcel(0));
    assert_eq!(other.next(), [0], "another destination does not wait");
    drop(other);
    // Neither a flush nor a shutdown may hurry it: the account says when it is through.
    while rig.ledger.snapshot().log.account.in_flight() > 0 {
        std::thread::yield_now();
    }
    let times = times.lock().unwrap();
    assert!(times[1] - times[0] >= wait.as_nanos() as u64, "{times:?}");
    assert_eq!(rig.balanced().account.delivered, 1);
}

#[test]
fn refused_items_are_dropped_and_the_rest_of_the_batch_is_delivered() {
    let rig = rig();
    let sink = scripted("loki", |_| Outcome::Partial {
        refused: vec![1, 3, 3, 99],
        reason: DropReason::Refused,
        message: "2 lines are too old".into(),
    });
    rig.stream(vec![sink], Limits::default()).push(parcels(0..5));
    drop(rig.engine.shutdown(LONG));
    let log = rig.balanced();
    assert_eq!((log.account.delivered, log.account.dropped["refused"]), (3, 2));
    assert_eq!(
        rig.said.lines(),
        ["obs: log/loki refuses items: 2 lines are too old (2 dropped, further ones are counted)"]
    );
}

#[test]
fn a_refused_batch_is_dropped_for_the_reason_given_and_not_tried_again() {
    let rig = rig();
    let (sink, boxed) = manual("file");
    rig.stream(vec![boxed], Limits::default()).push(parcels(0..5));
    sink.answer(Outcome::Refused { reason: DropReason::WriteFailed, message: "disk full".into() });
    drop(rig.engine.shutdown(LONG));
    assert_eq!(sink.sent.iter().count(), 1);
    assert_eq!(rig.balanced().account.dropped["write_failed"], 5);
}

#[test]
fn an_item_too_large_is_found_by_halving_and_only_it_is_dropped() {
    let rig = rig();
    let sent = Arc::new(Mutex::new(vec![]));
    let seen = Arc::clone(&sent);
    let sink = scripted("otlp", move |numbers| {
        if numbers.contains(&5) {
            return Outcome::TooLarge { message: "413".into() };
        }
        seen.lock().unwrap().extend_from_slice(numbers);
        Outcome::Delivered
    });
    rig.stream(vec![sink], Limits::default()).push(parcels(0..13));
    let report = rig.engine.shutdown(LONG);
    assert_eq!(*sent.lock().unwrap(), [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12], "in order");
    let log = rig.balanced();
    assert_eq!((log.account.delivered, log.account.dropped["too_large"]), (12, 1));
    assert_eq!(report.to_string(), "log: 13 created, 12 delivered, 1 dropped (too_large 1)");
}

#[test]
fn a_record_that_makes_a_sink_panic_is_found_and_only_it_is_dropped() {
    let rig = rig();
    let sink = scripted("loki", |numbers| {
        assert!(!numbers.contains(&1), "poison");
        Outcome::Delivered
    });
    let stream = rig.stream(vec![sink], Limits { batch_items: 2, ..Limits::default() });
    stream.push(parcels(0..6));
    let report = rig.engine.shutdown(LONG);
    let log = rig.balanced();
    assert_eq!((log.account.delivered, log.account.dropped["worker_lost"]), (5, 1));
    assert!(report.timed_out.is_empty());
    assert_eq!(
        rig.said.lines()[0],
        "obs: log/loki refuses items: panicked while sending: poison (1 dropped, further ones are counted)"
    );
}

#[test]
fn an_item_counts_with_the_worst_of_its_fates() {
    let rig = rig();
    let good = scripted("otlp", |_| Outcome::Delivered);
    let bad = scripted("loki", |_| Outcome::Refused { reason: DropReason::Refused, message: "401".into() });
    rig.stream(vec![good, bad], Limits::default()).push(parcels(0..4));
    drop(rig.engine.shutdown(LONG));
    let log = rig.balanced();
    assert_eq!(log.destinations["otlp"].delivered, 4);
    assert_eq!(log.destinations["loki"].dropped["refused"], 4);
    assert_eq!((log.account.created, log.account.delivered, log.account.dropped["refused"]), (4, 0, 4));
}

#[test]
fn every_other_refusal_is_silent_until_the_destination_is_well_again() {
    let rig = rig();
    let mut calls = 0;
    let sink = scripted("loki", move |_| {
        calls += 1;
        if calls < 50 {
            Outcome::Refused { reason: DropReason::Refused, message: "401: is the token right?".into() }
        } else {
            Outcome::Delivered
        }
    });
    let stream = rig.stream(vec![sink], Limits { batch_items: 1, ..Limits::default() });
    stream.push(parcels(0..50));
    drop(rig.engine.shutdown(LONG));
    let said = rig.said.lines();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[1].ends_with("1 delivered, 0 spooled and 49 dropped meanwhile"), "{said:?}");
}

#[test]
fn an_item_that_cannot_be_written_is_dropped_and_never_sent() {
    struct Fragile;
    impl Encoder<Parcel> for Fragile {
        fn encode(&self, parcel: &Parcel, record: &mut Vec<u8>) {
            Numbers.encode(parcel, record);
            if parcel.number == 2 {
                std::panic::resume_unwind(Box::new("half a record is written"));
            }
        }
    }
    struct Taking(Arc<Mutex<Vec<u64>>>);
    impl Sink<Parcel> for Taking {
        fn name(&self) -> &'static str {
            "loki"
        }
        fn encoder(&self) -> Arc<dyn Encoder<Parcel>> {
            Arc::new(Fragile)
        }
        fn send(&mut self, batch: &Batch<'_>) -> Outcome {
            self.0.lock().unwrap().extend(numbers(batch));
            Outcome::Delivered
        }
    }
    let rig = rig();
    let taken = Arc::new(Mutex::new(vec![]));
    rig.stream(vec![Box::new(Taking(Arc::clone(&taken)))], Limits::default()).push(parcels(0..5));
    drop(rig.engine.shutdown(LONG));
    assert_eq!(*taken.lock().unwrap(), [0, 1, 3, 4]);
    let log = rig.balanced();
    assert_eq!((log.account.delivered, log.account.dropped["write_failed"]), (4, 1));
}
