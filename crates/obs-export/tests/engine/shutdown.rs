//! What a shutdown leaves behind, whatever the destinations do.

use crate::support::*;
use obs_core::{Clock, Diag, Ledger, Signal};
use obs_export::{Batch, Cause, Encoder, Engine, Item, Limits, Outcome, Sink};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(40);
const HOUR: Duration = Duration::from_hours(1);

/// A sink that waits in `send` until the test lets go; dropping it tells the test.
struct Hanging {
    entered: Sender<()>,
    release: Receiver<()>,
    _gone: Sender<()>,
}

impl Sink<Parcel> for Hanging {
    fn name(&self) -> &'static str {
        "hanging"
    }

    fn encoder(&self) -> Arc<dyn Encoder<Parcel>> {
        Arc::new(Numbers)
    }

    fn send(&mut self, _: &Batch<'_>) -> Outcome {
        self.entered.send(()).unwrap();
        let _ = self.release.recv();
        Outcome::Delivered
    }
}

#[test]
fn a_shutdown_delivers_what_was_pushed_and_closes_the_sinks() {
    let rig = rig_at(Clock::manual(0));
    let (alive, gone) = channel::<()>();
    let sink = scripted("loki", move |_| {
        let _alive = &alive;
        Outcome::Delivered
    });
    let stream = rig.stream(vec![sink], Limits::default());
    stream.push(parcels(0..2000));
    let report = rig.engine.shutdown(LONG);
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.signals.log.account.delivered, 2000);
    assert_eq!(report.to_string(), "log: 2000 created, 2000 delivered");
    assert!(gone.try_recv().is_err_and(|e| e == std::sync::mpsc::TryRecvError::Disconnected));
    assert_eq!(rig.said.lines(), [""; 0]);
}

#[test]
fn a_hanging_sink_is_left_at_the_deadline_and_its_late_answer_counts_nothing() {
    let rig = rig();
    let (entered, is_in) = channel();
    let (let_go, release) = channel();
    let (alive, gone) = channel();
    let hanging = Box::new(Hanging { entered, release, _gone: alive });
    let stream = rig.stream(vec![hanging, scripted("otlp", |_| Outcome::Delivered)], eager());
    stream.push_one(parcel(0));
    is_in.recv_timeout(LONG).unwrap();
    stream.push(parcels(1..4));
    let report = rig.engine.shutdown(SHORT);
    assert!(report.elapsed >= SHORT && report.elapsed < LONG / 2, "{:?}", report.elapsed);
    assert_eq!(report.timed_out, ["log/hanging"]);
    let log = rig.balanced();
    assert_eq!(log, report.signals.log);
    assert_eq!(log.destinations["hanging"].dropped["shutdown_deadline"], 4);
    assert_eq!(log.destinations["otlp"].delivered, 4);
    assert_eq!(log.account.dropped["shutdown_deadline"], 4);
    assert!(report.to_string().ends_with("s: log/hanging"), "{report}");

    let_go.send(()).unwrap();
    assert!(gone.recv_timeout(LONG).is_err_and(|e| e == std::sync::mpsc::RecvTimeoutError::Disconnected));
    assert_eq!(rig.balanced(), log, "the late answer changed nothing");
}

#[test]
fn a_destination_that_waits_to_try_again_tries_at_once() {
    let rig = rig();
    let (sink, boxed) = manual("loki");
    let mut limits = eager();
    limits.retry.deadline = 2 * HOUR;
    rig.stream(vec![boxed], limits).push_one(parcel(0));
    assert_eq!(sink.next(), [0]);
    sink.answer(Outcome::Retry { cause: Cause::Throttled, after: Some(HOUR), message: "503".into() });
    std::thread::scope(|scope| {
        let shutdown = scope.spawn(|| rig.engine.shutdown(LONG));
        assert_eq!(sink.next(), [0]);
        sink.answer(Outcome::Delivered);
        assert!(shutdown.join().unwrap().is_clean());
    });
}

#[test]
fn a_destination_that_stays_down_is_tried_until_the_deadline() {
    let rig = rig();
    let mut tries = 0_u64;
    let (count, tried) = channel();
    let sink = scripted("loki", move |_| {
        tries += 1;
        count.send(tries).unwrap();
        retry("connection refused")
    });
    let stream = rig.stream(vec![sink], Limits { batch_items: 10, ..eager() });
    stream.push(parcels(0..25));
    let report = rig.engine.shutdown(SHORT);
    assert!(report.elapsed < LONG / 2);
    assert_eq!(report.timed_out, ["log/loki"]);
    assert_eq!(rig.balanced().account.dropped["shutdown_deadline"], 25);
    assert!(tried.iter().last() >= Some(1));
}

#[test]
fn a_wait_that_ends_after_the_deadline_is_not_begun() {
    let rig = rig();
    let (sink, boxed) = manual("loki");
    rig.stream(vec![boxed], Limits { batch_items: 1, ..Limits::default() }).push(parcels(0..3));
    for _ in 0..4 {
        sink.answer(Outcome::Retry { cause: Cause::Throttled, after: Some(HOUR), message: "429".into() });
    }
    let report = rig.engine.shutdown(LONG);
    assert!(report.elapsed < LONG / 2, "{:?}", report.elapsed);
    assert_eq!(rig.balanced().account.dropped["shutdown_deadline"], 3);
}

