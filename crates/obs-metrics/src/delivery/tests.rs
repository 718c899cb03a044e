//! Tests of `delivery`.

use crate::{Metrics, Value, otlp};
use obs_core::ledger::{EXPORT_BUCKETS, Gauges, Probe};
use obs_core::{Cause, Clock, DropReason, Fate, Ledger, ServiceIdentity, Signal};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::metrics::v1::{Metric, metric::Data, number_data_point};
use prost::Message;
use std::sync::Arc;
use std::time::Duration;

const NOW: u64 = 1_700_000_000_000_000_000;

struct Waiting(Gauges);

impl Probe for Waiting {
    fn gauges(&self) -> Gauges {
        self.0
    }
}

fn metrics() -> (Arc<Ledger>, Metrics) {
    let ledger = Arc::new(Ledger::default());
    let metrics = Metrics::with_clock(ServiceIdentity::default(), Arc::clone(&ledger), Clock::manual(NOW));
    (ledger, metrics)
}

/// Value of a counter or gauge.
fn number(metrics: &Metrics, name: &str, labels: &[&str]) -> Option<f64> {
    match metrics.snapshot().family(name)?.with(labels)?.value {
        Value::Counter { total, .. } => Some(total),
        Value::Gauge(value) => Some(value),
        Value::Histogram(_) | Value::Info => None,
    }
}

/// Five lines: two delivered, one sampled out, one dropped, one on disk; two attempts, one of which failed; three lines
/// in the queue and four on disk, three of them left by an earlier process, of whose five one was delivered and one lost.
fn known() -> (Metrics, Arc<dyn Probe>) {
    let (ledger, metrics) = metrics();
    ledger.created(Signal::Log, 5);
    ledger.settle(Signal::Log, Fate::Delivered, 2);
    ledger.sampled_out(Signal::Log, 1);
    ledger.settle(Signal::Log, Fate::Dropped(DropReason::QueueFull), 1);
    ledger.settle(Signal::Log, Fate::Spooled, 1);
    ledger.inherit(Signal::Log, 5);
    ledger.settle_inherited(Signal::Log, Fate::Delivered, 1);
    ledger.settle_inherited(Signal::Log, Fate::Dropped(DropReason::Corrupt), 1);
    let loki = ledger.destination(Signal::Log, "loki");
    loki.created(4);
    loki.settle(Fate::Delivered, 2);
    loki.settle(Fate::Dropped(DropReason::QueueFull), 1);
    loki.settle(Fate::Spooled, 1);
    loki.exported(Duration::from_millis(250), None);
    loki.exported(Duration::from_mins(1), Some(Cause::Timeout));
    loki.used_cpu(Duration::from_millis(1500));
    let probe: Arc<dyn Probe> = Arc::new(Waiting(Gauges {
        queue_items: 3,
        queue_bytes: 768,
        spool_items: 4,
        spool_bytes: 4096,
        spool_oldest: Some(NOW - 90_500_000_000),
    }));
    loki.watch(Arc::downgrade(&probe));
    (metrics, probe)
}

/// Labels of a series.
type Labels = &'static [(&'static str, &'static str)];

