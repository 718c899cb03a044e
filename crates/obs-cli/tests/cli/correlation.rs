//! One run is one identity: the same run, equipment, trace and service in all four signals and in every file.

use crate::command::{Workplace, fan_rows, json};
use crate::full_run::{EQUIP_ID, EQUIPMENT, FullRun, RUN_ID, SERVICE, full_run};
use obs_testing::decode;
use obs_testing::otlp::Attributes;
use obs_testing::pyroscope::{LabelValue, SampleSeen};
use obs_testing::schema::otlp::common::v1::any_value::Value as OtlpValue;
use obs_testing::schema::otlp::trace::v1::Span;
use std::collections::BTreeSet;

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// A span's own attributes.
pub(crate) fn attributes(span: &Span) -> Attributes {
    span.attributes.iter().map(|kv| (kv.key.clone(), kv.value.clone().unwrap().value.unwrap())).collect()
}

fn text(value: &str) -> OtlpValue {
    OtlpValue::StringValue(value.to_owned())
}

/// The spans that OTLP got and those of the file.
fn all_spans(run: &FullRun) -> Vec<Span> {
    let mut spans = run.spans_sent();
    spans.extend(run.trace_file.iter().cloned());
    assert!(!spans.is_empty());
    spans
}

/// CTX-01, CTX-02, CTX-03, CTX-08, NAME-17, NAME-18, NAME-19, NAME-23
#[test]
fn every_span_carries_run_equipment_and_batch_with_their_types() {
    let run = full_run();
    for span in all_spans(run) {
        let found = attributes(&span);
        let get = |key: &str| found.get(key).cloned();
        assert_eq!(hex(&span.trace_id), run.trace_id(), "{}", span.name);
        assert_eq!(get("acm.run_id"), Some(text(RUN_ID)), "{}", span.name);
        assert_eq!(get("acm.equipment"), Some(text(EQUIPMENT)), "{}", span.name);
        assert_eq!(get("acm.equip_id"), Some(OtlpValue::IntValue(EQUIP_ID)), "{}", span.name);
        assert_eq!(get("acm.batch_num"), Some(OtlpValue::IntValue(3)), "{}", span.name);
        assert_eq!(get("acm.batch_total"), Some(OtlpValue::IntValue(12)), "{}", span.name);
    }
}

/// NAME-20, NAME-21, NAME-22
#[test]
fn every_span_says_its_category_service_and_phase() {
    for span in all_spans(full_run()) {
        let found = attributes(&span);
        assert_eq!(found.get("acm.category").cloned(), Some(text(span.name.split('.').next().unwrap())));
        assert_eq!(found.get("acm.service").cloned(), Some(text(SERVICE)));
        let phase = match found.get("acm.phase") {
            Some(OtlpValue::StringValue(phase)) => phase.as_str(),
            other => {
                assert_eq!((span.name.as_str(), other), ("pipeline.run", None), "only the root has no phase");
                continue;
            }
        };
        assert!(["startup", "fit", "score", "forecast", "persist"].contains(&phase), "{phase}");
        let known =
            [("fit.pca", "fit"), ("score.omr", "score"), ("load.data", "startup"), ("persist", "persist")];
        for (name, expected) in known {
            assert!(span.name != name || phase == expected, "{name} is in phase {phase}");
        }
    }
}

/// TRC-21, TRC-22, SB-23: what a search of Tempo asks for, by service, trace, time, equipment, and
/// `{ resource.service.name = "…" && span.acm.category = "fit" && name = "fit.pca" }`.
#[test]
fn a_search_by_service_equipment_category_or_time_finds_the_spans() {
    let run = full_run();
    let root = run.spans.iter().find(|seen| seen.span.parent_span_id.is_empty()).unwrap();
    let times = root.span.start_time_unix_nano..=root.span.end_time_unix_nano;
    let found = |service: &str, own: &[(&str, &str)], name: Option<&str>| {
        let fits = |seen: &&obs_testing::otlp::SpanSeen| {
            let attributes = attributes(&seen.span);
            seen.resource.get("service.name") == Some(&text(service))
                && own.iter().all(|(key, value)| attributes.get(*key) == Some(&text(value)))
                && name.is_none_or(|name| seen.span.name == name)
                && times.contains(&seen.span.start_time_unix_nano)
                && times.contains(&seen.span.end_time_unix_nano)
        };
        run.spans.iter().filter(fits).count()
    };
    assert_eq!(found(SERVICE, &[], None), run.spans.len());
    assert_eq!(found("another", &[], None), 0);
    assert_eq!(found(SERVICE, &[("acm.equipment", EQUIPMENT)], None), run.spans.len());
    assert_eq!(found(SERVICE, &[("acm.equipment", "GAS_TURBINE")], None), 0);
    assert_eq!(found(SERVICE, &[("acm.category", "fit")], Some("fit.pca")), 1);
    assert_eq!(found(SERVICE, &[("acm.category", "score")], Some("fit.pca")), 0);
}

