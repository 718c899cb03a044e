//! What becomes of items whose destination cannot take them, when there is a spool.

use crate::support::*;
use obs_core::{Clock, DropReason};
use obs_export::{Cause, Limits, Outcome, Priority, Retry, Sink, SpoolOptions};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Limits under which nothing waits for long.
fn quick() -> Limits {
    let retry =
        Retry { initial: Duration::from_millis(1), max: Duration::from_millis(5), ..Retry::default() };
    Limits { retry, batch_items: 7, write_ahead: Duration::from_millis(5), ..eager() }
}

/// A destination that is down until told otherwise, and what it took.
#[derive(Clone, Default)]
struct Backend {
    up: Arc<AtomicBool>,
    taken: Arc<Mutex<Vec<u64>>>,
}

impl Backend {
    fn up() -> Self {
        let backend = Self::default();
        backend.rise();
        backend
    }

    fn rise(&self) {
        self.up.store(true, Ordering::SeqCst);
    }

    fn taken(&self) -> Vec<u64> {
        self.taken.lock().unwrap().clone()
    }

    fn answer(&self, numbers: &[u64]) -> Outcome {
        if !self.up.load(Ordering::SeqCst) {
            return Outcome::Retry { cause: Cause::Connect, after: None, message: "refused".into() };
        }
        self.taken.lock().unwrap().extend_from_slice(numbers);
        Outcome::Delivered
    }

    fn sink(&self) -> Box<dyn Sink<Parcel>> {
        let backend = self.clone();
        remote("loki", move |numbers| backend.answer(numbers))
    }
}

#[test]
fn an_outage_goes_to_disk_and_comes_back_oldest_first() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig_in(folder.path());
    let backend = Backend::default();
    let stream = rig.stream(vec![backend.sink()], quick());
    for numbers in [0..50, 50..100] {
        stream.push(parcels(numbers));
        let flush = rig.engine.flush(LONG);
        assert!(flush.is_complete(), "on disk is answered for: {flush:?}");
    }
    let log = rig.balanced();
    assert_eq!((log.account.spooled, log.account.delivered), (100, 0));
    assert_eq!(log.destinations["loki"].spooled, 100);

    backend.rise();
    stream.push(parcels(100..120));
    let report = rig.engine.shutdown(LONG);
    assert!(report.is_clean(), "{report}");
    assert_eq!(backend.taken(), (0..120).collect::<Vec<_>>());
    assert_eq!(report.to_string(), "log: 120 created, 120 delivered");
    let said = rig.said.lines();
    assert_eq!(said[0], "obs: log/loki is down: refused; trying again until it answers");
    assert!(said[1].starts_with("obs: log/loki is up again: after "), "{said:?}");
    // The fresh ones take the detour as long as older ones wait; how many of them did by then is a matter of time.
    let spooled = said[1].split(' ').rev().nth(5).and_then(|n| n.parse::<u64>().ok());
    assert!(spooled.is_some_and(|n| (100..=120).contains(&n)), "{said:?}");
    assert!(said[1].ends_with(" spooled and 0 dropped meanwhile"), "{said:?}");
    assert_eq!(said.len(), 2, "{said:?}");
}

#[test]
fn a_later_process_delivers_what_an_earlier_one_left_before_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig_in(folder.path());
    rig.stream(vec![Backend::default().sink()], quick()).push(parcels(0..40));
    let report = rig.engine.shutdown(LONG);
    assert!(report.elapsed < LONG / 4, "a destination that is down is not waited for: {report}");
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.to_string(), "log: 40 created, 40 spooled");
    rig.end();

    let rig = rig_in(folder.path());
    let backend = Backend::up();
    let stream = rig.stream(vec![backend.sink()], quick());
    stream.push(parcels(40..60));
    let report = rig.engine.shutdown(LONG);
    assert_eq!(
        report.to_string(),
        "log: 20 created, 20 delivered\nlog of earlier processes: 40 found, 40 delivered"
    );
    assert_eq!(backend.taken(), (0..60).collect::<Vec<_>>());
    let log = rig.balanced();
    assert_eq!((log.account.created, log.account.delivered), (20, 20), "its own items only");
    assert_eq!((log.inherited.created, log.inherited.delivered, log.inherited.spooled), (40, 40, 0));
}

