//! MET-15: Prometheus' own tool finds nothing wrong with what a scraper gets.

use crate::support::promtool;
use obs_core::active::{self, ActiveSpan};
use obs_core::{Cause, DropReason, Fate, Ledger, Signal, SpanId, TraceId};
use obs_metrics::{DriftState, Metrics, Status};
use std::sync::Arc;
use std::time::Duration;

/// Something of everything, delivery included.
fn metrics() -> Metrics {
    let ledger = Arc::new(Ledger::default());
    ledger.created(Signal::Log, 9);
    ledger.settle(Signal::Log, Fate::Dropped(DropReason::QueueFull), 2);
    let loki = ledger.destination(Signal::Log, "loki");
    loki.created(9);
    loki.exported(Duration::from_millis(20), Some(Cause::Timeout));
    loki.used_cpu(Duration::from_millis(3));
    let metrics = Metrics::new(obs_core::ServiceIdentity::default(), ledger);
    let _span = active::enter(Some(ActiveSpan {
        trace_id: TraceId::new(0xABCD).unwrap(),
        span_id: SpanId::new(0xEF).unwrap(),
        sampled: true,
    }));
    metrics.announce_equipment("FD_FAN");
    metrics.record_batch_processed("FD_FAN", 0.4, 100, Status::Success);
    metrics.observe_stage("fit.pca", "fit", "FD_FAN", 0.1, active::span());
    metrics.record_run("FD_FAN", Status::Success, 4.0);
    metrics.record_detector_duration("pca", "FD_FAN", 0.1);
    metrics.record_health_score("FD_FAN", 87.5);
    metrics.record_remaining_life("FD_FAN", [1e3, 1e5, 1e7]);
    metrics.record_drift_state("FD_FAN", DriftState::Stable);
    metrics.record_data_quality("odd \"name\"\\\n", 99.0);
    metrics
}

#[test]
fn text_is_clean() {
    let text = metrics().text();
    if let Some((ok, said)) = promtool(&["check", "metrics"], &text) {
        assert!(ok && said.is_empty(), "{said}\n{text}");
    }
}

/// `check metrics` reads text only; Prometheus' OpenMetrics parser is reached by turning the exposition into blocks,
/// which wants a timestamp on every sample.
#[test]
fn openmetrics_is_what_prometheus_ingests() {
    let open = metrics().openmetrics();
    let dated: String = open.lines().map(|line| date(line) + "\n").collect();
    assert!(dated.contains(" 1700000000 # {trace_id="), "{dated}");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("metrics.txt");
    std::fs::write(&file, &dated).unwrap();
    let blocks = dir.path().join("data");
    let arguments =
        ["tsdb", "create-blocks-from", "openmetrics", file.to_str().unwrap(), blocks.to_str().unwrap()];
    if let Some((ok, said)) = promtool(&arguments, "") {
        assert!(ok, "{said}\n{dated}");
        assert!(std::fs::read_dir(&blocks).unwrap().count() > 0, "{said}");
    }
}

fn date(line: &str) -> String {
    match line.split_once(" # {") {
        _ if line.starts_with('#') => line.to_owned(),
        Some((sample, exemplar)) => format!("{sample} 1700000000 # {{{exemplar}"),
        None => format!("{line} 1700000000"),
    }
}

/// The test above would pass an exposition that Prometheus' parser does not look at.
#[test]
fn promtool_does_find_faults() {
    if let Some((ok, _)) = promtool(&["check", "metrics"], "# TYPE x counter\nx 1\n") {
        assert!(!ok);
    }
}