/// NAME-23, CTX-08
#[test]
fn a_run_that_is_no_batch_has_no_batch_numbers_anywhere() {
    let workplace = Workplace::new().with_file("fan.csv", fan_rows(1500));
    let ended = workplace.run(["fan.csv", "--json"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let traces = decode::otlp_json(&workplace.read("obs-out/trace.otlp.json")).unwrap();
    let spans: Vec<&Span> =
        traces.resource_spans.iter().flat_map(|r| &r.scope_spans).flat_map(|s| &s.spans).collect();
    assert!(!spans.is_empty());
    for span in spans {
        assert!(!attributes(span).keys().any(|key| key.starts_with("acm.batch_")), "{}", span.name);
    }
    assert!(ended.lines().iter().all(|line| line.get("batch_num").is_none()));
}

/// CORE-14, CFG-01, SB-18
#[test]
fn the_service_has_one_name_in_all_four_signals() {
    let run = full_run();
    let resources = run.spans.iter().map(|s| &s.resource).chain(run.metrics.iter().map(|m| &m.resource));
    for resource in resources.chain([&run.trace_resource]) {
        assert_eq!(resource.get("service.name").cloned(), Some(text(SERVICE)));
    }
    for line in &run.lines {
        assert_eq!(line.labels.get("service").map(String::as_str), Some(SERVICE));
        assert_eq!(json(&line.line)["service"], SERVICE);
    }
    for profile in &run.profiles {
        assert_eq!(profile.name, SERVICE);
    }
    for sample in samples(run) {
        assert_eq!(label(&sample, "service_name"), Some(SERVICE));
    }
    assert!(!run.spans.is_empty() && !run.metrics.is_empty() && !run.lines.is_empty());
    assert!(!run.profiles.is_empty());
}

/// The samples that Pyroscope got and those of the file.
fn samples(run: &FullRun) -> Vec<SampleSeen> {
    let mut samples: Vec<SampleSeen> = run.profiles.iter().flat_map(|p| p.samples().unwrap()).collect();
    samples.extend(run.profile_file.iter().cloned());
    samples
}

fn label<'a>(sample: &'a SampleSeen, key: &str) -> Option<&'a str> {
    match sample.labels.get(key) {
        Some(LabelValue::Text(text)) => Some(text),
        _ => None,
    }
}

/// CORE-05, CTX-01, PRO-07, PRO-08, TRC-23
#[test]
fn samples_taken_in_a_span_carry_the_identity_of_run_and_span() {
    let run = full_run();
    let spans: BTreeSet<String> = run.spans.iter().map(|s| hex(&s.span.span_id)).collect();
    let equip_id = EQUIP_ID.to_string();
    let mut inside = 0;
    for sample in samples(run) {
        let Some(span) = label(&sample, "span_id") else { continue };
        inside += sample.values[0].2;
        assert!(spans.contains(span), "no span {span}");
        assert_eq!(label(&sample, "trace_id"), Some(run.trace_id()));
        assert_eq!(label(&sample, "run_id"), Some(RUN_ID));
        assert_eq!(label(&sample, "equipment"), Some(EQUIPMENT));
        assert_eq!(label(&sample, "equip_id"), Some(equip_id.as_str()));
    }
    assert!(inside > 0);
    // The file and Pyroscope hold the same samples.
    assert_eq!(Some(inside as u64 / 2), run.card["profile"]["with_span"].as_u64());
}

/// CORE-05, CTX-01
#[test]
fn the_metrics_resource_names_the_run() {
    let run = full_run();
    for metric in &run.metrics {
        let get = |key: &str| metric.resource.get(key).cloned();
        assert_eq!(get("acm.run_id"), Some(text(RUN_ID)), "{}", metric.metric.name);
        assert_eq!(get("acm.equipment"), Some(text(EQUIPMENT)));
        assert_eq!(get("acm.equip_id"), Some(OtlpValue::IntValue(EQUIP_ID)));
    }
}

/// CORE-04, CORE-05, CTX-01
#[test]
fn the_database_has_the_run_and_its_log_lines_under_the_same_identity() {
    let run = full_run();
    let equip_id = EQUIP_ID.to_string();
    assert_eq!(run.runs, [[RUN_ID, equip_id.as_str(), EQUIPMENT, "success"].map(str::to_owned)]);
    let (before, during): (Vec<_>, Vec<_>) = run.run_logs.iter().partition(|row| row[6] == "init");
    assert!(!before.is_empty() && !during.is_empty());
    for row in during {
        assert_eq!((row[0].as_str(), row[1].as_str()), (RUN_ID, equip_id.as_str()), "{row:?}");
        assert_eq!(row[2], run.trace_id(), "{row:?}");
    }
    for row in before {
        assert_eq!((row[0].as_str(), row[2].as_str()), ("NULL", "NULL"), "telemetry starts before the run");
    }
}