#[test]
fn an_engine_that_is_never_shut_down_leaves_what_was_spooled() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig_in(folder.path());
    let stream = rig.stream(vec![Backend::default().sink()], quick());
    stream.push(parcels(0..30));
    assert!(rig.engine.flush(LONG).is_complete());
    // What a crash leaves is the folder as it is now, without the lock.
    let copy = tempfile::tempdir().unwrap();
    copy_all(folder.path(), copy.path());

    let later = rig_in(copy.path());
    let backend = Backend::up();
    later.stream(vec![backend.sink()], quick());
    drop(later.engine.shutdown(LONG));
    assert_eq!(backend.taken(), (0..30).collect::<Vec<_>>());
    assert_eq!(later.balanced().inherited.delivered, 30);
}

fn copy_all(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_all(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// What a sink was sent, what lets it answer, and the sink.
type Hanging = (Receiver<Vec<u64>>, Sender<()>, Box<dyn Sink<Parcel>>);

/// A sink that takes a batch and gives no answer until the test lets go.
fn hanging() -> Hanging {
    let (report, sent) = channel();
    let (let_go, release) = channel::<()>();
    let sink = remote("loki", move |numbers| {
        report.send(numbers.to_vec()).unwrap();
        let _ = release.recv();
        Outcome::Delivered
    });
    (sent, let_go, sink)
}

#[test]
fn what_is_under_way_to_a_server_that_hangs_is_on_disk_before_it_answers() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig_in(folder.path());
    let (sent, let_go, sink) = hanging();
    let stream = rig.stream(vec![sink], quick());
    stream.push(parcels(0..5));
    assert_eq!(sent.recv_timeout(LONG).unwrap(), [0, 1, 2, 3, 4]);
    stream.push(parcels(5..20));
    assert!(rig.engine.flush(LONG).is_complete());
    assert_eq!(rig.balanced().account.spooled, 20);

    // The late answer counts: what it delivered is no longer on disk, and is not sent again.
    let_go.send(()).unwrap();
    assert_eq!(sent.recv_timeout(LONG).unwrap()[0], 5);
    assert_eq!(rig.balanced().account.delivered, 5);
    drop(let_go);
    assert!(rig.engine.shutdown(LONG).is_clean());
    assert_eq!(rig.balanced().account.delivered, 20);
}

#[test]
fn a_shutdown_does_not_wait_for_a_server_that_hangs_once_all_is_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig_in(folder.path());
    let (sent, let_go, sink) = hanging();
    let stream = rig.stream(vec![sink], quick());
    stream.push(parcels(0..5));
    sent.recv_timeout(LONG).unwrap();
    stream.push(parcels(5..20));
    let report = rig.engine.shutdown(LONG);
    assert!(report.elapsed < LONG / 4, "{report}");
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.signals.log.account.spooled, 20);
    drop(let_go);
}

#[test]
fn a_shutdown_without_time_to_send_still_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig_in(folder.path());
    let (sent, let_go, sink) = hanging();
    let stream = rig.stream(vec![sink], Limits { write_ahead: LONG, ..quick() });
    stream.push(parcels(0..5));
    sent.recv_timeout(LONG).unwrap();
    stream.push(parcels(5..2000));
    let report = rig.engine.shutdown(Duration::from_millis(400));
    assert_eq!(report.to_string(), "log: 2000 created, 2000 spooled");
    drop(let_go);
}