#[test]
fn what_is_pushed_after_a_shutdown_is_counted_as_such() {
    let rig = rig();
    let stream = rig.stream(vec![scripted("loki", |_| Outcome::Delivered)], eager());
    stream.push_one(parcel(0));
    assert!(rig.engine.shutdown(LONG).is_clean());
    stream.push(parcels(1..4));
    let late = rig.stream(vec![scripted("otlp", |_| Outcome::Delivered)], eager());
    late.push_one(parcel(4));
    let report = rig.engine.shutdown(LONG);
    assert!(report.timed_out.is_empty());
    let log = rig.balanced();
    assert_eq!((log.account.delivered, log.account.dropped["after_shutdown"]), (1, 4));
    assert_eq!(log.destinations["otlp"].dropped["after_shutdown"], 1);
}

#[test]
fn dropping_an_engine_delivers_what_was_pushed() {
    let rig = rig_at(Clock::manual(0));
    let stream = rig.stream(vec![scripted("loki", |_| Outcome::Delivered)], Limits::default());
    stream.push(parcels(0..700));
    drop(rig.engine);
    assert_eq!(balanced(&rig.ledger).account.delivered, 700);
}

#[test]
fn an_engine_dropped_by_a_panic_delivers_what_was_pushed() {
    struct PushInDrop(obs_export::Stream<Parcel>);
    impl Drop for PushInDrop {
        fn drop(&mut self) {
            self.0.push_one(parcel(1));
        }
    }
    let ledger = Arc::new(Ledger::default());
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let engine = Engine::new(
            Arc::clone(&ledger),
            Clock::system(),
            Diag::to(Box::new(Said::default()), Clock::system()),
        );
        let sink = scripted("loki", |_| Outcome::Delivered);
        let stream = engine.stream(Signal::Log, vec![sink], Limits::default());
        let _last = PushInDrop(stream.clone());
        stream.push_one(parcel(0));
        panic!("the job fails");
    }));
    assert!(unwound.is_err());
    assert_eq!(balanced(&ledger).account.delivered, 2);
}

#[test]
fn a_sink_that_panics_while_closing_does_not_keep_a_shutdown() {
    struct Fragile;
    impl Sink<Parcel> for Fragile {
        fn name(&self) -> &'static str {
            "fragile"
        }
        fn encoder(&self) -> Arc<dyn Encoder<Parcel>> {
            Arc::new(Numbers)
        }
        fn send(&mut self, _: &Batch<'_>) -> Outcome {
            Outcome::Delivered
        }
    }
    impl Drop for Fragile {
        fn drop(&mut self) {
            panic!("cannot close");
        }
    }
    let rig = rig();
    rig.stream(vec![Box::new(Fragile)], Limits::default()).push_one(parcel(0));
    let report = rig.engine.shutdown(LONG);
    assert!(report.is_clean(), "{report}");
    assert!(rig.said.lines()[0].contains("panicked while closing: cannot close"));
}

#[test]
fn an_item_whose_destructor_panics_does_not_stop_the_thread() {
    struct Bomb(u64);
    impl Item for Bomb {
        fn weight(&self) -> usize {
            8
        }
    }
    impl Drop for Bomb {
        fn drop(&mut self) {
            assert_ne!(self.0, 1, "boom");
        }
    }
    struct Nothing;
    impl Encoder<Bomb> for Nothing {
        fn encode(&self, _: &Bomb, _: &mut Vec<u8>) {}
    }
    struct Taker(Receiver<()>);
    impl Sink<Bomb> for Taker {
        fn name(&self) -> &'static str {
            "taker"
        }
        fn encoder(&self) -> Arc<dyn Encoder<Bomb>> {
            Arc::new(Nothing)
        }
        fn send(&mut self, _: &Batch<'_>) -> Outcome {
            self.0.recv().unwrap();
            Outcome::Delivered
        }
    }
    let (push, pushed) = channel();
    let rig = rig();
    let stream =
        rig.engine.stream(Signal::Log, vec![Box::new(Taker(pushed)) as Box<dyn Sink<Bomb>>], eager());
    for n in 0..4 {
        stream.push_one(Bomb(n));
        // From here on the delivery thread alone has the item.
        push.send(()).unwrap();
        assert!(rig.engine.flush(LONG).is_complete());
    }
    assert!(rig.engine.shutdown(LONG).is_clean());
    assert_eq!(rig.balanced().account.delivered, 4);
}

#[test]
fn a_report_reads_well_as_json() {
    let rig = rig();
    rig.stream(vec![scripted("loki", |_| Outcome::Delivered)], eager()).push_one(parcel(0));
    let json = serde_json::to_value(rig.engine.shutdown(LONG)).unwrap();
    assert_eq!(json["signals"]["log"]["delivered"], 1);
    assert_eq!(json["signals"]["log"]["destinations"]["loki"]["created"], 1);
    assert_eq!(json["timed_out"], serde_json::json!([]));
    assert!(json["elapsed"].is_f64());
}
