//! CORE-05, MET-02: what is recorded reaches a collector over HTTP, and the ledger says so.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use obs_core::{Clock, Diag, Ledger, RunContext, ServiceIdentity, Signal, active};
use obs_export::http::HttpOptions;
use obs_export::otlp::OtlpClient;
use obs_export::{Engine, Limits};
use obs_metrics::sink::{FileSink, OtlpMetricsSink};
use obs_metrics::{Format, MetricReader, Metrics, Status};
use obs_testing::{OtlpServer, otlp};
use std::sync::Arc;
use std::time::Duration;

/// An engine that says nothing.
fn engine(ledger: &Arc<Ledger>) -> Engine {
    let quiet = Diag::to(Box::new(std::io::sink()), Clock::system());
    Engine::new(Arc::clone(ledger), Clock::system(), quiet)
}

/// Records, collects once at shutdown, and sends to the collector and a file, whose text is returned.
fn run(collector: &OtlpServer) -> (Arc<Ledger>, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("metrics.txt");
    let ledger = Arc::new(Ledger::default());
    let engine = engine(&ledger);
    let to = collector.url().parse().unwrap();
    let client = OtlpClient::new(&to, "/v1/metrics", "data points", &HttpOptions::default()).unwrap();
    let otlp = OtlpMetricsSink::new(client);
    let file = FileSink::new(&path, Format::OpenMetrics);
    let stream = engine.stream(Signal::Metric, vec![Box::new(otlp), Box::new(file)], Limits::default());
    let metrics = Metrics::new(ServiceIdentity::default(), Arc::clone(&ledger));
    let reader = MetricReader::start(metrics.clone(), MetricReader::DEFAULT_INTERVAL, move |item| {
        stream.push_one(item);
    })
    .unwrap();
    let context =
        RunContext { run_id: "0190b6e4-5c1a-4d1e-9f3a-2b7c8d9e0f10".parse().ok(), ..RunContext::default() };
    let _context = active::attach_context(Some(context.share()));
    metrics.record_batch_processed("FD_FAN", 0.4, 100, Status::Success);
    reader.shutdown();
    engine.shutdown(Duration::from_secs(30));
    (ledger, std::fs::read_to_string(path).unwrap())
}

#[test]
fn the_last_collection_reaches_collector_and_file() {
    let collector = OtlpServer::start().unwrap();
    let (ledger, file) = run(&collector);
    assert_eq!(collector.http().requests()[0].path(), "/v1/metrics");
    let seen = collector.metrics();
    assert!(seen.iter().all(|m| m.resource.contains_key("acm.run_id")), "{seen:?}");
    let names: Vec<&str> = seen.iter().map(|m| m.metric.name.as_str()).collect();
    assert!(names.contains(&"acm_batches") && names.contains(&"process_cpu_seconds"), "{names:?}");
    assert!(file.contains("acm_batches_total{equipment=\"FD_FAN\",status=\"success\"} 1\n"), "{file}");
    let metric = ledger.snapshot().metric;
    assert!(metric.account.is_balanced() && metric.account.delivered > 10, "{metric:?}");
    assert_eq!(metric.destinations["otlp"].delivered, metric.destinations["file"].delivered);
}

#[test]
fn points_that_a_collector_rejects_are_counted_as_refused() {
    let collector = OtlpServer::start().unwrap();
    collector.reject(otlp::Signal::Metrics, 1, "too old");
    let (ledger, _) = run(&collector);
    let metric = ledger.snapshot().metric;
    assert!(metric.account.is_balanced(), "{metric:?}");
    let created = metric.account.created;
    // One point, as the collector says; all others arrived.
    assert_eq!(metric.destinations["otlp"].dropped.get("refused"), Some(&1));
    assert_eq!(metric.destinations["otlp"].delivered, created - 1);
    assert_eq!(metric.destinations["file"].delivered, created);
}

/// A collection is made of items that the ledger counts, and shows the ledger: it shows those of the collections before it.
#[test]
fn a_collection_counts_the_series_of_the_one_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("metrics.txt");
    let ledger = Arc::new(Ledger::default());
    let engine = engine(&ledger);
    let file = FileSink::new(&path, Format::Text);
    let stream = engine.stream(Signal::Metric, vec![Box::new(file)], Limits::default());
    let metrics = Metrics::new(ServiceIdentity::default(), Arc::clone(&ledger));
    let reader = MetricReader::start(metrics, MetricReader::DEFAULT_INTERVAL, move |item| {
        stream.push_one(item);
    })
    .unwrap();
    assert!(reader.collect_now());
    let first = ledger.snapshot().metric.account.created;
    reader.shutdown();
    engine.shutdown(Duration::from_secs(30));
    let last = std::fs::read_to_string(path).unwrap();
    for sink in ["all", "file"] {
        let line = format!("obs_created_items_total{{signal=\"metric\",sink=\"{sink}\"}} {first}\n");
        assert!(last.contains(&line), "no `{line}` in\n{last}");
    }
    let metric = ledger.snapshot().metric.account;
    assert!(metric.is_balanced(), "{metric:?}");
    assert_eq!((metric.created, metric.delivered), (2 * first, 2 * first));
}
