//! Tests of `metrics`.

use super::*;
use crate::exemplar::test_span;
use crate::family::{MAX_SERIES, OVERFLOW};
use crate::snapshot::{FamilySnapshot, Value};
use crate::state::{DriftState, RowState, Severity, Status};
use obs_core::{RunContext, Signal};

fn metrics() -> Metrics {
    Metrics::new(ServiceIdentity::default(), Arc::default())
}

fn family(metrics: &Metrics, name: &str) -> FamilySnapshot {
    metrics.snapshot().family(name).cloned().unwrap_or_else(|| panic!("no metric `{name}`"))
}

/// Value of a counter or gauge.
fn number(metrics: &Metrics, name: &str, labels: &[&str]) -> Option<f64> {
    match family(metrics, name).with(labels)?.value {
        Value::Counter { total, .. } => Some(total),
        Value::Gauge(value) => Some(value),
        Value::Histogram(_) | Value::Info => None,
    }
}

fn rejected(metrics: &Metrics, metric: &str) -> f64 {
    number(metrics, "obs_rejected_values", &[metric]).unwrap()
}

/// MET-03
#[test]
fn a_batch_counts_itself_its_rows_and_its_time() {
    let metrics = metrics();
    metrics.record_batch_processed("FD_FAN", 0.4, 100, Status::Success);
    metrics.record_batch_processed("FD_FAN", 2.0, 50, Status::Success);
    metrics.record_batch_processed("FD_FAN", 0.1, 0, Status::Fail);
    let success = &["FD_FAN", "success"];
    assert_eq!(number(&metrics, "acm_batches", success), Some(2.0));
    assert_eq!(number(&metrics, "acm_batch_rows", success), Some(150.0));
    assert_eq!(number(&metrics, "acm_batches", &["FD_FAN", "fail"]), Some(1.0));
    let durations = family(&metrics, "acm_batch_duration_seconds");
    assert_eq!(*durations.series[0].labels.names, ["equipment", "status"]);
    let Value::Histogram(h) = &durations.with(success).unwrap().value else { panic!() };
    assert_eq!((h.count(), h.sum), (2, 2.4));
}

/// MET-04
#[test]
fn detectors_have_a_histogram_each() {
    let metrics = metrics();
    metrics.record_detector_duration("pca", "FD_FAN", 0.02);
    metrics.record_detector_duration("gmm", "FD_FAN", 0.5);
    let durations = family(&metrics, "acm_detector_duration_seconds");
    assert_eq!(durations.series.len(), 2);
    let Value::Histogram(h) = &durations.with(&["pca", "FD_FAN"]).unwrap().value else { panic!() };
    assert_eq!((h.count(), h.sum), (1, 0.02));
}

/// MET-05
#[test]
fn a_health_score_that_cannot_be_is_refused_and_counted() {
    let metrics = metrics();
    assert!(!metrics.record_health_score("NEW", f64::NAN));
    assert!(
        metrics.snapshot().family("acm_health_score").is_none(),
        "a refused first score must not read as zero"
    );
    assert!(metrics.record_health_score("FD_FAN", 87.5));
    for bad in [f64::NAN, f64::INFINITY, -0.1, 100.1] {
        assert!(!metrics.record_health_score("FD_FAN", bad));
    }
    assert_eq!(number(&metrics, "acm_health_score", &["FD_FAN"]), Some(87.5));
    assert_eq!(rejected(&metrics, "acm_health_score"), 5.0);
    for edge in [0.0, 100.0] {
        assert!(metrics.record_health_score("FD_FAN", edge));
    }
    assert_eq!(rejected(&metrics, "acm_health_score"), 5.0);
}

/// MET-06
#[test]
fn durations_that_cannot_be_are_refused_and_counted() {
    let metrics = metrics();
    for bad in [-0.001, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        metrics.observe_stage("fit.pca", "fit", "FD_FAN", bad, Some(test_span(1, true)));
    }
    metrics.observe_stage("fit.pca", "fit", "FD_FAN", 0.0, None);
    assert_eq!(rejected(&metrics, "acm_stage_duration_seconds"), 4.0);
    let stage = metrics.stage("fit.pca", "fit", "FD_FAN");
    assert_eq!((stage.count(), stage.sum()), (1, 0.0));
    assert!(!metrics.openmetrics().contains("trace_id"));
}

/// MET-07, SB-03
#[test]
fn the_run_is_in_target_info_and_in_no_other_label() {
    let metrics = metrics();
    let run = "0190b6e4-5c1a-4d1e-9f3a-2b7c8d9e0f10";
    let context = RunContext {
        run_id: run.parse().ok(),
        equipment: Some("FD_FAN".into()),
        equip_id: Some(7),
        ..RunContext::default()
    };
    let _context = active::attach_context(Some(context.share()));
    metrics.announce_equipment("FD_FAN");
    metrics.observe_stage("fit.pca", "fit", "FD_FAN", 0.1, None);
    for family in metrics.snapshot().families.iter().filter(|f| f.name != "target") {
        for series in &family.series {
            assert!(series.labels.iter().all(|(k, v)| !k.contains("run_id") && v != run), "{}", family.name);
        }
    }
    let target = family(&metrics, "target");
    let labels: Vec<(&str, &str)> = target.series[0].labels.iter().collect();
    for expected in [
        ("acm_run_id", run),
        ("acm_equipment", "FD_FAN"),
        ("acm_equip_id", "7"),
        ("service_name", "acm"),
        ("deployment_environment_name", "development"),
    ] {
        assert!(labels.contains(&expected), "{expected:?} in {labels:?}");
    }
    let error = metrics.counter_with("mine", "Mine.", ["run_id"]).unwrap_err();
    assert!(matches!(error, Error::ReservedLabel { .. }), "{error}");
}

