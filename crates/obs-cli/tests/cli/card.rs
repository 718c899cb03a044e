//! The run card: one JSON document on stdout, the same in the folder, every documented key in it.

use crate::command::{Workplace, fan_rows, json};
use crate::full_run::{EQUIPMENT, RUN_ID, full_run};
use serde_json::Value;

/// The keys of an object, in order.
fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn has(value: &Value, wanted: &[&str]) {
    for key in wanted {
        assert!(value.get(key).is_some(), "no `{key}` among {:?}", keys(value));
    }
}

#[test]
fn stdout_is_one_json_document_and_the_folder_keeps_the_same() {
    let run = full_run();
    assert_eq!(run.ended.stdout.lines().count(), 1, "{}", run.ended.stdout);
    assert_eq!(run.card, run.run_file);
}

#[test]
fn with_json_stderr_holds_log_lines_and_nothing_else() {
    let run = full_run();
    let lines: Vec<Value> = run.ended.stderr.lines().map(json).collect();
    assert!(!lines.is_empty());
    for line in &lines {
        has(line, &["timestamp", "level", "message", "service"]);
    }
}

#[test]
fn the_card_has_every_documented_key() {
    let card = &full_run().card;
    let top = [
        "run_id",
        "trace_id",
        "equipment",
        "outcome",
        "rows",
        "sensors",
        "phases",
        "spans",
        "logs",
        "metrics",
        "profile",
        "episodes",
        "health",
        "rul",
        "ledger",
        "artifacts",
    ];
    has(card, &top);
    has(&card["rows"], &["read", "train", "scored", "dropped"]);
    has(&card["spans"], &["total", "by_kind"]);
    has(&card["logs"], &["total", "by_level", "by_category"]);
    has(&card["metrics"], &["families", "series"]);
    has(&card["profile"], &["samples", "with_span"]);
    has(&card["phases"][0], &["name", "seconds"]);
    has(&card["episodes"][0], &["start", "end", "peak_z", "severity", "culprits"]);
    if !card["rul"].is_null() {
        has(&card["rul"], &["hours", "p10", "p50", "p90"]);
    }
    for signal in ["trace", "log", "metric", "profile"] {
        has(&card["ledger"][signal], &["created", "delivered", "spooled", "sampled_out", "dropped"]);
    }
    assert_eq!(card["run_id"], RUN_ID);
    assert_eq!(card["equipment"], EQUIPMENT);
    assert_eq!(card["outcome"], "success");
    assert_eq!(card["trace_id"].as_str().unwrap().len(), 32);
}

#[test]
fn the_counts_of_the_card_agree_with_each_other() {
    let card = &full_run().card;
    let sum = |value: &Value| value.as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum::<u64>();
    assert_eq!(sum(&card["spans"]["by_kind"]), card["spans"]["total"].as_u64().unwrap());
    assert_eq!(sum(&card["logs"]["by_level"]), card["logs"]["total"].as_u64().unwrap());
    assert_eq!(sum(&card["logs"]["by_category"]), card["logs"]["total"].as_u64().unwrap());
    let rows = |key: &str| card["rows"][key].as_u64().unwrap();
    assert_eq!(rows("read"), 17_000);
    assert_eq!(rows("train") + rows("scored") + rows("dropped"), rows("read"));
    assert_eq!(full_run().scores.lines().count() as u64, rows("scored") + 1);
    assert_eq!(full_run().episodes.lines().count(), card["episodes"].as_array().unwrap().len() + 1);
}

#[test]
fn too_few_rows_are_a_noop_that_says_why_and_exits_with_0() {
    let workplace = Workplace::new().with_file("few.csv", fan_rows(5));
    let ended = workplace.run(["few.csv", "--json"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let card = ended.card();
    assert_eq!(card["outcome"], "noop");
    assert!(card["reason"].as_str().is_some_and(|reason| reason.contains('5')), "{}", card["reason"]);
    assert!(card["artifacts"].get("scores").is_none(), "nothing was scored: {}", card["artifacts"]);
    let told = ended.lines().iter().any(|l| {
        l["level"] == "WARN" && l["message"].as_str().is_some_and(|m| m.starts_with("nothing to do: "))
    });
    assert!(told, "{}", ended.stderr);
    let people = workplace.run(["few.csv"]);
    assert!(people.stdout.contains("noop (") && people.stderr.is_empty(), "{people:?}");
}

#[test]
fn without_json_stdout_is_for_people_and_has_no_escape_codes_when_piped() {
    let workplace = Workplace::new().with_file("fan.csv", fan_rows(1500));
    let ended = workplace.run(["fan.csv", "--equipment", "FAN\u{1b}[31m\nB"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("Ledger") && ended.stdout.contains("pipeline.run"));
    assert!(!ended.stdout.contains('\u{1b}'), "nor does a hostile name bring one in");
    assert_eq!(ended.stderr, "");
}
