//! The rows as a table and as JSON.

use super::rows::Rows;
use super::sample::Sample;
use crate::{Answer, Findings};
use serde_json::json;
use std::fmt::Write;

/// The rows as text, with a head that says what they are.
pub(super) fn table(rounds: u32, groups: &[Rows<'_>]) -> String {
    let mut text = format!(
        "Medians of {rounds} rounds. \"ns\" is what the caller waits for a trace of 11 spans, \"CPU ns\" what the process takes\n\
         for it with its background threads, \"ratio\" a multiple of the row marked with *.\n"
    );
    let head = ["ns", "CPU ns", "allocs", "ratio", "by CPU", "arrived", "spans/CPU s", "kB", "heap kB"];
    line(&mut text, "", "", &head.map(str::to_owned));
    for rows in groups {
        for (name, sample) in rows.medians() {
            let mark = if rows.group.beside == Some(name) { " *" } else { "" };
            let cells = [
                number(sample.median_ns, 1),
                number(sample.cpu_ns, 0),
                number(sample.allocs, 2),
                number(rows.ratio(name, rows.group.beside, rows.group.figure), 2),
                number(cpu_ratio(rows, name), 2),
                number(sample.delivered.map(|part| part * 100.0), 0) + sample.delivered.map_or("", |_| "%"),
                number(sample.spans_of_cpu_second, 0),
                number(sample.bytes.map(|b| b / 1e3), 0),
                number(sample.heap_bytes.map(|b| b / 1e3), 0),
            ];
            line(&mut text, rows.group.name, &format!("{name}{mark}"), &cells);
        }
    }
    text
}

fn cpu_ratio(rows: &Rows<'_>, name: &str) -> Option<f64> {
    let cpu: fn(&Sample) -> Option<f64> = |s| s.cpu_ns;
    rows.group.beside.and_then(|beside| rows.ratio(name, Some(beside), cpu))
}

/// The rows and bars as one JSON document.
pub(super) fn json(rounds: u32, groups: &[Rows<'_>], findings: &Findings) -> Answer<String> {
    let mut all = Vec::new();
    for rows in groups {
        for (name, sample) in rows.medians() {
            let mut row = json!({"group": rows.group.name, "candidate": name});
            let figures = serde_json::to_value(sample)?;
            if let (Some(row), Some(figures)) = (row.as_object_mut(), figures.as_object()) {
                row.extend(figures.clone());
                row.insert("ratio".to_owned(), json!(rows.ratio(name, rows.group.beside, rows.group.figure)));
                row.insert("cpu_ratio".to_owned(), json!(cpu_ratio(rows, name)));
            }
            all.push(row);
        }
    }
    let bars: Vec<_> = findings.bars.iter().map(|(what, met)| json!({"bar": what, "met": met})).collect();
    Ok(format!("{:#}\n", json!({"rounds": rounds, "rows": all, "bars": bars})))
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or(String::new(), |value| format!("{value:.digits$}"))
}

fn line(text: &mut String, group: &str, name: &str, cells: &[String]) {
    let mut line = format!("{group:<13} {name:<24}");
    for (cell, width) in cells.iter().zip([8, 8, 7, 6, 6, 7, 11, 7, 7]) {
        // Writing into a `String` does not fail.
        let _ = write!(line, " {cell:>width$}");
    }
    text.push_str(line.trim_end());
    text.push('\n');
}