/// What [`known`] comes to: family, ending of its samples, labels, value.
const KNOWN: &[(&str, &str, Labels, f64)] = &[
    ("obs_created_items", "_total", &[("signal", "log"), ("sink", "all")], 5.0),
    ("obs_created_items", "_total", &[("signal", "log"), ("sink", "loki")], 4.0),
    (
        "obs_items",
        "_total",
        &[("signal", "log"), ("sink", "all"), ("outcome", "delivered"), ("reason", "")],
        2.0,
    ),
    (
        "obs_items",
        "_total",
        &[("signal", "log"), ("sink", "all"), ("outcome", "sampled_out"), ("reason", "")],
        1.0,
    ),
    (
        "obs_items",
        "_total",
        &[("signal", "log"), ("sink", "all"), ("outcome", "dropped"), ("reason", "queue_full")],
        1.0,
    ),
    (
        "obs_items",
        "_total",
        &[("signal", "log"), ("sink", "loki"), ("outcome", "delivered"), ("reason", "")],
        2.0,
    ),
    (
        "obs_items",
        "_total",
        &[("signal", "log"), ("sink", "loki"), ("outcome", "dropped"), ("reason", "queue_full")],
        1.0,
    ),
    (
        "obs_items",
        "_total",
        &[("signal", "log"), ("sink", "loki"), ("outcome", "dropped"), ("reason", "expired")],
        0.0,
    ),
    ("obs_spooled_items", "", &[("signal", "log"), ("sink", "all")], 1.0),
    ("obs_spooled_items", "", &[("signal", "log"), ("sink", "loki")], 1.0),
    ("obs_items_inherited", "_total", &[("signal", "log"), ("outcome", "delivered"), ("reason", "")], 1.0),
    (
        "obs_items_inherited",
        "_total",
        &[("signal", "log"), ("outcome", "dropped"), ("reason", "corrupt")],
        1.0,
    ),
    ("obs_spooled_items_inherited", "", &[("signal", "log")], 3.0),
    ("obs_queue_items", "", &[("signal", "log"), ("sink", "loki")], 3.0),
    ("obs_queue_bytes", "", &[("signal", "log"), ("sink", "loki")], 768.0),
    ("obs_spool_items", "", &[("signal", "log"), ("sink", "loki")], 4.0),
    ("obs_spool_bytes", "", &[("signal", "log"), ("sink", "loki")], 4096.0),
    ("obs_spool_oldest_age_seconds", "", &[("signal", "log"), ("sink", "loki")], 90.5),
    ("obs_export_failures", "_total", &[("signal", "log"), ("sink", "loki"), ("cause", "timeout")], 1.0),
    ("obs_export_failures", "_total", &[("signal", "log"), ("sink", "loki"), ("cause", "dns")], 0.0),
    ("obs_exporter_cpu_seconds", "_total", &[("signal", "log"), ("sink", "loki")], 1.5),
];

/// PERF-09
#[test]
fn a_known_ledger_reads_the_same_as_text_and_as_openmetrics() {
    let (metrics, _probe) = known();
    for exposition in [metrics.text(), metrics.openmetrics()] {
        let lines: Vec<&str> = exposition.lines().collect();
        for (family, suffix, labels, value) in KNOWN {
            let labels: Vec<String> = labels.iter().map(|(k, v)| format!("{k}=\"{v}\"")).collect();
            let line = format!("{family}{suffix}{{{}}} {value}", labels.join(","));
            assert!(lines.contains(&&*line), "no `{line}` in\n{exposition}");
        }
    }
}

fn decoded(metrics: &Metrics) -> Vec<Metric> {
    let request = ExportMetricsServiceRequest::decode(&*otlp::encode(&metrics.snapshot())).unwrap();
    request.resource_metrics[0].scope_metrics[0].metrics.clone()
}