#[test]
fn a_destination_that_is_busy_at_the_end_is_tried_again_within_the_shutdown() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig_in(folder.path());
    let mut tries = 0;
    let sink = remote("loki", move |_| {
        tries += 1;
        if tries < 6 { retry("503") } else { Outcome::Delivered }
    });
    rig.stream(vec![sink], quick()).push(parcels(0..5));
    let report = rig.engine.shutdown(LONG);
    assert_eq!(report.to_string(), "log: 5 created, 5 delivered");
}

#[test]
fn what_no_setting_allows_yet_is_kept_not_refused() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig_in(folder.path());
    let sink = remote("loki", |_| Outcome::Retry {
        cause: Cause::Credentials,
        after: None,
        message: "401: are the credentials right?".into(),
    });
    rig.stream(vec![sink], quick()).push(parcels(0..10));
    let report = rig.engine.shutdown(LONG);
    assert_eq!(report.to_string(), "log: 10 created, 10 spooled");
}

#[test]
fn a_full_queue_goes_to_disk_instead_of_dropping() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig_in(folder.path());
    let (sent, let_go, sink) = hanging();
    let limits = Limits { queue_items: 100, write_ahead: LONG, ..quick() };
    let stream = rig.stream(vec![sink], limits);
    stream.push_one(parcel(0));
    sent.recv_timeout(LONG).unwrap();
    // More than half a queue at a time: that is what makes items take the detour.
    for start in (1..2001).step_by(80) {
        stream.push(parcels(start..start + 80));
        while rig.ledger.snapshot().log.account.in_flight() > 0 {
            std::thread::yield_now();
        }
    }
    let log = rig.balanced();
    assert_eq!((log.account.spooled, log.account.dropped_total()), (2001, 0));
    drop(let_go);
    assert!(rig.engine.shutdown(LONG).is_clean());
    assert_eq!(rig.balanced().account.delivered, 2001);
}

#[test]
fn important_items_are_never_dropped_while_the_spool_has_room() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig_in(folder.path());
    let (sent, let_go, sink) = hanging();
    let limits = Limits { queue_items: 20, write_ahead: LONG, make_room: LONG, ..quick() };
    let stream = rig.stream(vec![sink], limits);
    stream.push_one(parcel(0));
    sent.recv_timeout(LONG).unwrap();
    for n in 0..2000 {
        stream.push_one(Parcel { priority: Priority::High, ..parcel(n) });
    }
    assert!(rig.engine.flush(LONG).is_complete());
    let log = rig.balanced();
    assert_eq!((log.account.spooled, log.account.dropped_total()), (2001, 0));
    drop(let_go);
}

#[test]
fn records_that_the_other_side_never_takes_are_kept_in_quarantine() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig_in(folder.path());
    let mut calls = 0;
    let (count, counted) = channel();
    let sink = remote("loki", move |numbers| {
        calls += 1;
        count.send(calls).unwrap();
        if numbers.contains(&13) {
            let message = "400: entry 13 is out of order".to_owned();
            return Outcome::Refused { reason: DropReason::Refused, message };
        }
        Outcome::Delivered
    });
    rig.stream(vec![sink], Limits { batch_items: 64, ..quick() }).push(parcels(0..64));
    drop(rig.engine.shutdown(LONG));
    let log = rig.balanced();
    assert_eq!((log.account.delivered, log.account.dropped["refused"]), (63, 1));
    assert!(counted.iter().last() <= Some(13), "found by halving");
    let file = folder.path().join("acm").join("log-loki.refused.jsonl");
    let kept: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(kept["message"], "400: entry 13 is out of order");
    assert_eq!(kept["text"], "\0\0\0\0\0\0\0\r");
}

#[test]
fn a_destination_that_refuses_everything_is_not_asked_for_each_record() {
    let rig = rig();
    let (count, counted) = channel();
    let sink = scripted("loki", move |_| {
        count.send(()).unwrap();
        Outcome::Refused { reason: DropReason::Refused, message: "400".into() }
    });
    rig.stream(vec![sink], Limits::default()).push(parcels(0..512));
    drop(rig.engine.shutdown(LONG));
    assert_eq!(rig.balanced().account.dropped["refused"], 512);
    assert!(counted.iter().count() < 40);
}

