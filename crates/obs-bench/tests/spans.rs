//! `obs-bench spans`, with a few traces: that every candidate can be measured, not what comes of it.

use obs_bench::spans::{self, Args};
use std::path::Path;

#[test]
fn every_candidate_of_every_group_has_a_row() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spans.json");
    let args = Args { rounds: 1, traces: 500, only: Vec::new(), json: Some(file.clone()) };
    let findings = spans::run(&args, Path::new(env!("CARGO_BIN_EXE_obs-bench"))).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let rows = json["rows"].as_array().unwrap();
    // Where the rival's memory did not grow at all, there is nothing to be a multiple of.
    let grew = |row: &serde_json::Value, figure: &str| row[figure].as_f64().is_some_and(|bytes| bytes > 0.0);
    let is_weightless = |group: &serde_json::Value| {
        let rival = rows.iter().find(|row| row["group"] == *group && row["candidate"] == "fastrace");
        rival.is_some_and(|row| row["bytes"].is_number() && !grew(row, "bytes") && !grew(row, "heap_bytes"))
    };
    for row in rows {
        let measured = |figure: &str| row[figure].as_f64().is_some_and(|n| n >= 0.0);
        assert!(measured("median_ns") || measured("bytes"), "{row}");
        assert!(measured("ratio") || is_weightless(&row["group"]), "{row}");
    }
    assert!(rows.iter().any(|row| row["group"] == "saturated" && row["candidate"] == "opentelemetry_sdk"));
    assert_eq!(json["bars"].as_array().unwrap().len(), findings.bars.len());
    for group in ["sampled", "off", "async-fn", "tracing-layer", "otel-bridge", "100,000 open"] {
        assert!(findings.bars.iter().any(|(what, _)| what.starts_with(&format!("{group}: "))), "{group}");
    }
    // The table has a line for each row, below a head of three.
    assert_eq!(findings.text.lines().count(), rows.len() + 3);
}
