//! An evaluation as text: ours in one line, the reference in the next.

use std::fmt::Write as _;

use super::Evaluation;
use super::measure::Measured;
use super::reference::STREAMS;

/// What stands for a figure there is none of.
const NONE: &str = "-";

/// All tables that have rows.
pub(super) fn text(found: &Evaluation) -> String {
    // Writing to a string cannot fail.
    let mut out = String::new();
    if !found.detection.is_empty() {
        let head = ["data", "", "ROC-AUC", "avg prec", "F1", "false al.", "missed", "events", "false ep."];
        let rows = found.detection.iter().flat_map(|m| [fused(m), fused_reference(m)]);
        out += "Fused score, at the default threshold\n";
        out += &aligned(std::iter::once(head.map(str::to_owned).to_vec()).chain(rows).collect());
        let mut head = vec!["data".to_owned(), String::new()];
        head.extend(STREAMS.map(str::to_owned));
        head.extend(["best".to_owned(), "fused".to_owned()]);
        let ranked = found.detection.iter().filter(|m| m.roc_auc.is_some());
        let rows = ranked.flat_map(|m| {
            [
                streams(m.set, "ours", &m.streams, m.roc_auc),
                streams("", "reference", &m.reference.streams, m.reference.roc_auc),
            ]
        });
        out += "\nROC-AUC of single streams\n";
        out += &aligned(std::iter::once(head).chain(rows).collect());
    }
    if let Some(life) = &found.remaining_life {
        let mut rows = vec![
            ["", "", "RMSE", "PHM08"].map(str::to_owned).to_vec(),
            vec!["ours".to_owned(), "similarity".to_owned(), one(life.rmse), one(life.phm08)],
        ];
        rows.extend(
            life.reference
                .iter()
                .map(|r| vec!["reference".to_owned(), r.method.to_owned(), one(r.rmse), one(r.phm08)]),
        );
        let _ = write!(out, "\nRemaining life, C-MAPSS FD001, {} engines\n{}", life.engines, aligned(rows));
    }
    for path in &found.skipped {
        let _ = writeln!(out, "skipped: {path}");
    }
    out
}

fn fused(m: &Measured) -> Vec<String> {
    vec![
        m.set.to_owned(),
        "ours".to_owned(),
        three(m.roc_auc),
        three(m.average_precision),
        three(m.f1),
        percent(m.false_alarm_rate),
        m.missed_rate.map_or(NONE.to_owned(), percent),
        format!("{} of {}", m.touched, m.events),
        m.false_episodes.to_string(),
    ]
}

fn fused_reference(m: &Measured) -> Vec<String> {
    let r = m.reference;
    let span = |[low, high]: [usize; 2]| if low == high { low.to_string() } else { format!("{low}-{high}") };
    let [low, high] = r.false_alarm_rate.map(percent);
    vec![
        String::new(),
        "reference".to_owned(),
        three(r.roc_auc),
        three(r.average_precision),
        three(r.f1),
        if low == high { low } else { format!("{}-{high}", low.trim_end_matches(" %")) },
        r.missed_rate.map_or(NONE.to_owned(), percent),
        format!("{} of {}", span(r.touched), r.events),
        span(r.false_episodes),
    ]
}

fn streams(set: &str, whose: &str, areas: &[Option<f64>], fused: Option<f64>) -> Vec<String> {
    let best = areas.iter().copied().flatten().reduce(f64::max);
    let areas = areas.iter().chain([&best, &fused]).copied().map(three);
    [set, whose].map(str::to_owned).into_iter().chain(areas).collect()
}

fn three(value: Option<f64>) -> String {
    value.map_or(NONE.to_owned(), |v| format!("{v:.3}"))
}

fn one(value: f64) -> String {
    format!("{value:.1}")
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// Rows of cells, each column as wide as its widest cell; the first two to the left, numbers to the right.
fn aligned(rows: Vec<Vec<String>>) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|t| t.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (c, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let _ = if c < 2 { write!(line, "{cell:<width$}  ") } else { write!(line, "{cell:>width$}  ") };
        }
        out += line.trim_end();
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_without_trailing_blanks() {
        let rows = [["a", "ours", "1.0", "2"], ["long", "", "10.0", "-"]];
        let rows = rows.map(|r| r.map(str::to_owned).to_vec()).to_vec();
        assert_eq!(aligned(rows), "a     ours   1.0  2\nlong        10.0  -\n");
    }

    #[test]
    fn the_best_stream_is_named_by_its_area() {
        let row = streams("x", "ours", &[Some(0.5), None, Some(0.75)], Some(0.7));
        assert_eq!(row, ["x", "ours", "0.500", "-", "0.750", "0.750", "0.700"]);
    }
}
