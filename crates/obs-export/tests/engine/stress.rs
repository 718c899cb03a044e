//! Random schedules on many threads: whatever happens, each item is counted once, and truly.

use crate::support::*;
use obs_core::DropReason;
use obs_export::{Cause, Limits, Outcome, Retry};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

/// A sink that gives any answer, and counts what it took.
fn whimsical(seed: u64, name: &'static str, took: Arc<AtomicU64>) -> Box<dyn obs_export::Sink<Parcel>> {
    let mut random = fastrand::Rng::with_seed(seed);
    scripted(name, move |numbers| {
        let n = numbers.len() as u64;
        match random.u8(0..20) {
            0..=2 => retry("down"),
            3 => Outcome::Retry {
                cause: Cause::Server,
                after: Some(Duration::from_micros(300)),
                message: "busy".into(),
            },
            4 => Outcome::TooLarge { message: "413".into() },
            5 => Outcome::Refused { reason: DropReason::Refused, message: "400".into() },
            6 => {
                let refused = random.u64(1..=n);
                took.fetch_add(n - refused, Ordering::SeqCst);
                Outcome::Short { refused, reason: DropReason::Refused, message: "some refused".into() }
            }
            7 if random.u8(0..10) == 0 => panic!("whim"),
            _ => {
                took.fetch_add(n, Ordering::SeqCst);
                Outcome::Delivered
            }
        }
    })
}

/// created = delivered + dropped, for the signal and for each destination, under every schedule.
#[test]
fn the_ledger_balances_and_is_true_under_random_schedules() {
    for seed in 0..150 {
        let mut random = fastrand::Rng::with_seed(seed);
        let retry = Retry {
            initial: Duration::from_micros(100),
            max: Duration::from_millis(1),
            deadline: Duration::from_millis(random.u64(0..10)),
        };
        let limits = Limits {
            queue_items: random.usize(1..80),
            queue_bytes: random.usize(10..2000),
            batch_items: random.usize(1..30),
            batch_bytes: random.usize(1..400),
            max_age: Duration::from_micros(random.u64(0..2000)),
            retry,
            ..Limits::default()
        };
        let took = [Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0))];
        let rig = rig();
        let sinks = vec![
            whimsical(seed, "a", Arc::clone(&took[0])),
            whimsical(seed + 1000, "b", Arc::clone(&took[1])),
        ];
        let stream = rig.stream(sinks, limits);
        let (pushes, start) = (random.u64(1..60), Barrier::new(4));
        let deadline = Duration::from_micros(random.u64(0..20_000));
        let report = std::thread::scope(|scope| {
            for thread in 0..3 {
                let (stream, start) = (stream.clone(), &start);
                scope.spawn(move || {
                    start.wait();
                    for n in 0..pushes {
                        stream.push_one(bundle(thread * 1000..thread * 1000 + 1 + n % 7));
                        stream.push(parcels(n * 5..n * 5 + n % 5));
                    }
                });
            }
            start.wait();
            if random.bool() {
                let _ = rig.engine.flush(deadline / 2);
            }
            rig.engine.shutdown(deadline)
        });
        let log = rig.balanced();
        let created: u64 = 3 * (0..pushes).map(|n| 1 + n % 7 + n % 5).sum::<u64>();
        assert_eq!(log.account.created, created, "seed {seed}");
        for (name, took) in [("a", &took[0]), ("b", &took[1])] {
            let row = &log.destinations[name];
            let took = took.load(Ordering::SeqCst);
            assert_eq!(row.created, created);
            if report.timed_out.is_empty() {
                assert_eq!(row.delivered, took, "seed {seed}");
            } else {
                assert!(
                    row.delivered <= took,
                    "seed {seed}: a late arrival may go uncounted, never the reverse"
                );
            }
        }
    }
}

#[test]
fn shutdowns_at_the_same_time_each_report_accounts_that_add_up() {
    for _ in 0..100 {
        let rig = rig();
        let (sink, boxed) = manual("hanging");
        let stream = rig.stream(vec![boxed], Limits { batch_items: 100, ..eager() });
        stream.push(parcels(0..1000));
        let start = Barrier::new(3);
        std::thread::scope(|scope| {
            for micros in [100, 120, 150] {
                let (rig, start) = (&rig, &start);
                scope.spawn(move || {
                    start.wait();
                    let report = rig.engine.shutdown(Duration::from_micros(micros));
                    assert!(report.signals.is_balanced(), "{report}");
                    assert_eq!(report.timed_out, ["log/hanging"]);
                });
            }
        });
        drop(sink);
        assert_eq!(rig.balanced().account.dropped["shutdown_deadline"], 1000);
    }
}
