//! Records that stand for several items, of which the other side does not take all.

use crate::support::*;
use obs_core::DropReason;
use obs_export::{Batch, Cause, Encoder, Limits, Outcome, Sink};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a sink took, in order.
type Taken = Arc<Mutex<Vec<u64>>>;

fn refused() -> Outcome {
    Outcome::Refused { reason: DropReason::Refused, message: "400".into() }
}

/// Takes every batch without one of these numbers, and refuses the others.
fn without(bad: &'static [u64], taken: &Taken) -> impl FnMut(&[u64]) -> Outcome + Send + 'static {
    let taken = Arc::clone(taken);
    move |numbers| {
        if numbers.iter().any(|n| bad.contains(n)) {
            return refused();
        }
        taken.lock().unwrap().extend_from_slice(numbers);
        Outcome::Delivered
    }
}

/// All numbers but these.
fn all_but(numbers: std::ops::Range<u64>, bad: &[u64]) -> Vec<u64> {
    numbers.filter(|n| !bad.contains(n)).collect()
}

#[test]
fn one_refused_item_of_a_record_costs_only_itself() {
    let (rig, taken) = (rig(), Taken::default());
    let sink = scripted("otlp", without(&[5], &taken));
    rig.stream(vec![sink], Limits::default()).push_one(bundle(0..8));
    drop(rig.engine.shutdown(LONG));
    let log = rig.balanced();
    assert_eq!((log.account.delivered, log.account.dropped["refused"]), (7, 1));
    assert_eq!((log.destinations["otlp"].delivered, log.destinations["otlp"].dropped["refused"]), (7, 1));
    assert_eq!(*taken.lock().unwrap(), all_but(0..8, &[5]), "in order");
    assert_eq!(rig.said.lines()[0], "obs: log/otlp refuses items: 400 (1 dropped, further ones are counted)");
}

#[test]
fn records_between_others_are_taken_apart_and_the_others_are_not() {
    let (rig, taken) = (rig(), Taken::default());
    let sink = scripted("otlp", without(&[9, 14], &taken));
    let stream = rig.stream(vec![sink], Limits::default());
    stream.push(vec![parcel(0), bundle(1..8), bundle(8..16), parcel(16), bundle(17..20)]);
    drop(rig.engine.shutdown(LONG));
    let log = rig.balanced();
    assert_eq!((log.account.delivered, log.account.dropped["refused"]), (18, 2));
    assert_eq!(*taken.lock().unwrap(), all_but(0..20, &[9, 14]));
}

#[test]
fn a_record_that_is_too_large_is_halved_until_it_fits() {
    let (rig, taken) = (rig(), Taken::default());
    let seen = Arc::clone(&taken);
    let sink = scripted("otlp", move |numbers| {
        if numbers.len() > 3 {
            return Outcome::TooLarge { message: "413".into() };
        }
        seen.lock().unwrap().extend_from_slice(numbers);
        Outcome::Delivered
    });
    rig.stream(vec![sink], Limits::default()).push_one(bundle(0..100));
    let report = rig.engine.shutdown(LONG);
    assert_eq!(report.to_string(), "log: 100 created, 100 delivered");
    assert_eq!(*taken.lock().unwrap(), all_but(0..100, &[]));
}

#[test]
fn a_record_that_cannot_be_cut_is_dropped_whole() {
    /// Leaves [`Encoder::cut`] as it is, or cuts where nothing is left on one side, or panics.
    struct Whole(Option<u32>);
    impl Encoder<Parcel> for Whole {
        fn encode(&self, parcel: &Parcel, record: &mut Vec<u8>) {
            Numbers.encode(parcel, record);
        }
        fn cut(&self, record: &obs_export::Record<'_>) -> Option<obs_export::Cut> {
            let items = self.0?;
            let bytes =
                record.bytes.len().checked_div(items as usize).expect("a panic is a record that stays whole");
            Some(obs_export::Cut { bytes, items })
        }
    }
    struct Picky(Option<u32>);
    impl Sink<Parcel> for Picky {
        fn name(&self) -> &'static str {
            "otlp"
        }
        fn encoder(&self) -> Arc<dyn Encoder<Parcel>> {
            Arc::new(Whole(self.0))
        }
        fn send(&mut self, batch: &Batch<'_>) -> Outcome {
            if numbers(batch).contains(&5) { refused() } else { Outcome::Delivered }
        }
    }
    for cut in [None, Some(0), Some(1), Some(8)] {
        let rig = rig();
        let stream = rig.stream(vec![Box::new(Picky(cut))], Limits::default());
        stream.push(vec![bundle(0..8), bundle(8..10)]);
        drop(rig.engine.shutdown(LONG));
        let log = rig.balanced();
        assert_eq!((log.account.delivered, log.account.dropped["refused"]), (2, 8), "{cut:?}");
    }
}

