//! Slow queries are seen in traces, logs and metrics, and in the last two also without traces.

use obs::obs_logs::{Level, LogCategory};
use obs::{Builder, LogOutput, Telemetry, operations};
use std::sync::{Arc, Mutex};

fn isolated(slow_query_ms: &str) -> Builder {
    obs::builder("acm-batch").set("performance.slow_query_ms", slow_query_ms).logs(LogOutput::None).silent()
}

fn insert(telemetry: &Telemetry) {
    let mut insert = operations::db(telemetry.tracer(), "insert", "scenario").start();
    insert.rows(3);
}

/// Lines of level WARN and category SQL, and what the counter stands at.
fn told(telemetry: &Telemetry) -> (u64, bool) {
    let counts = telemetry.logs().counts();
    assert_eq!(counts.category(LogCategory::Sql), counts.level(Level::Warn));
    let series = "acm_slow_queries_total{operation=\"INSERT\",table=\"scenario\"} 1\n";
    (counts.level(Level::Warn), telemetry.metrics().text().contains(series))
}

/// TRC-19, CFG-19
#[test]
fn a_slow_query_is_flagged_logged_and_counted() {
    let spans = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&spans);
    let recorded =
        isolated("0").on_span_end(move |span| seen.lock().unwrap().push(span.attribute("acm.slow").cloned()));
    let telemetry = recorded.build_isolated().unwrap();
    insert(&telemetry);
    telemetry.tracer().flush();
    assert_eq!(told(&telemetry), (1, true));
    assert_eq!(*spans.lock().unwrap(), [Some(true.into())]);
}

/// TRC-19
#[test]
fn a_slow_query_is_logged_and_counted_where_nothing_takes_spans() {
    let telemetry = isolated("0").build_isolated().unwrap();
    assert!(telemetry.tracer().is_off());
    insert(&telemetry);
    assert_eq!(told(&telemetry), (1, true));
}

/// CFG-19
#[test]
fn queries_below_the_limit_and_those_that_nobody_watches_are_not_told() {
    for builder in [isolated("3600000"), isolated("0").set("performance.enabled", "false")] {
        let telemetry = builder.build_isolated().unwrap();
        insert(&telemetry);
        assert_eq!(told(&telemetry), (0, false));
    }
}
