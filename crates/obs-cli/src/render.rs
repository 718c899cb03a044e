//! The run card for people.

mod tree;

use anstyle::{AnsiColor, Style};
use obs::obs_profile::TopFunction;
use obs::obs_trace::SpanRecord;
use obs_pipeline::card::RunCard;
use std::io::{self, Write};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const CAREFUL: Style = AnsiColor::Yellow.on_default();
const BAD: Style = AnsiColor::Red.on_default();

/// Longest text of foreign origin (sensor, function) shown in a column.
const CLIP: usize = 48;

/// Prints the card, the trace as a tree, and the hottest functions of the slowest span.
pub(crate) fn card(
    out: &mut impl Write,
    card: &RunCard,
    spans: &[SpanRecord],
    hottest: Option<&(&SpanRecord, Option<Vec<TopFunction>>)>,
) -> io::Result<()> {
    head(out, card)?;
    episodes(out, card)?;
    outlook(out, card)?;
    if !spans.is_empty() {
        heading(out, "Trace")?;
        tree::print(out, spans)?;
    }
    if let Some((span, Some(functions))) = hottest {
        hot(out, span, functions)?;
    }
    ledger(out, card)?;
    heading(out, "Files")?;
    for (name, path) in &card.artifacts {
        writeln!(out, "  {name:<24} {}", path.display())?;
    }
    Ok(())
}

fn heading(out: &mut impl Write, title: &str) -> io::Result<()> {
    writeln!(out, "\n{BOLD}{title}{BOLD:#}")
}

fn head(out: &mut impl Write, card: &RunCard) -> io::Result<()> {
    let style = match card.outcome {
        "success" => GOOD,
        "noop" => CAREFUL,
        _ => BAD,
    };
    let reason = card.reason.as_deref().map(|r| format!(" ({})", clean(r))).unwrap_or_default();
    writeln!(out, "\n{BOLD}{}{BOLD:#}  {style}{}{style:#}{reason}", clean(&card.equipment), card.outcome)?;
    writeln!(out, "  run      {}", card.run_id)?;
    if !card.trace_id.is_empty() {
        writeln!(out, "  trace    {}", card.trace_id)?;
    }
    let r = card.rows;
    writeln!(
        out,
        "  rows     {} read, {} train, {} scored, {} dropped",
        r.read, r.train, r.scored, r.dropped
    )?;
    writeln!(out, "  sensors  {}", card.sensors.len())?;
    for warning in &card.warnings {
        writeln!(out, "  {CAREFUL}warning{CAREFUL:#}  {}", clean(warning))?;
    }
    Ok(())
}

fn episodes(out: &mut impl Write, card: &RunCard) -> io::Result<()> {
    heading(out, &format!("Episodes: {}", card.episodes.len()))?;
    for e in &card.episodes {
        let style = match e.severity {
            "critical" => BAD,
            "warning" => CAREFUL,
            _ => Style::new(),
        };
        let culprits: Vec<String> =
            e.culprits.iter().map(|c| format!("{} {:.0} %", clip(&c.sensor), 100.0 * c.share)).collect();
        let unit = e.unit.as_deref().map(|u| format!("unit {}  ", clip(u))).unwrap_or_default();
        writeln!(
            out,
            "  {} to {}  {unit}peak {:>5.2}  {style}{:<8}{style:#}  {DIM}{}{DIM:#}",
            e.start,
            e.end,
            e.peak_z,
            e.severity,
            culprits.join(", ")
        )?;
    }
    Ok(())
}

fn outlook(out: &mut impl Write, card: &RunCard) -> io::Result<()> {
    let Some(health) = card.health else { return Ok(()) };
    let style = match health {
        h if h >= 70.0 => GOOD,
        h if h >= 30.0 => CAREFUL,
        _ => BAD,
    };
    heading(out, "Outlook")?;
    writeln!(out, "  health          {style}{health:.1}{style:#} of 100, drift {}", card.drift)?;
    match (&card.rul, &card.rul_refusal) {
        (Some(rul), _) => {
            writeln!(out, "  remaining life  {:.0} h (P10 {:.0} h, P90 {:.0} h)", rul.hours, rul.p10, rul.p90)
        }
        (None, Some(reason)) => writeln!(out, "  remaining life  {DIM}not given: {}{DIM:#}", clean(reason)),
        (None, None) => Ok(()),
    }
}

fn hot(out: &mut impl Write, span: &SpanRecord, functions: &[TopFunction]) -> io::Result<()> {
    heading(out, &format!("Slowest span: {} ({:.1} ms)", span.name, span.seconds() * 1e3))?;
    if functions.is_empty() {
        return writeln!(out, "  {DIM}no stack sample fell into it{DIM:#}");
    }
    let all: u64 = functions.iter().map(|f| f.own).sum();
    for f in functions {
        let bar = "█".repeat((f.own * 20).div_ceil(all.max(1)) as usize);
        writeln!(out, "  {CAREFUL}{bar:<20}{CAREFUL:#} {:>3} samples  {}", f.own, clip(&f.name))?;
    }
    Ok(())
}

fn ledger(out: &mut impl Write, card: &RunCard) -> io::Result<()> {
    heading(out, "Ledger")?;
    writeln!(
        out,
        "  {DIM}{:<8} {:>8} {:>10} {:>8} {:>12} {:>8}{DIM:#}",
        "signal", "created", "delivered", "spooled", "sampled out", "dropped"
    )?;
    for signal in obs::Signal::ALL {
        let a = &card.ledger.signal(signal).account;
        let style = if a.dropped_total() == 0 && a.is_balanced() { GOOD } else { BAD };
        let reasons: Vec<String> = a.dropped.iter().map(|(reason, n)| format!("{reason} {n}")).collect();
        writeln!(
            out,
            "  {:<8} {:>8} {:>10} {:>8} {:>12} {style}{:>8}{style:#} {}",
            signal.as_str(),
            a.created,
            a.delivered,
            a.spooled,
            a.sampled_out,
            a.dropped_total(),
            reasons.join(", ")
        )?;
    }
    for signal in obs::Signal::ALL {
        if card.ledger.signal(signal).account.spooled > 0 {
            let name = signal.as_str();
            writeln!(out, "  {DIM}{name}: what is spooled waits on disk for a later run{DIM:#}")?;
        }
        let earlier = &card.ledger.signal(signal).inherited;
        if !earlier.is_empty() {
            let (name, found, delivered) = (signal.as_str(), earlier.created, earlier.delivered);
            writeln!(
                out,
                "  {DIM}{name}: earlier runs left {found}, of which {delivered} were delivered now{DIM:#}"
            )?;
        }
    }
    let p = card.profile;
    writeln!(out, "  {DIM}{} of {} stack samples know their span{DIM:#}", p.with_span, p.samples)
}

/// Text of foreign origin, with control characters escaped, so that it cannot move the cursor or colour the terminal.
pub(crate) fn clean(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

fn clip(text: &str) -> String {
    let clean = clean(text);
    if clean.chars().count() <= CLIP {
        return clean;
    }
    clean.chars().take(CLIP - 1).chain(std::iter::once('…')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_control_the_terminal() {
        assert_eq!(clean("a\u{1b}[31m\nb"), "a\\u{1b}[31m\\nb");
        assert_eq!(clip(&"x".repeat(100)).chars().count(), CLIP);
    }
}