/// PERF-09
#[test]
fn a_known_ledger_reads_the_same_over_otlp() {
    let (metrics, _probe) = known();
    let all = decoded(&metrics);
    for (family, suffix, labels, value) in KNOWN {
        let metric = all.iter().find(|m| m.name == *family).unwrap();
        let points = match metric.data.as_ref().unwrap() {
            Data::Sum(sum) => {
                assert!(*suffix == "_total" && sum.is_monotonic, "{family}");
                &sum.data_points
            }
            Data::Gauge(gauge) => {
                assert_eq!(*suffix, "", "{family}");
                &gauge.data_points
            }
            other => panic!("{family}: {other:?}"),
        };
        let found = points.iter().find(|point| {
            let own = point.attributes.iter().map(|a| match a.value.clone().unwrap().value.unwrap() {
                Any::StringValue(text) => (a.key.clone(), text),
                other => panic!("{family}: {other:?}"),
            });
            own.eq(labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
        });
        let wanted = Some(number_data_point::Value::AsDouble(*value));
        assert_eq!(
            found.unwrap_or_else(|| panic!("{family} {labels:?}")).value,
            wanted,
            "{family} {labels:?}"
        );
    }
    let unit = |name: &str| all.iter().find(|m| m.name == name).unwrap().unit.clone();
    let units =
        ["obs_exporter_cpu_seconds", "obs_spool_oldest_age_seconds", "obs_export_duration_seconds"].map(unit);
    assert_eq!(units, ["s"; 3]);
    assert_eq!(["obs_queue_bytes", "obs_spool_bytes"].map(unit), ["By"; 2]);
}

/// PERF-09
#[test]
fn durations_of_exports_are_cumulated_in_text_and_not_over_otlp() {
    let (metrics, _probe) = known();
    let name = "obs_export_duration_seconds";
    let labels = "signal=\"log\",sink=\"loki\"";
    for (exposition, decimals) in [(metrics.text(), ""), (metrics.openmetrics(), ".0")] {
        let lines: Vec<&str> = exposition.lines().filter(|l| l.starts_with(name)).collect();
        let bounds = EXPORT_BUCKETS
            .map(|bound| if bound < 1.0 { bound.to_string() } else { format!("{bound}{decimals}") });
        let counts = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
        let buckets = bounds.iter().zip(counts);
        let mut expected: Vec<String> =
            buckets.map(|(le, n)| format!("{name}_bucket{{{labels},le=\"{le}\"}} {n}")).collect();
        expected.push(format!("{name}_bucket{{{labels},le=\"+Inf\"}} 2"));
        expected.push(format!("{name}_sum{{{labels}}} 60.25"));
        expected.push(format!("{name}_count{{{labels}}} 2"));
        assert_eq!(lines, expected);
    }
    let all = decoded(&metrics);
    let metric = all.iter().find(|m| m.name == name).unwrap();
    let Some(Data::Histogram(histogram)) = &metric.data else { panic!("{metric:?}") };
    let point = &histogram.data_points[0];
    assert_eq!(point.explicit_bounds, EXPORT_BUCKETS);
    assert_eq!(point.bucket_counts, [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
    assert_eq!((point.count, point.sum), (2, Some(60.25)));
}

#[test]
fn every_outcome_reason_and_cause_is_there_before_the_first_item() {
    let (ledger, metrics) = metrics();
    ledger.destination(Signal::Trace, "otlp");
    let rows = Signal::ALL.map(|s| (s.as_str(), "all")).into_iter().chain([("trace", "otlp")]);
    for (signal, sink) in rows {
        let item = |outcome, reason| number(&metrics, "obs_items", &[signal, sink, outcome, reason]);
        assert_eq!(item("delivered", ""), Some(0.0), "{signal} {sink}");
        assert_eq!(item("spooled", ""), None, "what is on disk is no outcome yet");
        for reason in DropReason::ALL.map(DropReason::as_str) {
            assert_eq!(item("dropped", reason), Some(0.0), "{signal} {sink} {reason}");
        }
        assert_eq!(number(&metrics, "obs_created_items", &[signal, sink]), Some(0.0));
        assert_eq!(number(&metrics, "obs_spooled_items", &[signal, sink]), Some(0.0));
    }
    for signal in Signal::ALL.map(Signal::as_str) {
        assert_eq!(number(&metrics, "obs_items", &[signal, "all", "sampled_out", ""]), Some(0.0));
        for reason in DropReason::ALL.map(DropReason::as_str) {
            assert_eq!(number(&metrics, "obs_items_inherited", &[signal, "dropped", reason]), Some(0.0));
        }
    }
    for cause in Cause::ALL.map(Cause::as_str) {
        assert_eq!(number(&metrics, "obs_export_failures", &["trace", "otlp", cause]), Some(0.0));
    }
    assert_eq!(number(&metrics, "obs_exporter_cpu_seconds", &["trace", "otlp"]), Some(0.0));
    let durations = metrics.snapshot().family("obs_export_duration_seconds").cloned().unwrap();
    let Value::Histogram(h) = &durations.with(&["trace", "otlp"]).unwrap().value else { panic!() };
    assert_eq!((h.count(), h.sum), (0, 0.0));
}

#[test]
fn only_sinks_that_exist_have_series() {
    let (ledger, metrics) = metrics();
    assert!(metrics.snapshot().family("obs_queue_items").is_none());
    ledger.destination(Signal::Log, "loki");
    assert_eq!(number(&metrics, "obs_queue_items", &["log", "loki"]), Some(0.0));
    assert_eq!(number(&metrics, "obs_queue_items", &["trace", "loki"]), None);
    assert_eq!(number(&metrics, "obs_items", &["trace", "loki", "delivered", ""]), None);
}

/// Spooled items are delivered later: the gauge goes down, no counter does, and the figures add up at every step.
#[test]
fn counters_only_grow_while_items_go_to_disk_and_come_back() {
    let (ledger, metrics) = metrics();
    let loki = ledger.destination(Signal::Log, "loki");
    let counters = || -> Vec<f64> {
        let snapshot = metrics.snapshot();
        let own = ["obs_created_items", "obs_items", "obs_items_inherited", "obs_export_failures"];
        let series = own.iter().flat_map(|name| &snapshot.family(name).unwrap().series);
        series
            .map(|s| match s.value {
                Value::Counter { total, .. } => total,
                _ => panic!("{s:?} is no counter"),
            })
            .collect()
    };
    let spooled = |sink| number(&metrics, "obs_spooled_items", &["log", sink]).unwrap();
    let balance = |sink| {
        let snapshot = metrics.snapshot();
        let items = &snapshot.family("obs_items").unwrap().series;
        let items = items.iter().filter(|s| s.labels.values[..2] == ["log", sink]);
        let settled: f64 =
            items.map(|s| if let Value::Counter { total, .. } = s.value { total } else { 0.0 }).sum();
        number(&metrics, "obs_created_items", &["log", sink]).unwrap() - settled - spooled(sink)
    };
    let mut last = counters();
    let mut step = |what: &str, change: &dyn Fn(), on_disk: f64, in_flight: f64| {
        change();
        let now = counters();
        assert!(last.iter().zip(&now).all(|(before, after)| before <= after), "{what}");
        last = now;
        for sink in ["all", "loki"] {
            assert_eq!((spooled(sink), balance(sink)), (on_disk, in_flight), "{what}, {sink}");
        }
    };
    let settle = |fate, n| {
        ledger.settle(Signal::Log, fate, n);
        loki.settle(fate, n);
    };
    let unspool = |fate, n| {
        ledger.unspool(Signal::Log, fate, n);
        loki.unspool(fate, n);
    };
    let create = || {
        ledger.created(Signal::Log, 10);
        loki.created(10);
    };
    step("created", &create, 0.0, 10.0);
    step("spooled", &|| settle(Fate::Spooled, 8), 8.0, 2.0);
    step("delivered at once", &|| settle(Fate::Delivered, 2), 8.0, 0.0);
    step("delivered from disk", &|| unspool(Fate::Delivered, 5), 3.0, 0.0);
    step("expired on disk", &|| unspool(Fate::Dropped(DropReason::Expired), 3), 0.0, 0.0);
    step("inherited", &|| ledger.inherit(Signal::Log, 4), 0.0, 0.0);
    step("inheritance delivered", &|| ledger.settle_inherited(Signal::Log, Fate::Delivered, 4), 0.0, 0.0);
    assert_eq!(number(&metrics, "obs_items", &["log", "all", "delivered", ""]), Some(7.0));
    assert_eq!(number(&metrics, "obs_items_inherited", &["log", "delivered", ""]), Some(4.0));
}

#[test]
fn the_age_on_disk_follows_the_clock_and_is_zero_when_nothing_waits() {
    let clock = Clock::manual(NOW);
    let ledger = Arc::new(Ledger::default());
    let metrics = Metrics::with_clock(ServiceIdentity::default(), Arc::clone(&ledger), clock.clone());
    let row = ledger.destination(Signal::Log, "loki");
    let age = || number(&metrics, "obs_spool_oldest_age_seconds", &["log", "loki"]);
    assert_eq!(age(), Some(0.0));
    let waiting = |oldest| -> Arc<dyn Probe> {
        Arc::new(Waiting(Gauges { spool_items: 1, spool_oldest: Some(oldest), ..Gauges::default() }))
    };
    let since_now = waiting(NOW);
    row.watch(Arc::downgrade(&since_now));
    clock.advance(Duration::from_millis(2500));
    assert_eq!(age(), Some(2.5));
    let ahead = waiting(NOW + 10_000_000_000);
    row.watch(Arc::downgrade(&ahead));
    assert_eq!(age(), Some(0.0), "recorded by a clock that was ahead");
    drop(ahead);
    assert_eq!(age(), Some(0.0), "nobody left to ask");
}

#[test]
fn a_sink_that_is_called_all_is_told_from_the_row_of_its_signal() {
    let (ledger, metrics) = metrics();
    for name in ["all", "all_", "alley"] {
        ledger.destination(Signal::Log, name).created(7);
    }
    let created = metrics.snapshot().family("obs_created_items").cloned().unwrap();
    let sinks: Vec<&str> = created
        .series
        .iter()
        .filter(|s| s.labels.values[0] == "log")
        .map(|s| s.labels.values[1].as_str())
        .collect();
    assert_eq!(sinks, ["all", "all_", "all__", "alley"]);
    assert_eq!(number(&metrics, "obs_created_items", &["log", "all"]), Some(0.0));
}

#[test]
fn a_name_says_the_unit_and_the_series_are_in_order() {
    let (metrics, _probe) = known();
    let snapshot = metrics.snapshot();
    for family in &snapshot.families {
        let values: Vec<_> = family.series.iter().map(|s| &s.labels.values).collect();
        assert!(values.windows(2).all(|w| w[0] < w[1]), "{}: {values:?}", family.name);
    }
    let unit = |name| snapshot.family(name).unwrap().unit;
    assert_eq!([unit("obs_queue_bytes"), unit("obs_exporter_cpu_seconds")], ["bytes", "seconds"]);
}
