//! The trace: one root, no orphans, the same spans over OTLP and in the file.

use crate::command::{Workplace, fan_rows};
use crate::correlation::{attributes, hex};
use crate::full_run::full_run;
use obs_testing::schema::otlp::common::v1::any_value::Value as OtlpValue;
use obs_testing::schema::otlp::trace::v1::Span;
use obs_testing::{span_tree, tree};
use serde_json::Value;
use std::collections::BTreeMap;

fn find<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    spans.iter().find(|s| s.name == name).unwrap_or_else(|| panic!("no {name} in\n{}", span_tree(spans)))
}

/// TST-05, SPAN-19
#[test]
fn pipeline_run_is_the_single_root_and_every_span_descends_from_it() {
    let spans = full_run().spans_sent();
    let shape = span_tree(&spans);
    let root = tree::single_root(&spans).unwrap_or_else(|e| panic!("{e}\n{shape}"));
    assert_eq!(root.name, "pipeline.run", "\n{shape}");
    tree::no_orphans(&spans).unwrap_or_else(|e| panic!("{e}\n{shape}"));
    assert!(!shape.contains("(cycle)"), "\n{shape}");
}

/// TST-05, SPAN-01, SPAN-03
#[test]
fn loading_and_fitting_are_inside_the_root() {
    let spans = full_run().spans_sent();
    let shape = span_tree(&spans);
    let parents: BTreeMap<_, _> = spans.iter().map(|s| (s.span_id.clone(), s)).collect();
    for (name, path) in [
        ("load.data", &["pipeline.run"][..]),
        ("fit.pca", &["models.fit", "pipeline.run"]),
        ("score.pca", &["models.score", "pipeline.run"]),
    ] {
        let mut span = find(&spans, name);
        for above in path {
            span = parents.get(&span.parent_span_id).unwrap_or_else(|| panic!("{name} ends early\n{shape}"));
            assert_eq!(span.name, *above, "above {name} in\n{shape}");
        }
    }
}

/// SPAN-20
#[test]
fn finalize_is_the_last_child_of_the_root_and_was_exported() {
    let spans = full_run().spans_sent();
    let root = tree::single_root(&spans).unwrap();
    let children = spans.iter().filter(|s| s.parent_span_id == root.span_id);
    let last = children.max_by_key(|s| s.start_time_unix_nano).unwrap();
    assert_eq!(last.name, "finalize", "\n{}", span_tree(&spans));
    assert!(last.end_time_unix_nano <= root.end_time_unix_nano);
}

#[test]
fn every_span_lies_within_its_parent_in_time() {
    let spans = full_run().spans_sent();
    let by_id: BTreeMap<_, _> = spans.iter().map(|s| (&s.span_id, s)).collect();
    for span in &spans {
        assert!(span.start_time_unix_nano <= span.end_time_unix_nano, "{}", span.name);
        if let Some(parent) = by_id.get(&span.parent_span_id) {
            assert!(
                parent.start_time_unix_nano <= span.start_time_unix_nano
                    && span.end_time_unix_nano <= parent.end_time_unix_nano,
                "{} in {}\n{}",
                span.name,
                parent.name,
                span_tree(&spans)
            );
        }
    }
}

/// What the two formats may write differently is made equal: an empty status may be left out, and the last bits of a
/// decimal fraction depend on who reads it.
fn comparable(mut span: Span) -> Span {
    span.status.get_or_insert_default();
    let values = span.attributes.iter_mut().filter_map(|kv| kv.value.as_mut()?.value.as_mut());
    for value in values {
        if let OtlpValue::DoubleValue(x) = value {
            *x = f64::from(*x as f32);
        }
    }
    span
}

/// TST-05
#[test]
fn the_trace_file_and_otlp_hold_the_same_spans() {
    let run = full_run();
    let sorted = |spans: &[Span]| {
        let mut spans: Vec<Span> = spans.iter().cloned().map(comparable).collect();
        spans.sort_by(|a, b| a.span_id.cmp(&b.span_id));
        spans
    };
    let (sent, filed) = (sorted(&run.spans_sent()), sorted(&run.trace_file));
    assert_eq!(sent.len(), filed.len(), "\n{}\n{}", span_tree(&sent), span_tree(&filed));
    for (sent, filed) in sent.iter().zip(&filed) {
        assert_eq!(sent, filed, "span {} {}", sent.name, hex(&sent.span_id));
    }
    assert_eq!(Some(sent.len() as u64), run.card["spans"]["total"].as_u64());
}

/// SPAN-01, NAME-25, NAME-26
#[test]
fn all_ten_detector_spans_are_there_with_whole_counts() {
    let spans = full_run().spans_sent();
    for work in ["fit", "score"] {
        for detector in ["ar1", "pca", "iforest", "gmm", "omr"] {
            let found = attributes(find(&spans, &format!("{work}.{detector}")));
            assert_eq!(found.get("acm.detector"), Some(&OtlpValue::StringValue(detector.to_owned())));
            for key in ["acm.n_samples", "acm.n_features"] {
                let n = found.get(key);
                assert!(
                    matches!(n, Some(OtlpValue::IntValue(n)) if *n > 0),
                    "{work}.{detector}: {key} = {n:?}"
                );
            }
        }
    }
}

/// NAME-16
#[test]
fn all_five_kinds_occur() {
    let spans = full_run().spans_sent();
    let mut kinds: Vec<i32> = spans.iter().map(|s| s.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds, [1, 2, 3, 4, 5], "\n{}", span_tree(&spans));
}

/// CTX-05, CTX-07: a run that another program starts is part of that program's trace.
#[test]
fn a_run_joins_the_trace_that_its_environment_names() {
    let place = Workplace::new()
        .with_file("fan.csv", fan_rows(400))
        .with_env("TRACEPARENT", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        .with_env("TRACESTATE", "plant=a7");
    let ended = place.run(["fan.csv", "--equipment", "FD_FAN", "--out", "out", "--no-spool"]);
    let json: Value = serde_json::from_str(&place.read("out/trace.otlp.json")).unwrap();
    let spans = json["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap();
    let root = spans.iter().find(|s| s["name"] == "pipeline.run").unwrap();
    assert_eq!(root["parentSpanId"], "00f067aa0ba902b7", "{}", ended.stderr);
    assert_eq!(root["traceState"], "plant=a7");
    assert!(spans.iter().all(|s| s["traceId"] == "4bf92f3577b34da6a3ce929d0e0e4736"));
    let card: Value = serde_json::from_str(&place.read("out/run.json")).unwrap();
    assert_eq!(card["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert!(card["phases"].as_array().is_some_and(|phases| phases.len() > 1), "{card}");
}
