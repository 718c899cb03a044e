//! Tests of `exposition`.

use super::*;
use crate::catalogue::STAGE_BUCKETS;
use crate::exemplar::test_span;
use crate::metrics::Metrics;
use crate::parse::parse;
use crate::state::Status;
use obs_core::{Clock, RunContext, ServiceIdentity, active};
use proptest::prelude::*;
use std::time::Duration;

fn metrics() -> (Metrics, Clock) {
    let clock = Clock::manual(1_700_000_000_000_000_000);
    (Metrics::with_clock(ServiceIdentity::default(), std::sync::Arc::default(), clock.clone()), clock)
}

/// The lines of one metric.
fn lines<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    text.lines()
        .filter(|l| {
            l.trim_start_matches("# HELP ")
                .trim_start_matches("# TYPE ")
                .trim_start_matches("# UNIT ")
                .starts_with(name)
        })
        .collect()
}

/// MET-06, MET-33
#[test]
fn a_stage_reads_the_same_in_both_formats_up_to_exemplars() {
    let (metrics, clock) = metrics();
    metrics.observe_stage("fit.pca", "fit", "FD_FAN", 0.25, Some(test_span(7, true)));
    clock.advance(Duration::from_millis(250));
    metrics.observe_stage("fit.pca", "fit", "FD_FAN", 90.0, None);
    let open = metrics.openmetrics();
    let open = lines(&open, "acm_stage_duration_seconds");
    let labels = "stage=\"fit.pca\",parent=\"fit\",equipment=\"FD_FAN\"";
    assert_eq!(
        open[..3],
        [
            "# HELP acm_stage_duration_seconds Time a stage of a run took.",
            "# TYPE acm_stage_duration_seconds histogram",
            "# UNIT acm_stage_duration_seconds seconds",
        ]
    );
    let marked: Vec<&&str> = open.iter().filter(|l| l.contains(" # ")).collect();
    assert_eq!(
        marked,
        [&format!(
            "acm_stage_duration_seconds_bucket{{{labels},le=\"0.25\"}} 1 # \
             {{trace_id=\"0000000000000007000000000000000a\",span_id=\"0000000000000007\"}} 0.25 1700000000.000"
        )
        .as_str()]
    );
    assert!(open.contains(&format!("acm_stage_duration_seconds_bucket{{{labels},le=\"1.0\"}} 1").as_str()));
    let text = metrics.text();
    let text = lines(&text, "acm_stage_duration_seconds");
    assert!(text.contains(&format!("acm_stage_duration_seconds_bucket{{{labels},le=\"1\"}} 1").as_str()));
    let end = [
        format!("acm_stage_duration_seconds_bucket{{{labels},le=\"+Inf\"}} 2"),
        format!("acm_stage_duration_seconds_sum{{{labels}}} 90.25"),
        format!("acm_stage_duration_seconds_count{{{labels}}} 2"),
    ];
    assert_eq!(text[text.len() - 3..], end);
    assert_eq!(open[open.len() - 3..], end);
    assert_eq!(text.len(), 2 + STAGE_BUCKETS.len() + 3);
}

/// MET-15
#[test]
fn openmetrics_ends_in_eof_and_text_has_none_of_its_comments() {
    let (metrics, _) = metrics();
    metrics.record_batch_processed("FD_FAN", 1.0, 5, Status::Success);
    let (open, text) = (metrics.openmetrics(), metrics.text());
    assert!(open.ends_with("\n# EOF\n"));
    assert!(open.contains(
        "# TYPE acm_batches counter\nacm_batches_total{equipment=\"FD_FAN\",status=\"success\"} 1\n"
    ));
    assert!(text.contains(
        "# TYPE acm_batches_total counter\nacm_batches_total{equipment=\"FD_FAN\",status=\"success\"} 1\n"
    ));
    assert!(!text.contains("# EOF") && !text.contains("# UNIT") && !text.contains(" # {"));
    assert!(
        open.contains("# TYPE target info\ntarget_info{")
            && text.contains("# TYPE target_info gauge\ntarget_info{")
    );
}