#[test]
fn known_labels_of_announced_equipment_start_at_zero() {
    let metrics = metrics();
    metrics.announce_equipment("FD_FAN");
    for severity in ["info", "warning", "critical"] {
        assert_eq!(number(&metrics, "acm_episodes", &["FD_FAN", severity]), Some(0.0));
    }
    for state in ["read", "train", "scored", "dropped"] {
        assert_eq!(number(&metrics, "acm_rows", &["FD_FAN", state]), Some(0.0));
    }
    assert_eq!(number(&metrics, "acm_batches", &["FD_FAN", "fail"]), Some(0.0));
    metrics.record_episodes("FD_FAN", Severity::Critical, 2);
    metrics.record_rows("FD_FAN", RowState::Scored, 9);
    metrics.record_imputed_cells("FD_FAN", 4);
    assert_eq!(number(&metrics, "acm_episodes", &["FD_FAN", "critical"]), Some(2.0));
    assert_eq!(number(&metrics, "acm_rows", &["FD_FAN", "scored"]), Some(9.0));
    assert_eq!(number(&metrics, "acm_imputed_cells", &["FD_FAN"]), Some(4.0));
}

#[test]
fn states_and_estimates_read_as_recorded() {
    let metrics = metrics();
    metrics.record_drift_state("FD_FAN", DriftState::Fault);
    metrics.record_drift_state("FD_FAN", DriftState::Drifting);
    let drift = ["stable", "drifting", "fault"].map(|s| number(&metrics, "acm_drift_state", &["FD_FAN", s]));
    assert_eq!(drift, [Some(0.0), Some(1.0), Some(0.0)]);
    metrics.record_remaining_life("FD_FAN", [3600.0, 7200.0, f64::INFINITY]);
    assert_eq!(number(&metrics, "acm_remaining_life_seconds", &["FD_FAN", "p50"]), Some(7200.0));
    assert_eq!(number(&metrics, "acm_remaining_life_seconds", &["FD_FAN", "p90"]), None);
    assert_eq!(rejected(&metrics, "acm_remaining_life_seconds"), 1.0);
    assert!(metrics.record_data_quality("FD_FAN", 93.0) && !metrics.record_data_quality("FD_FAN", -1.0));
    assert_eq!(number(&metrics, "acm_data_quality_score", &["FD_FAN"]), Some(93.0));
    metrics.record_run("FD_FAN", Status::Noop, 12.0);
    assert!(family(&metrics, "acm_run_duration_seconds").with(&["FD_FAN", "noop"]).is_some());
}

/// MET-31
#[cfg(target_os = "linux")]
#[test]
fn the_process_shows_itself() {
    let metrics = metrics();
    let value = |name| number(&metrics, name, &[]).unwrap();
    assert!(value("process_resident_memory_bytes") > 1e5);
    assert!(value("process_cpu_seconds") >= 0.0);
    assert!(value("process_open_fds") >= 1.0);
    assert!(value("process_threads") >= 1.0);
    let age = Clock::system().now() as f64 / 1e9 - value("process_start_time_seconds");
    assert!((-2.0..86_400.0).contains(&age), "{age}");
}

/// Every name of the catalogue is right and shown once something is recorded; nothing else is shown.
#[test]
fn the_catalogue_is_what_is_exposed() {
    let ledger = Arc::new(Ledger::default());
    ledger.destination(Signal::Log, "loki");
    let metrics = Metrics::new(ServiceIdentity::default(), ledger);
    metrics.announce_equipment("A");
    metrics.observe_stage("fit.pca", "fit", "A", 0.1, None);
    metrics.observe_function("batch.process", 0.1);
    metrics.record_run("A", Status::Success, 1.0);
    metrics.record_batch_processed("A", 0.1, 1, Status::Success);
    metrics.record_detector_duration("pca", "A", 0.1);
    metrics.record_health_score("A", 1.0);
    metrics.record_remaining_life("A", [1.0, 2.0, 3.0]);
    metrics.record_drift_state("A", DriftState::Stable);
    metrics.record_data_quality("A", 1.0);
    metrics.record_slow_query("INSERT", "scores");
    let snapshot = metrics.snapshot();
    let mut expected: Vec<&str> = catalogue::ALL.iter().map(|e| e.name).collect();
    expected.sort_unstable();
    let shown: Vec<&str> = snapshot.families.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(shown, expected);
    for entry in catalogue::ALL {
        assert_eq!(name::metric(entry.name, entry.kind).as_deref(), Ok(entry.name));
        assert_eq!(name::labels(entry.name, entry.labels), Ok(()));
        assert!(entry.kind != Kind::Histogram || are_bounds(entry.buckets), "{}", entry.name);
        let family = snapshot.family(entry.name).unwrap();
        assert_eq!((family.kind, family.help.as_str()), (entry.kind, entry.help));
        if entry.name != "target" {
            assert_eq!(*family.series[0].labels.names, *entry.labels, "{}", entry.name);
        }
    }
}

