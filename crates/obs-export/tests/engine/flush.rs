//! What a flush waits for.

use crate::support::*;
use obs_core::Clock;
use obs_export::{Batch, Cause, Encoder, Limits, Outcome, Sink};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

#[test]
fn what_was_pushed_before_a_flush_is_there_after_it_every_time() {
    let rig = rig_at(Clock::manual(0));
    let seen = Arc::new(AtomicU64::new(0));
    let sink = {
        let seen = Arc::clone(&seen);
        scripted("loki", move |numbers| {
            seen.fetch_max(numbers[numbers.len() - 1], Ordering::SeqCst);
            Outcome::Delivered
        })
    };
    let stream = rig.stream(vec![sink], Limits::default());
    for n in 1..2000 {
        stream.push_one(parcel(n));
        assert!(rig.engine.flush(LONG).is_complete());
        assert_eq!(seen.load(Ordering::SeqCst), n);
    }
}

#[test]
fn a_flush_ends_the_wait_between_tries() {
    let rig = rig();
    let (sink, boxed) = manual("loki");
    let mut limits = eager();
    limits.retry.deadline = 2 * HOUR;
    let stream = rig.stream(vec![boxed], limits);
    stream.push_one(parcel(0));
    assert_eq!(sink.next(), [0]);
    sink.answer(Outcome::Retry { cause: Cause::Throttled, after: Some(HOUR), message: "503".into() });
    std::thread::scope(|scope| {
        let flush = scope.spawn(|| rig.engine.flush(LONG));
        assert_eq!(sink.next(), [0], "the second try comes at once");
        sink.answer(Outcome::Delivered);
        assert!(flush.join().unwrap().is_complete());
    });
    assert_eq!(rig.balanced().account.delivered, 1);
}

#[test]
fn a_flush_that_cannot_finish_names_who_it_waits_for() {
    let rig = rig();
    let (sink, boxed) = manual("loki");
    let stream = rig.stream(vec![boxed, scripted("otlp", |_| Outcome::Delivered)], eager());
    stream.push_one(parcel(0));
    let report = rig.engine.flush(Duration::from_millis(5));
    assert_eq!(report.waiting, ["log/loki"]);
    assert!(!report.is_complete() && report.elapsed >= Duration::from_millis(5));
    sink.answer(Outcome::Delivered);
    assert!(rig.engine.flush(LONG).is_complete());
}

/// A sink that delivers and whose flush does as told.
struct Durable(Arc<Mutex<Result<u64, &'static str>>>);

impl Sink<Parcel> for Durable {
    fn name(&self) -> &'static str {
        "file"
    }

    fn encoder(&self) -> Arc<dyn Encoder<Parcel>> {
        Arc::new(Numbers)
    }

    fn send(&mut self, _: &Batch<'_>) -> Outcome {
        Outcome::Delivered
    }

    fn flush(&mut self) -> Result<(), String> {
        let answer = *self.0.lock().unwrap();
        assert_ne!(answer, Err("panic"), "flush was told to");
        answer.map(|_| ()).map_err(str::to_owned)
    }
}

#[test]
fn a_sink_that_cannot_make_items_durable_is_reported_each_time() {
    let rig = rig();
    let answer = Arc::new(Mutex::new(Err("no space left on device")));
    let stream = rig.stream(vec![Box::new(Durable(Arc::clone(&answer)))], eager());
    stream.push_one(parcel(0));
    assert_eq!(rig.engine.flush(LONG).failed, ["log/file: no space left on device"]);
    *answer.lock().unwrap() = Ok(0);
    assert!(rig.engine.flush(LONG).is_complete());
    *answer.lock().unwrap() = Err("panic");
    let failed = rig.engine.flush(LONG).failed;
    assert!(failed[0].starts_with("log/file: panicked while flushing: "), "{failed:?}");
    let report = rig.engine.shutdown(LONG);
    assert_eq!(report.failed.len(), 1);
    assert!(!report.is_clean() && report.timed_out.is_empty());
    assert_eq!(rig.balanced().account.delivered, 1);
}

#[test]
fn a_flush_after_shutdown_has_nothing_to_wait_for() {
    let rig = rig();
    let stream = rig.stream(vec![scripted("loki", |_| Outcome::Delivered)], eager());
    drop(rig.engine.shutdown(LONG));
    stream.push_one(parcel(0));
    assert!(rig.engine.flush(LONG).is_complete());
}
