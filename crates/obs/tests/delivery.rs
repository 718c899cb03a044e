//! What is recorded arrives, however the guard ends, and the ledger says what did not.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail their test")]

use obs::{Builder, LogOutput, Signal, Telemetry, log, span};
use obs_testing::otlp::Signal as OtlpSignal;
use obs_testing::schema::otlp::common::v1::any_value::Value as OtlpValue;
use obs_testing::{LokiServer, OtlpServer, Reply};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(5);

struct BackEnds {
    otlp: OtlpServer,
    loki: LokiServer,
}

impl BackEnds {
    fn start() -> Self {
        Self { otlp: OtlpServer::start().unwrap(), loki: LokiServer::start().unwrap() }
    }

    fn builder(&self) -> Builder {
        let builder = obs::builder("acm-batch").logs(LogOutput::None).silent();
        builder.otlp(self.otlp.url()).loki(self.loki.url())
    }
}

fn work(telemetry: &Telemetry, spans: usize) {
    for i in 0..spans {
        let _span = span!(telemetry.tracer(), "fit.pca", n_samples = i);
        log::model!(telemetry.logger("acm.batch"), "fitted {i}");
    }
}

#[test]
fn dropping_the_guard_delivers_everything_recorded_before() {
    let to = BackEnds::start();
    let telemetry = to.builder().build_isolated().unwrap();
    work(&telemetry, 1000);
    drop(telemetry);
    assert_eq!((to.otlp.spans().len(), to.loki.lines().len()), (1000, 1000));
    assert!(to.otlp.metrics().iter().any(|m| m.metric.name == "acm_stage_duration_seconds"));
}

#[test]
fn a_panic_delivers_everything_and_marks_the_span_it_left_as_failed() {
    let to = BackEnds::start();
    let builder = to.builder();
    let ended = catch_unwind(AssertUnwindSafe(|| {
        let telemetry = builder.build_isolated().unwrap();
        work(&telemetry, 3);
        let _root = span!(telemetry.tracer(), "pipeline.run");
        log::run!(telemetry.logger("acm.batch"), "about to fail");
        std::panic::resume_unwind(Box::new("sensor 7 is on fire"));
    }));
    assert!(ended.is_err());
    assert_eq!((to.otlp.spans().len(), to.loki.lines().len()), (4, 4));
    let root = to.otlp.spans().into_iter().find(|s| s.span.name == "pipeline.run").unwrap().span;
    let outcome = root.attributes.iter().find(|kv| kv.key == "acm.outcome").cloned().unwrap();
    assert_eq!(outcome.value.unwrap().value, Some(OtlpValue::StringValue("fail".to_owned())));
    assert_eq!(root.status.unwrap().code, 2);
}

#[test]
fn a_partial_success_shows_the_refused_items_in_the_ledger() {
    let to = BackEnds::start();
    to.otlp.reject(OtlpSignal::Traces, 2, "two spans too many");
    let telemetry = to.builder().build_isolated().unwrap();
    work(&telemetry, 10);
    let report = telemetry.shutdown(DEADLINE);
    let trace = &report.signals.signal(Signal::Trace).account;
    assert_eq!((trace.created, trace.delivered, trace.dropped.get("refused")), (10, 8, Some(&2)), "{report}");
    assert_eq!(to.otlp.spans().len(), 8);
    assert!(report.signals.is_balanced() && !report.is_clean(), "{report}");
    assert_eq!(report.signals.signal(Signal::Log).account.dropped_total(), 0);
}

#[test]
fn a_back_end_that_refuses_for_good_is_told_from_one_that_is_busy() {
    let to = BackEnds::start();
    // A refused batch is sent again in parts.
    to.loki.http().script(std::iter::repeat_n(Reply::status(400), 20));
    to.otlp.http().script([Reply::status(503), Reply::status(503)]);
    let telemetry = to.builder().build_isolated().unwrap();
    work(&telemetry, 5);
    let report = telemetry.shutdown(DEADLINE);
    let log = &report.signals.signal(Signal::Log).account;
    assert_eq!((log.created, log.delivered, log.dropped.get("refused")), (5, 0, Some(&5)), "{report}");
    for signal in [Signal::Trace, Signal::Metric] {
        let account = &report.signals.signal(signal).account;
        assert_eq!(account.delivered, account.created, "{report}");
    }
    assert_eq!(to.otlp.spans().len(), 5);
}

/// CORE-04
#[test]
fn the_database_gets_the_lines_and_is_not_needed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("logs.db");
    let telemetry =
        obs::builder("acm-batch").logs(LogOutput::None).silent().sqlite(&path).build_isolated().unwrap();
    work(&telemetry, 7);
    let report = telemetry.shutdown(DEADLINE);
    assert_eq!(report.signals.signal(Signal::Log).account.delivered, 7, "{report}");
    assert!(std::fs::metadata(&path).is_ok_and(|file| file.len() > 0));
    let telemetry = obs::builder("acm-batch").logs(LogOutput::None).build_isolated().unwrap();
    work(&telemetry, 1);
    assert!(telemetry.shutdown(DEADLINE).signals.is_balanced());
}

/// A flush is a point in time: what was recorded before it has arrived when it returns.
#[test]
fn a_flush_delivers_and_recording_goes_on() {
    let to = BackEnds::start();
    let telemetry = to.builder().build_isolated().unwrap();
    work(&telemetry, 3);
    let flushed = telemetry.flush(DEADLINE);
    assert!(flushed.is_complete(), "{flushed:?}");
    assert_eq!((to.otlp.spans().len(), to.loki.lines().len()), (3, 3));
    work(&telemetry, 2);
    let report = telemetry.shutdown(DEADLINE);
    assert!(report.is_clean(), "{report}");
    assert_eq!((to.otlp.spans().len(), to.loki.lines().len()), (5, 5));
}