#[test]
fn a_destination_that_refuses_every_item_of_a_record_is_not_asked_for_each() {
    let rig = rig();
    let (count, counted) = std::sync::mpsc::channel();
    let sink = scripted("otlp", move |_| {
        count.send(()).unwrap();
        refused()
    });
    rig.stream(vec![sink], Limits::default()).push_one(bundle(0..512));
    drop(rig.engine.shutdown(LONG));
    assert_eq!(rig.balanced().account.dropped["refused"], 512);
    assert!(counted.iter().count() < 40);
}

#[test]
fn a_number_of_refused_items_is_taken_from_the_oldest_ones_and_never_sent_again() {
    for (refused, delivered) in [(3, 9), (9, 3), (12, 0), (99, 0)] {
        let rig = rig();
        let mut calls = 0;
        let sink = scripted("otlp", move |_| {
            calls += 1;
            assert_eq!(calls, 1, "a partial success is not to be tried again");
            Outcome::Short { refused, reason: DropReason::Refused, message: "too old".into() }
        });
        rig.stream(vec![sink], Limits::default()).push(vec![bundle(0..8), bundle(8..11), parcel(11)]);
        drop(rig.engine.shutdown(LONG));
        let log = rig.balanced();
        assert_eq!((log.account.delivered, log.account.dropped["refused"]), (delivered, 12 - delivered));
    }
}

#[test]
fn of_several_destinations_the_one_that_refused_more_counts() {
    let (rig, taken) = (rig(), Taken::default());
    let one = scripted("a", without(&[5], &taken));
    let three = scripted("b", without(&[1, 2, 6], &taken));
    let short =
        scripted("c", |_| Outcome::Short { refused: 2, reason: DropReason::Refused, message: String::new() });
    rig.stream(vec![one, three, short], Limits::default()).push_one(bundle(0..8));
    drop(rig.engine.shutdown(LONG));
    let log = rig.balanced();
    assert_eq!((log.account.created, log.account.delivered, log.account.dropped["refused"]), (8, 5, 3));
    let delivered = ["a", "b", "c"].map(|name| log.destinations[name].delivered);
    assert_eq!(delivered, [7, 5, 6]);
}

#[test]
fn a_shutdown_in_the_middle_of_a_record_counts_what_had_arrived() {
    let rig = rig();
    let (sink, boxed) = manual("otlp");
    let stream = rig.stream(vec![boxed], eager());
    stream.push_one(bundle(0..8));
    for (sent, answer) in [
        (0..8, refused()),
        (0..4, refused()),
        (0..2, Outcome::Delivered),
        (2..4, refused()),
        (2..3, refused()),
        (3..4, Outcome::Delivered),
    ] {
        assert_eq!(sink.next(), sent.collect::<Vec<_>>());
        sink.answer(answer);
    }
    assert_eq!(sink.next(), [4, 5, 6, 7]);
    let report = rig.engine.shutdown(Duration::ZERO);
    assert_eq!(
        report.signals.log.account,
        rig.balanced().account,
        "nothing is counted after the report: {report}"
    );
    let account = rig.balanced().account;
    assert_eq!(
        (account.delivered, account.dropped["refused"], account.dropped["shutdown_deadline"]),
        (3, 1, 4)
    );
}

#[test]
fn what_an_earlier_process_left_is_taken_apart_and_only_the_refused_part_is_kept() {
    let folder = folder_in_memory();
    let rig = rig_in(folder.path());
    let down =
        remote("otlp", |_| Outcome::Retry { cause: Cause::Connect, after: None, message: "down".into() });
    rig.stream(vec![down], eager()).push(vec![parcel(0), bundle(1..9), bundle(9..12)]);
    let report = rig.engine.shutdown(LONG);
    assert_eq!(report.to_string(), "log: 12 created, 12 spooled");
    rig.end();

    let (rig, taken) = (rig_in(folder.path()), Taken::default());
    rig.stream(vec![remote("otlp", without(&[6], &taken))], eager());
    let report = rig.engine.shutdown(LONG);
    assert_eq!(report.to_string(), "log of earlier processes: 12 found, 11 delivered, 1 dropped (refused 1)");
    let inherited = rig.balanced().inherited;
    assert_eq!((inherited.created, inherited.delivered, inherited.spooled), (12, 11, 0));
    assert_eq!(*taken.lock().unwrap(), all_but(0..12, &[6]));
    let file = folder.path().join("acm").join("log-otlp.refused.jsonl");
    let kept: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(kept["text"], "\0\0\0\0\0\0\0\u{6}");
}

