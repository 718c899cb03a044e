//! The ledger of the run card: it adds up, nothing is lost, and it agrees with what the back ends counted.

use crate::full_run::full_run;
use obs_testing::schema::otlp::metrics::v1::metric::Data;
use serde_json::Value;

/// One figure of an account.
fn figure(account: &Value, key: &str) -> u64 {
    account[key].as_u64().unwrap_or_else(|| panic!("no `{key}` in {account}"))
}

/// Whether an account adds up.
pub(crate) fn is_balanced(account: &Value) -> bool {
    let dropped: u64 = account["dropped"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    let settled: u64 = ["delivered", "spooled", "sampled_out"].iter().map(|key| figure(account, key)).sum();
    figure(account, "created") == settled + dropped
}

fn created(signal: &str) -> u64 {
    figure(&full_run().card["ledger"][signal], "created")
}

#[test]
fn each_signal_and_each_destination_adds_up_with_nothing_dropped() {
    let ledger = &full_run().card["ledger"];
    let destinations = [
        ("trace", &["file", "otlp"][..]),
        ("log", &["loki", "sqlite", "stderr"]),
        ("metric", &["file", "otlp"]),
        ("profile", &["file", "pyroscope"]),
    ];
    for (signal, expected) in destinations {
        let account = &ledger[signal];
        let rows = account["destinations"].as_object().unwrap();
        assert_eq!(rows.keys().map(String::as_str).collect::<Vec<_>>(), expected, "{signal}");
        assert!(created(signal) > 0, "{signal}");
        for row in rows.values().chain([account]) {
            assert!(is_balanced(row), "{signal}: {row}");
            assert_eq!(row["dropped"], serde_json::json!({}), "{signal}");
            assert_eq!(figure(row, "delivered"), created(signal), "{signal}: {row}");
        }
    }
}

#[test]
fn spans_created_are_the_spans_that_arrived() {
    let run = full_run();
    assert_eq!(created("trace"), run.spans.len() as u64);
    assert_eq!(created("trace"), run.trace_file.len() as u64);
}

#[test]
fn lines_created_are_the_lines_that_arrived() {
    let run = full_run();
    assert_eq!(created("log"), run.lines.len() as u64);
    assert_eq!(created("log"), run.run_logs.len() as u64);
    assert_eq!(created("log"), run.ended.stderr.lines().count() as u64);
    assert_eq!(Some(created("log")), run.card["logs"]["total"].as_u64());
}

#[test]
fn samples_created_are_the_samples_that_arrived() {
    let run = full_run();
    let pushed: i64 =
        run.profiles.iter().flat_map(|p| p.samples().unwrap()).map(|sample| sample.values[0].2).sum();
    assert_eq!(created("profile"), pushed as u64);
    assert_eq!(created("profile"), run.profile_file.iter().map(|s| s.values[0].2).sum::<i64>() as u64);
    assert_eq!(Some(created("profile")), run.card["profile"]["samples"].as_u64());
}

#[test]
fn series_created_are_the_points_that_arrived() {
    let points: usize = full_run()
        .metrics
        .iter()
        .map(|m| match m.metric.data.as_ref().unwrap() {
            Data::Gauge(g) => g.data_points.len(),
            Data::Sum(s) => s.data_points.len(),
            Data::Histogram(h) => h.data_points.len(),
            other => panic!("{other:?}"),
        })
        .sum();
    // `target_info` is the one series that OTLP has as a resource instead.
    assert_eq!(created("metric"), points as u64 + 1);
}
