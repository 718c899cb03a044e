//! What waits, what goes out together, and what does not fit.

use crate::support::*;
use obs_core::Clock;
use obs_export::{Limits, Outcome};
use std::time::Duration;

#[test]
fn a_full_batch_goes_out_without_waiting_and_the_rest_waits_for_its_age() {
    let rig = rig_at(Clock::manual(0));
    let (sink, boxed) = manual("loki");
    let stream = rig.stream(vec![boxed], Limits { batch_items: 3, ..Limits::default() });
    stream.push(parcels(0..7));
    for expected in [[0, 1, 2], [3, 4, 5]] {
        assert_eq!(sink.next(), expected);
        sink.answer(Outcome::Delivered);
    }
    assert!(sink.sent.recv_timeout(Duration::from_millis(20)).is_err(), "the clock stands, item 6 is young");
    drop(sink.answer);
    assert!(rig.engine.flush(LONG).is_complete());
    assert_eq!(sink.sent.try_recv(), Ok(vec![6]));
    assert_eq!(rig.balanced().account.delivered, 7);
}

#[test]
fn a_batch_ends_where_its_bytes_do_and_a_heavier_item_travels_alone() {
    let rig = rig_at(Clock::manual(0));
    let (sink, boxed) = manual("loki");
    let stream = rig.stream(vec![boxed], Limits { batch_bytes: 25, ..Limits::default() });
    let mut items = parcels(0..5);
    items[2].weight = 1000;
    stream.push(items);
    drop(sink.answer);
    assert!(rig.engine.flush(LONG).is_complete());
    let batches: Vec<Vec<u64>> = sink.sent.try_iter().collect();
    assert_eq!(batches, [vec![0, 1], vec![2], vec![3, 4]]);
}

#[test]
fn an_item_alone_goes_out_once_it_is_old_enough() {
    let rig = rig();
    let (sink, boxed) = manual("loki");
    let stream = rig.stream(vec![boxed], Limits { max_age: Duration::from_millis(5), ..Limits::default() });
    stream.push_one(parcel(1));
    assert_eq!(sink.next(), [1]);
    sink.answer(Outcome::Delivered);
}

/// TRC-08
#[test]
fn a_queue_full_of_items_drops_the_newest() {
    let rig = rig();
    let (sink, boxed) = manual("loki");
    let stream = rig.stream(vec![boxed], Limits { queue_items: 3, ..eager() });
    stream.push_one(parcel(0));
    assert_eq!(sink.next(), [0]);
    stream.push(parcels(1..6));
    stream.push_one(parcel(6));
    sink.answer(Outcome::Delivered);
    assert_eq!(sink.next(), [1, 2, 3]);
    sink.answer(Outcome::Delivered);
    assert!(rig.engine.shutdown(LONG).timed_out.is_empty());
    let log = rig.balanced();
    assert_eq!((log.account.created, log.account.delivered), (7, 4));
    assert_eq!(log.account.dropped["queue_full"], 3);
    assert_eq!(log.destinations["loki"].dropped["queue_full"], 3);
    assert_eq!(rig.said.lines(), ["obs: log/loki queue is full: the newest items are dropped, 3 so far"]);
}

#[test]
fn a_queue_full_of_bytes_drops_what_does_not_fit_and_takes_what_does() {
    let rig = rig();
    let (sink, boxed) = manual("loki");
    let stream = rig.stream(vec![boxed], Limits { queue_bytes: 35, ..eager() });
    stream.push_one(parcel(0));
    assert_eq!(sink.next(), [0]);
    stream.push(parcels(1..4));
    stream.push_one(Parcel { weight: 6, ..parcel(4) });
    stream.push_one(Parcel { weight: 5, ..parcel(5) });
    sink.answer(Outcome::Delivered);
    assert_eq!(sink.next(), [1, 2, 3, 5]);
    sink.answer(Outcome::Delivered);
    assert!(rig.engine.flush(LONG).is_complete());
    stream.push_one(Parcel { weight: 35, ..parcel(6) });
    assert_eq!(sink.next(), [6], "the bytes of what left the queue are free again");
    sink.answer(Outcome::Delivered);
    drop(rig.engine.shutdown(LONG));
    assert_eq!(rig.balanced().account.dropped["queue_full"], 1);
}