/// MET-33: the longest exemplar stays within the 128 characters of OpenMetrics.
#[test]
fn exemplars_fit_and_only_sampled_spans_leave_one() {
    let (metrics, _) = metrics();
    let run = "0190b6e4-5c1a-4d1e-9f3a-2b7c8d9e0f10";
    let context = RunContext { run_id: run.parse().ok(), ..RunContext::default() }.share();
    let _context = active::attach_context(Some(context));
    let (counter, histogram) =
        (metrics.counter("c", "C.").unwrap(), metrics.histogram("h", "H.", &[1.0]).unwrap());
    counter.inc();
    {
        let _span = active::enter(Some(test_span(3, false)));
        counter.inc();
        histogram.observe(0.5);
    }
    let none = metrics.openmetrics();
    assert!(!none.contains("trace_id"), "{none}");
    {
        let _span = active::enter(Some(test_span(u64::MAX, true)));
        counter.inc_by(2);
        histogram.observe(0.5);
    }
    let open = metrics.openmetrics();
    let exemplar = format!(
        "{{trace_id=\"ffffffffffffffff000000000000000a\",span_id=\"ffffffffffffffff\",run_id=\"{run}\"}}"
    );
    assert!(open.contains(&format!("c_total 4 # {exemplar} 2 1700000000.000\n")), "{open}");
    assert!(open.contains(&format!("h_bucket{{le=\"1.0\"}} 2 # {exemplar} 0.5 1700000000.000\n")), "{open}");
    let characters = exemplar.chars().filter(|c| !"{}=\",".contains(*c)).count();
    assert!(characters <= 128, "{characters}");
}

#[test]
fn label_values_and_help_are_escaped() {
    let (metrics, _) = metrics();
    let family = metrics.counter_with("odd", "A \"quoted\"\nback\\slash.", ["x"]).unwrap();
    family.with(["a\"b\\c\nd"]).inc();
    let sample = "odd_total{x=\"a\\\"b\\\\c\\nd\"} 1\n";
    assert!(metrics.openmetrics().contains("# HELP odd A \\\"quoted\\\"\\nback\\\\slash.\n"));
    assert!(metrics.text().contains("# HELP odd_total A \"quoted\"\\nback\\\\slash.\n"));
    assert!(metrics.openmetrics().contains(sample) && metrics.text().contains(sample));
}

#[test]
fn numbers_are_short_and_exact() {
    let rows = [
        (0.0, "0"),
        (1.0, "1"),
        (0.1, "0.1"),
        (-2.5, "-2.5"),
        (1e-7, "1e-7"),
        (1e300, "1e300"),
        (f64::INFINITY, "+Inf"),
        (f64::NEG_INFINITY, "-Inf"),
        (9_007_199_254_740_991.0, "9007199254740991"),
    ];
    for (value, expected) in rows {
        let mut out = String::new();
        number(&mut out, value).unwrap();
        assert_eq!(out, expected);
        assert_eq!(out.parse::<f64>().unwrap(), value);
    }
}

#[test]
fn the_same_state_gives_the_same_bytes_whatever_the_order_of_recording() {
    let build = |order: [&str; 3]| {
        let (metrics, _) = metrics();
        for equipment in order {
            metrics.record_health_score(equipment, 50.0);
        }
        metrics.snapshot().family("acm_health_score").cloned().unwrap()
    };
    assert_eq!(build(["B", "A", "C"]), build(["C", "B", "A"]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Both formats read back to the snapshot they were written from.
    #[test]
    fn what_is_written_reads_back(
        counts in proptest::collection::vec(("\\PC{0,12}", 0_u64..1 << 52), 0..6),
        gauges in proptest::collection::vec(("[a-z\"\\\\\n]{0,6}", proptest::num::f64::NORMAL | proptest::num::f64::ZERO), 0..6),
        values in proptest::collection::vec(0.0..1e6_f64, 0..20),
        traced in any::<bool>(),
    ) {
        let (metrics, _) = metrics();
        let _span = active::enter(Some(test_span(9, traced)));
        let counter = metrics.counter_with("c", "C.", ["l"]).unwrap();
        for (label, n) in &counts {
            counter.with([label]).inc_by(*n);
        }
        let gauge = metrics.gauge_with("g_bytes", "G.", ["l"]).unwrap();
        for (label, value) in &gauges {
            gauge.with([label]).set(*value);
        }
        let histogram = metrics.histogram("h_seconds", "H.", &[0.5, 10.0, 1e5]).unwrap();
        for value in &values {
            histogram.observe(*value);
        }
        let snapshot = metrics.snapshot();
        prop_assert_eq!(&parse(&openmetrics(&snapshot)).unwrap(), &snapshot.families);

        // Text has no exemplars, and shows infos as gauges.
        let read = parse(&text(&snapshot)).unwrap();
        for family in &snapshot.families {
            let mut plain = family.clone();
            if plain.kind == Kind::Info {
                plain.kind = Kind::Gauge;
                plain.name.push_str("_info");
            }
            for series in &mut plain.series {
                match &mut series.value {
                    Value::Counter { exemplar, .. } => *exemplar = None,
                    Value::Histogram(h) => h.exemplars.fill(None),
                    Value::Info => series.value = Value::Gauge(1.0),
                    Value::Gauge(_) => {}
                }
            }
            let back = read.iter().find(|f| f.name == plain.name);
            prop_assert_eq!(back, Some(&plain));
        }
        prop_assert_eq!(read.len(), snapshot.families.len());
    }
}