#[test]
fn a_partial_answer_for_what_an_earlier_process_left_counts_each_item_once() {
    for answer in [
        Outcome::Short { refused: 5, reason: DropReason::Refused, message: "too old".into() },
        Outcome::Partial {
            refused: vec![0, 3, 4, 99],
            reason: DropReason::Refused,
            message: "too old".into(),
        },
    ] {
        let folder = folder_in_memory();
        let rig = rig_in(folder.path());
        let down =
            remote("otlp", |_| Outcome::Retry { cause: Cause::Connect, after: None, message: "down".into() });
        rig.stream(vec![down], eager()).push(vec![parcel(0), bundle(1..3), bundle(3..7)]);
        drop(rig.engine.shutdown(LONG));
        rig.end();

        let rig = rig_in(folder.path());
        rig.stream(vec![remote("otlp", move |_| answer.clone())], eager());
        drop(rig.engine.shutdown(LONG));
        let inherited = rig.balanced().inherited;
        assert_eq!((inherited.delivered, inherited.dropped["refused"], inherited.spooled), (2, 5, 0));
    }
}

#[test]
fn an_outage_in_the_middle_of_a_record_changes_no_count() {
    let folder = folder_in_memory();
    let (rig, taken) = (rig_in(folder.path()), Taken::default());
    let (mut calls, mut take) = (0, without(&[2, 6], &taken));
    let sink = remote("otlp", move |numbers| {
        calls += 1;
        // Down at the first piece after the one to blame.
        if (6..=7).contains(&calls) { retry("503") } else { take(numbers) }
    });
    let mut limits = eager();
    limits.retry.initial = Duration::from_millis(1);
    let stream = rig.stream(vec![sink, scripted("file", |_| Outcome::Delivered)], limits);
    stream.push_one(bundle(0..8));
    assert!(rig.engine.flush(LONG).is_complete());
    drop(rig.engine.shutdown(LONG));
    let log = rig.balanced();
    assert_eq!((log.account.delivered, log.account.dropped["refused"], log.account.spooled), (6, 2, 0));
    assert_eq!((log.destinations["otlp"].delivered, log.destinations["file"].delivered), (6, 8));
    let taken: std::collections::BTreeSet<u64> = taken.lock().unwrap().iter().copied().collect();
    assert_eq!(Vec::from_iter(taken), all_but(0..8, &[2, 6]), "some of them perhaps twice");
}

/// What a sink was sent that takes zero alone and refuses one of all three. The account is right, whatever it was.
fn sent_until_one_is_bad() -> Vec<Vec<u64>> {
    let folder = folder_in_memory();
    let rig = rig_in(folder.path());
    let (tell, told) = channel();
    let (ledger, mut calls) = (Arc::clone(&rig.ledger), 0);
    let sink = remote("otlp", move |numbers| {
        calls += 1;
        tell.send(numbers.to_vec()).unwrap();
        match calls {
            1 => {
                // Not before all three are on disk.
                while ledger.snapshot().log.account.spooled < 3 {
                    std::thread::yield_now();
                }
                refused()
            }
            2 => Outcome::Delivered,
            3 => Outcome::Retry { cause: Cause::Connect, after: None, message: "down".into() },
            // Two is bad. Zero and one are welcome, as zero was before.
            _ => Outcome::Short { refused: 1, reason: DropReason::Refused, message: "one is bad".into() },
        }
    });
    let limits = Limits { write_ahead: Duration::ZERO, ..eager() };
    rig.stream(vec![sink], limits).push(vec![parcel(0), parcel(1), parcel(2)]);
    let sent = (0..4).map(|_| told.recv_timeout(LONG).unwrap()).collect();
    drop(rig.engine.shutdown(LONG));
    let account = rig.balanced().account;
    assert_eq!((account.delivered, account.dropped["refused"]), (2, 1));
    sent
}

#[test]
fn of_what_is_sent_again_from_disk_the_refused_ones_are_those_without_an_answer() {
    // It is, unless the sender comes before the disk is asked.
    let from_disk = [vec![0, 1, 2], vec![0], vec![1, 2], vec![0, 1, 2]];
    assert!((0..200).any(|_| sent_until_one_is_bad() == from_disk));
}