/// LOG-16
#[test]
fn a_full_destination_takes_nothing_from_the_others() {
    let rig = rig();
    let (slow, slow_box) = manual("slow");
    let (quick, quick_box) = manual("quick");
    let stream = rig.stream(vec![slow_box, quick_box], Limits { queue_items: 1, ..eager() });
    for n in 0..4 {
        stream.push_one(parcel(n));
        if n == 0 {
            assert_eq!(slow.next(), [0]);
        }
        assert_eq!(quick.next(), [n], "quick gets each item while slow is at the first");
        quick.answer(Outcome::Delivered);
    }
    drop(slow.answer);
    drop(rig.engine.shutdown(LONG));
    let log = rig.balanced();
    assert_eq!(log.destinations["quick"].delivered, 4);
    assert_eq!((log.destinations["slow"].delivered, log.destinations["slow"].dropped["queue_full"]), (2, 2));
    assert_eq!((log.account.delivered, log.account.dropped["queue_full"]), (2, 2), "the worst fate counts");
}

#[test]
fn a_stream_without_sinks_is_off_and_counts_nothing() {
    let rig = rig();
    let stream = rig.stream(vec![], Limits::default());
    assert!(stream.is_off());
    stream.push(parcels(0..3));
    stream.clone().push_one(parcel(3));
    assert_eq!(rig.balanced().account.created, 0);
    assert!(rig.engine.flush(LONG).is_complete());
    assert!(rig.engine.shutdown(LONG).is_clean());
}

#[test]
fn limits_of_zero_still_let_one_item_through_at_a_time() {
    let rig = rig();
    let zero = Limits { queue_items: 0, batch_items: 0, batch_bytes: 0, ..eager() };
    let (sink, boxed) = manual("loki");
    let stream = rig.stream(vec![boxed], zero);
    for n in 0..3 {
        stream.push_one(parcel(n));
        assert_eq!(sink.next(), [n]);
        sink.answer(Outcome::Delivered);
    }
    drop(rig.engine.shutdown(LONG));
    assert_eq!(rig.balanced().account.delivered, 3);
}

#[test]
fn the_thread_is_named_after_signal_and_sink() {
    let rig = rig();
    let (name, named) = std::sync::mpsc::channel();
    let sink = scripted("loki", move |_| {
        name.send(std::thread::current().name().map(str::to_owned)).unwrap();
        Outcome::Delivered
    });
    rig.stream(vec![sink], eager()).push_one(parcel(0));
    assert_eq!(named.recv_timeout(LONG).unwrap().as_deref(), Some("obs-log-loki"));
}

/// LOG-17
#[test]
fn ten_thousand_items_take_at_most_fifty_batches() {
    let rig = rig_at(Clock::manual(0));
    let (sink, boxed) = manual("sqlite");
    drop(sink.answer);
    let stream = rig.stream(vec![boxed], Limits::default());
    (0..10_000).map(parcel).for_each(|item| stream.push_one(item));
    assert!(rig.engine.shutdown(LONG).is_clean());
    assert!(sink.sent.iter().count() <= 50);
}

/// TRC-07
#[test]
fn a_push_is_quick_while_the_destination_hangs() {
    let rig = rig();
    let (sink, boxed) = manual("otlp");
    let stream = rig.stream(vec![boxed], Limits { queue_items: 10_000, ..eager() });
    stream.push_one(parcel(0));
    assert_eq!(sink.next(), [0]);
    let clock = Clock::system();
    let mut took: Vec<u64> = (0..20_000)
        .map(|n| {
            let start = clock.now();
            stream.push_one(parcel(n));
            clock.now() - start
        })
        .collect();
    took.sort_unstable();
    let p99 = Duration::from_nanos(took[took.len() * 99 / 100]);
    assert!(p99 < Duration::from_micros(100), "{p99:?}");
    let _ = rig.engine.shutdown(Duration::ZERO);
    let dropped = rig.balanced().account.dropped;
    assert_eq!((dropped["queue_full"], dropped["shutdown_deadline"]), (10_000, 10_001));
}
