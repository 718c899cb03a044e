//! Log lines at Loki and in the database, and the spans they were written in.

use crate::command::json;
use crate::correlation::hex;
use crate::full_run::{EQUIP_ID, EQUIPMENT, RUN_ID, full_run};
use obs_testing::LineSeen;
use std::collections::BTreeSet;

fn metadata<'a>(line: &'a LineSeen, key: &str) -> Option<&'a str> {
    line.structured_metadata.get(key).map(String::as_str)
}

/// TST-06, LOG-40, COR-04, TRC-23
#[test]
fn a_line_inside_a_span_carries_the_ids_of_a_span_that_exists() {
    let run = full_run();
    let spans: BTreeSet<(String, String)> =
        run.spans.iter().map(|s| (hex(&s.span.trace_id), hex(&s.span.span_id))).collect();
    let mut inside = 0;
    for line in &run.lines {
        let body = json(&line.line);
        for key in ["trace_id", "span_id", "run_id"] {
            assert_eq!(metadata(line, key), body[key].as_str(), "{key} differs: {line:?}");
        }
        if let (Some(trace), Some(span)) = (metadata(line, "trace_id"), metadata(line, "span_id")) {
            assert!(spans.contains(&(trace.to_owned(), span.to_owned())), "no such span: {line:?}");
            inside += 1;
        } else {
            assert_eq!(body["logger"], "obs.init", "the whole run is inside a span: {line:?}");
        }
    }
    assert!(inside > 0);
}

/// CORE-05, CTX-01, CTX-02
#[test]
fn every_line_of_the_run_names_run_and_equipment() {
    let run = full_run();
    let lines = run.lines.iter().map(|l| json(&l.line)).chain(run.ended.lines());
    let mut seen = 0;
    for line in lines.filter(|line| line["logger"] != "obs.init") {
        assert_eq!(line["run_id"], RUN_ID, "{line}");
        assert_eq!(line["equipment"], EQUIPMENT, "{line}");
        assert_eq!(line["equip_id"], EQUIP_ID, "{line}");
        assert_eq!((&line["batch_num"], &line["batch_total"]), (&3.into(), &12.into()), "{line}");
        assert_eq!(line["trace_id"], run.trace_id(), "{line}");
        seen += 1;
    }
    assert!(seen > 0);
}

/// LOG-41, LOG-42, SB-01, SB-02
#[test]
fn labels_are_few_lower_case_and_never_an_id() {
    let run = full_run();
    let known = ["app", "category", "component", "environment", "level", "service"];
    for line in &run.lines {
        assert_eq!(line.labels.get("app").map(String::as_str), Some("acm"), "{line:?}");
        let component = &line.labels["component"];
        assert_eq!(component, &component.to_lowercase());
        assert!(line.labels.keys().all(|name| known.contains(&name.as_str())), "{:?}", line.labels);
    }
    let components: BTreeSet<&str> = run.lines.iter().map(|l| l.labels["component"].as_str()).collect();
    assert_eq!(components, BTreeSet::from(["init", "pipeline"]));
    assert!(!run.lines.is_empty());
}

/// LOG-16
#[test]
fn loki_stderr_and_the_database_got_the_same_lines() {
    let run = full_run();
    let sorted = |mut lines: Vec<String>| {
        lines.sort();
        lines
    };
    let at_loki = sorted(run.lines.iter().map(|l| l.line.clone()).collect());
    assert_eq!(at_loki, sorted(run.ended.stderr.lines().map(str::to_owned).collect()));
    let messages = sorted(at_loki.iter().map(|l| json(l)["message"].as_str().unwrap().to_owned()).collect());
    assert_eq!(messages, sorted(run.run_logs.iter().map(|row| row[4].clone()).collect()));
}

/// CORE-13
#[test]
fn each_destination_is_announced_with_its_protocol() {
    let lines = full_run().ended.lines();
    let announced: BTreeSet<(&str, &str)> = lines
        .iter()
        .filter(|line| line["logger"] == "obs.init")
        .map(|line| (line["message"].as_str().unwrap(), line["protocol"].as_str().unwrap()))
        .collect();
    let expected = [
        ("traces initialized", "OTLP/HTTP protobuf"),
        ("metrics initialized", "OTLP/HTTP protobuf"),
        ("logs initialized", "Loki push, snappy protobuf"),
        ("profiles initialized", "Pyroscope ingest, pprof"),
    ];
    for line in expected {
        assert!(announced.contains(&line), "{line:?} is not in {announced:?}");
    }
}