#[test]
fn a_spool_that_cannot_be_written_leaves_items_in_memory_and_says_so_once() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig_in(folder.path());
    std::fs::remove_dir_all(folder.path()).unwrap();
    std::fs::write(folder.path(), "a file where the folder was").unwrap();
    let backend = Backend::default();
    let stream = rig.stream(vec![backend.sink()], quick());
    stream.push(parcels(0..20));
    let flush = rig.engine.flush(Duration::from_millis(100));
    assert_eq!(flush.waiting, ["log/loki"], "neither delivered nor on disk");
    backend.rise();
    assert!(rig.engine.shutdown(LONG).signals.is_balanced());
    assert_eq!(rig.balanced().account.delivered, 20);
    assert_eq!(backend.taken(), (0..20).collect::<Vec<_>>());
    let said = rig.said.lines();
    let about: Vec<_> = said.iter().filter(|l| l.starts_with("obs: spool: ")).collect();
    assert_eq!(about.len(), 1, "{said:?}");
}

/// SEC-03
#[test]
fn what_is_too_old_when_its_destination_comes_back_is_counted_as_expired() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::manual(1_700_000_000_000_000_000);
    let options = SpoolOptions { max_age: Duration::from_hours(1), ..SpoolOptions::new(folder.path()) };
    let rig = rig_with(clock.clone(), Some(options));
    let backend = Backend::default();
    let stream = rig.stream(vec![backend.sink()], quick());
    stream.push(parcels(0..10));
    assert!(rig.engine.flush(LONG).is_complete());
    clock.advance(Duration::from_hours(2));
    stream.push(parcels(10..15));
    assert!(rig.engine.flush(LONG).is_complete());
    backend.rise();
    drop(rig.engine.shutdown(LONG));
    let log = rig.balanced();
    // The batch that is being tried when the time is up is sent all the same.
    assert_eq!(log.account.delivered + log.account.dropped["expired"], 15);
    assert!(log.account.dropped["expired"] >= 3, "{log:?}");
    assert!(backend.taken().ends_with(&[10, 11, 12, 13, 14]), "{:?}", backend.taken());
}

#[test]
fn an_item_with_a_file_and_a_spooled_destination_ends_as_delivered_when_both_have_it() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig_in(folder.path());
    let backend = Backend::default();
    let file = scripted("file", |_| Outcome::Delivered);
    let stream = rig.stream(vec![file, backend.sink()], quick());
    stream.push(parcels(0..30));
    assert!(rig.engine.flush(LONG).is_complete());
    let log = rig.balanced();
    assert_eq!((log.account.spooled, log.destinations["file"].delivered), (30, 30));
    backend.rise();
    assert!(rig.engine.shutdown(LONG).is_clean());
    let log = rig.balanced();
    assert_eq!((log.account.spooled, log.account.delivered), (0, 30));
}

#[test]
fn a_destination_says_how_it_is_doing() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig_in(folder.path());
    let backend = Backend::default();
    let stream = rig.stream(vec![backend.sink()], quick());
    stream.push(parcels(0..10));
    assert!(rig.engine.flush(LONG).is_complete());
    let destinations = rig.ledger.destinations();
    let (_, name, row) = &destinations[0];
    let status = row.status();
    assert_eq!(name, "loki");
    assert_eq!((status.waiting.spool_items, status.waiting.queue_items), (10, 0));
    assert!(status.waiting.spool_bytes > 10 * 8 && status.waiting.spool_oldest.is_some());
    assert!(status.failures[Cause::Connect as usize].1 >= 1);
    assert!(status.exports.counts.iter().sum::<u64>() >= 1);
    assert!(status.cpu_seconds > 0.0);
    backend.rise();
    drop(rig.engine.shutdown(LONG));
    assert_eq!(row.status().waiting.spool_items, 0);
}
