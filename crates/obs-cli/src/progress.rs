//! A progress bar over the phases of a run, on a terminal only.

use indicatif::{ProgressBar, ProgressStyle};
use obs::obs_trace::SpanRecord;
use obs_pipeline::phases::TOP_LEVEL;
use std::io::IsTerminal;

/// A bar on stderr; hidden when stderr is not a terminal.
pub(crate) fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(TOP_LEVEL.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos:>2}/{len} {msg}") {
        bar.set_style(style);
    }
    bar
}

/// Moves the bar on when a phase has ended.
pub(crate) fn advance(bar: &ProgressBar, span: &SpanRecord) {
    if TOP_LEVEL.contains(&span.name.as_ref()) {
        bar.set_message(span.name.clone().into_owned());
        bar.inc(1);
    }
}
