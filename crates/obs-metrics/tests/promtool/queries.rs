//! PERF-09: the queries of the guide on watching delivery name metrics that exist, and find what they are for.

use crate::support::promtool;
use obs_core::ledger::{Gauges, Probe};
use obs_core::{Cause, Clock, DropReason, Fate, Ledger, ServiceIdentity, Signal};
use obs_metrics::catalogue::{self, Entry};
use obs_metrics::{Kind, Metrics};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

const START: u64 = 1_700_000_000_000_000_000;
const MINUTE: Duration = Duration::from_mins(1);

/// The queries on losses, backlog, slow sinks, failures and cost.
fn guide() -> [&'static str; 5] {
    let page = include_str!("../../../../docs/guide/metrics.md");
    let section = page.split_once("## Watching delivery itself").unwrap().1;
    let queries = section.split("```promql\n").skip(1).map(|rest| rest.split("\n```").next().unwrap());
    queries.collect::<Vec<_>>().try_into().unwrap()
}

/// The metric behind a name that a scrape shows.
fn shown(name: &str) -> Option<&'static Entry> {
    catalogue::ALL.iter().find(|entry| {
        let suffix = name.strip_prefix(entry.name);
        match entry.kind {
            Kind::Counter => suffix == Some("_total"),
            Kind::Gauge => suffix == Some(""),
            Kind::Histogram => matches!(suffix, Some("_bucket" | "_count" | "_sum")),
            Kind::Info => suffix == Some("_info"),
        }
    })
}

/// The labels that a query groups by or selects.
fn labels(query: &str) -> Vec<&str> {
    let inside = |open: &'static str, close: char| {
        query
            .split(open)
            .skip(1)
            .flat_map(move |rest| rest.split(close).next().unwrap_or_default().split(','))
    };
    let grouped = inside("by (", ')');
    let selected = inside("{", '}').map(|pair| pair.split('=').next().unwrap_or_default());
    grouped.chain(selected).map(str::trim).filter(|label| *label != "le").collect()
}

#[test]
fn the_queries_of_the_guide_name_metrics_and_labels_that_exist() {
    for query in guide() {
        let words = query.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let names: Vec<&str> = words.filter(|word| word.starts_with("obs_")).collect();
        assert!(!names.is_empty(), "{query}");
        for name in names {
            let entry = shown(name).unwrap_or_else(|| panic!("no metric `{name}`"));
            for label in labels(query) {
                assert!(entry.labels.contains(&label), "`{name}` has no label `{label}`");
            }
        }
    }
}

/// A spool whose oldest item is as old as the process.
struct Backlog;

impl Probe for Backlog {
    fn gauges(&self) -> Gauges {
        Gauges { spool_items: 5, spool_bytes: 640, spool_oldest: Some(START), ..Gauges::default() }
    }
}

/// Readings at each of eleven minutes, as promtool takes them. Traces go out well all the time; in the eighth minute three
/// log lines are lost, two attempts on Loki time out after four seconds, and a backlog shows.
fn readings() -> BTreeMap<String, Vec<String>> {
    let clock = Clock::manual(START);
    let ledger = Arc::new(Ledger::default());
    let metrics = Metrics::with_clock(ServiceIdentity::default(), Arc::clone(&ledger), clock.clone());
    let loki = ledger.destination(Signal::Log, "loki");
    let otlp = ledger.destination(Signal::Trace, "otlp");
    let backlog: Arc<dyn Probe> = Arc::new(Backlog);
    let mut readings: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for minute in 0..=10 {
        otlp.exported(Duration::from_millis(2), None);
        if minute == 8 {
            ledger.created(Signal::Log, 3);
            ledger.settle(Signal::Log, Fate::Dropped(DropReason::QueueFull), 3);
            loki.created(3);
            loki.settle(Fate::Dropped(DropReason::QueueFull), 3);
            for _ in 0..2 {
                loki.exported(Duration::from_secs(4), Some(Cause::Timeout));
            }
            loki.used_cpu(Duration::from_secs(1));
            loki.watch(Arc::downgrade(&backlog));
        }
        for line in metrics.text().lines().filter(|line| line.starts_with("obs_")) {
            let (series, value) = line.rsplit_once(' ').unwrap();
            readings.entry(series.to_owned()).or_default().push(value.to_owned());
        }
        clock.advance(MINUTE);
    }
    readings
}

/// A query, a minute, and what the query gives then, as labels and value.
type Case = (String, u32, &'static [(&'static str, u32)]);

/// A file for `promtool test rules`.
fn rules(cases: &[Case]) -> String {
    let mut file = String::from("evaluation_interval: 1m\ntests:\n- interval: 1m\n  input_series:\n");
    for (series, values) in readings() {
        writeln!(file, "  - series: '{series}'\n    values: '{}'", values.join(" ")).unwrap();
    }
    file.push_str("  promql_expr_test:\n");
    for (query, minute, samples) in cases {
        writeln!(file, "  - expr: '{query}'\n    eval_time: {minute}m\n    exp_samples:").unwrap();
        for (labels, value) in *samples {
            writeln!(file, "    - labels: '{{{labels}}}'\n      value: {value}").unwrap();
        }
    }
    file
}

/// What promtool says of the cases.
fn judge(cases: &[Case]) -> Option<(bool, String)> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rules.yml");
    std::fs::write(&path, rules(cases)).unwrap();
    promtool(&["test", "rules", path.to_str().unwrap()], "")
}

/// The first loss is found although nothing was lost before it.
#[test]
fn the_queries_of_the_guide_find_what_they_are_for() {
    const LOKI: &str = "signal=\"log\",sink=\"loki\"";
    const OTLP: &str = "signal=\"trace\",sink=\"otlp\"";
    let [losses, backlog, slow, failures, cost] = guide();
    let positive = |query: &str| format!("({query}) > bool 0");
    // The values of `increase()` depend on the version of Prometheus, so only signs and bounds are compared.
    let slow = format!("({slow}) > bool 1");
    let cases: [Case; 10] = [
        (positive(losses), 5, &[]),
        (positive(losses), 10, &[("signal=\"log\",reason=\"queue_full\"", 1)]),
        (positive(backlog), 5, &[]),
        (positive(backlog), 10, &[(LOKI, 1)]),
        (slow.clone(), 5, &[(LOKI, 0), (OTLP, 0)]),
        (slow, 10, &[(LOKI, 1), (OTLP, 0)]),
        (positive(failures), 5, &[]),
        (positive(failures), 10, &[("signal=\"log\",sink=\"loki\",cause=\"timeout\"", 1)]),
        (positive(cost), 5, &[(LOKI, 0), (OTLP, 0)]),
        (positive(cost), 10, &[(LOKI, 1), (OTLP, 0)]),
    ];
    if let Some((ok, said)) = judge(&cases) {
        assert!(ok, "{said}");
    }
}

/// The test above would pass if promtool did not look at what is expected.
#[test]
fn promtool_does_find_a_query_that_finds_nothing() {
    let never = "obs_items_total > 100".to_owned();
    if let Some((ok, said)) = judge(&[(never, 10, &[("signal=\"log\"", 1)])]) {
        assert!(!ok, "{said}");
    }
}
