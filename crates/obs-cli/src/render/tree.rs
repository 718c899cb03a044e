//! A trace as a tree, coloured by kind as Grafana colours it.

use anstyle::{AnsiColor, Style};
use obs::obs_core::SpanId;
use obs::obs_core::SpanKind;
use obs::obs_trace::{Outcome, SpanRecord};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Columns of the time line.
const WIDTH: usize = 32;

fn colour(kind: SpanKind) -> Style {
    match kind {
        SpanKind::Client => AnsiColor::Blue.on_default(),
        SpanKind::Internal => AnsiColor::Green.on_default(),
        SpanKind::Server => AnsiColor::Magenta.on_default(),
        SpanKind::Producer => AnsiColor::BrightRed.on_default(),
        SpanKind::Consumer => AnsiColor::Yellow.on_default(),
    }
}

/// Prints every span below its parent, in the order in which they started, with its length and its place in time.
pub(super) fn print(out: &mut impl Write, spans: &[SpanRecord]) -> io::Result<()> {
    let mut children: BTreeMap<Option<SpanId>, Vec<&SpanRecord>> = BTreeMap::new();
    for span in spans {
        children.entry(span.local_parent()).or_default().push(span);
    }
    for siblings in children.values_mut() {
        siblings.sort_by_key(|s| (s.start, std::cmp::Reverse(s.end)));
    }
    let start = spans.iter().map(|s| s.start).min().unwrap_or_default();
    let length = spans.iter().map(|s| s.end).max().unwrap_or_default().saturating_sub(start).max(1);
    for root in children.get(&None).into_iter().flatten() {
        branch(out, root, 0, &children, (start, length))?;
    }
    Ok(())
}

fn branch(
    out: &mut impl Write,
    span: &SpanRecord,
    depth: usize,
    children: &BTreeMap<Option<SpanId>, Vec<&SpanRecord>>,
    frame: (u64, u64),
) -> io::Result<()> {
    let style = colour(span.kind);
    let name = format!("{:indent$}{}", "", span.name, indent = 2 * depth);
    let told = match span.outcome {
        Outcome::Success => String::new(),
        other => format!("  {}", other.as_str()),
    };
    let (place, bar) = place(span, frame);
    writeln!(
        out,
        "  {style}{name:<34}{style:#} {:>9.2} ms  {:place$}{style}{bar}{style:#}{:rest$}  {}{told}",
        span.seconds() * 1e3,
        "",
        "",
        span.kind.as_str(),
        rest = WIDTH - place - bar.chars().count(),
    )?;
    for child in children.get(&Some(span.span_id)).into_iter().flatten() {
        branch(out, child, depth + 1, children, frame)?;
    }
    Ok(())
}

/// Where the span's bar starts, and the bar: at least one column, never past the last.
fn place(span: &SpanRecord, (start, length): (u64, u64)) -> (usize, String) {
    let column = |time: u64| (time.saturating_sub(start) as f64 / length as f64 * WIDTH as f64) as usize;
    let from = column(span.start).min(WIDTH - 1);
    let to = column(span.end).clamp(from + 1, WIDTH);
    (from, "━".repeat(to - from))
}