#[test]
fn registering_again_gives_the_same_metric() {
    let metrics = metrics();
    metrics.counter_with("c", "C.", ["a"]).unwrap().with(["x"]).inc();
    metrics.counter_with("c_total", "C.", ["a"]).unwrap().with(["x"]).inc();
    assert_eq!(number(&metrics, "c", &["x"]), Some(2.0));
}

#[test]
fn a_clash_of_names_is_an_error_that_shows_both() {
    let metrics = metrics();
    metrics.gauge_with("g", "G.", ["a"]).unwrap();
    metrics.histogram("h", "H.", &[1.0]).unwrap();
    let errors = [
        metrics.gauge_with("g", "G.", ["b"]).map(|_| ()).unwrap_err(),
        metrics.counter("g", "G.").map(|_| ()).unwrap_err(),
        metrics.histogram("h", "H.", &[2.0]).map(|_| ()).unwrap_err(),
        metrics.counter("obs_items", "Mine.").map(|_| ()).unwrap_err(),
        metrics.gauge("target", "Mine.").map(|_| ()).unwrap_err(),
    ];
    let expected = [
        "metric `g` exists already as gauge {a}; it cannot also be gauge {b}",
        "metric `g` exists already as gauge {a}; it cannot also be counter {}",
        "metric `h` exists already as histogram {} with bounds [1.0]; it cannot also be histogram {} with bounds [2.0]",
        "metric `obs_items` exists already as counter {signal,sink,outcome,reason}; it cannot also be counter {}",
        "metric `target` exists already as info {}; it cannot also be gauge {}",
    ];
    assert_eq!(errors.map(|e| e.to_string()), expected);
}

#[test]
fn bad_buckets_and_missing_help_are_errors() {
    let metrics = metrics();
    for bad in [&[][..], &[1.0, 1.0], &[2.0, 1.0], &[f64::NAN], &[1.0, f64::INFINITY]] {
        let error = metrics.histogram("h", "H.", bad).unwrap_err();
        assert_eq!(error, Error::BadBuckets("h".into()));
    }
    let error = metrics.gauge("g", " ").unwrap_err().to_string();
    assert!(error.contains("`g`") && error.contains("help"), "{error}");
}

/// MET-29
#[test]
fn series_beyond_the_limit_share_one() {
    let metrics = metrics();
    let family = metrics.counter_with("c", "C.", ["a", "b"]).unwrap();
    for i in 0..MAX_SERIES + 10 {
        family.with(["x", &i.to_string()]).inc();
    }
    assert_eq!(self::family(&metrics, "c").series.len(), MAX_SERIES + 1);
    assert_eq!(number(&metrics, "c", &[OVERFLOW, OVERFLOW]), Some(10.0));
    assert_eq!(number(&metrics, "obs_series_overflow", &["c"]), Some(10.0));
    family.with(["x", "0"]).inc();
    assert_eq!(number(&metrics, "c", &["x", "0"]), Some(2.0));
}

#[test]
fn long_label_values_are_cut_between_characters() {
    let metrics = metrics();
    metrics.record_health_score(&"ä".repeat(1000), 1.0);
    let family = family(&metrics, "acm_health_score");
    assert_eq!(family.series[0].labels.values[0], "ä".repeat(128));
}

#[test]
fn gauges_go_both_ways() {
    let metrics = metrics();
    let gauge = metrics.gauge("open", "Open things.").unwrap();
    gauge.add(3.0);
    gauge.add(-1.0);
    gauge.add(f64::NAN);
    assert_eq!(gauge.get(), 2.0);
    assert!(gauge.set(-5.0) && !gauge.set(f64::INFINITY));
    assert_eq!((gauge.get(), rejected(&metrics, "open")), (-5.0, 2.0));
}

#[test]
fn a_value_on_a_bound_belongs_to_the_bucket_below() {
    let metrics = metrics();
    let histogram = metrics.histogram("h", "H.", &[1.0, 2.0]).unwrap();
    for value in [0.0, 1.0, 1.5, 2.0, 2.5] {
        histogram.observe(value);
    }
    let Value::Histogram(h) = family(&metrics, "h").series[0].value.clone() else { panic!() };
    assert_eq!((h.counts, h.sum), (vec![2, 2, 1], 7.0));
}

#[test]
fn a_reading_shows_what_is_counted_just_before_it() {
    let metrics = metrics();
    let rows = metrics.counter("rows", "Rows.").unwrap();
    metrics.before_reading(move || rows.inc_by(2));
    assert_eq!(number(&metrics, "rows", &[]), Some(2.0));
    assert!(metrics.text().contains("\nrows_total 4\n"));
}
