//! The metrics of delivery itself, read off the ledger: outcomes of items, what waits, how exports go, what they cost.
//!
//! A reading lists every outcome, reason and cause from zero on, so that the first loss is visible to `rate()`. The
//! reason of an outcome that has none is empty, in every format: Prometheus and OpenMetrics take an empty label for an
//! absent one and want one set of label names per metric, and OTLP allows empty strings.

use crate::catalogue as c;
use crate::collect::Collected;
use crate::snapshot::HistogramValue;
use obs_core::ledger::{Account, DestinationStatus, EXPORT_BUCKETS};
use obs_core::{DropReason, Ledger, Signal};
use std::borrow::Cow;
use std::sync::Arc;

/// The value of `sink` for the row of a signal: an item once, however many sinks it goes to.
const ALL: &str = "all";

/// What the ledger says at `now`, nanoseconds since the Unix epoch.
pub(crate) fn collect(ledger: &Ledger, now: u64, out: &mut Collected) {
    let snapshot = ledger.snapshot();
    for signal in Signal::ALL {
        let (name, row) = (signal.as_str(), snapshot.signal(signal));
        account(out, name, ALL, &row.account);
        // What is sampled out reaches no sink, so the rows of sinks have no such outcome.
        out.counter(&c::ITEMS, [name, ALL, "sampled_out", ""], row.account.sampled_out as f64);
        for (outcome, reason, n) in outcomes(&row.inherited) {
            out.counter(&c::INHERITED_ITEMS, [name, outcome, reason], n as f64);
        }
        out.gauge(&c::SPOOLED_INHERITED_ITEMS, [name], row.inherited.spooled as f64);
    }
    let bounds = EXPORT_BUCKETS.into();
    for (signal, name, row) in ledger.destinations() {
        destination(out, [signal.as_str(), &label(&name)], &row.status(), &bounds, now);
    }
}

/// The figures of items, of a signal or of one of its sinks.
fn account(out: &mut Collected, signal: &str, sink: &str, account: &Account) {
    out.counter(&c::CREATED_ITEMS, [signal, sink], account.created as f64);
    for (outcome, reason, n) in outcomes(account) {
        out.counter(&c::ITEMS, [signal, sink, outcome, reason], n as f64);
    }
    // A gauge of its own: what is on disk is delivered later, and a counter may not go down.
    out.gauge(&c::SPOOLED_ITEMS, [signal, sink], account.spooled as f64);
}

/// Delivered and dropped items, with every reason.
fn outcomes(account: &Account) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
    let dropped = DropReason::ALL.map(DropReason::as_str).into_iter();
    let dropped =
        dropped.map(|reason| ("dropped", reason, account.dropped.get(reason).copied().unwrap_or_default()));
    std::iter::once(("delivered", "", account.delivered)).chain(dropped)
}

fn destination(
    out: &mut Collected,
    labels: [&str; 2],
    status: &DestinationStatus,
    bounds: &Arc<[f64]>,
    now: u64,
) {
    let [signal, sink] = labels;
    let waiting = status.waiting;
    account(out, signal, sink, &status.account);
    out.gauge(&c::QUEUE_ITEMS, labels, waiting.queue_items as f64);
    out.gauge(&c::QUEUE_BYTES, labels, waiting.queue_bytes as f64);
    out.gauge(&c::SPOOL_ITEMS, labels, waiting.spool_items as f64);
    out.gauge(&c::SPOOL_BYTES, labels, waiting.spool_bytes as f64);
    // Zero also for a time ahead of ours: an earlier process may have had another clock.
    let age = waiting.spool_oldest.map_or(0, |oldest| now.saturating_sub(oldest));
    out.gauge(&c::SPOOL_OLDEST_AGE, labels, age as f64 / 1e9);
    let counts = status.exports.counts.to_vec();
    let exemplars = vec![None; counts.len()];
    let durations =
        HistogramValue { bounds: Arc::clone(bounds), counts, sum: status.exports.seconds, exemplars };
    out.histogram(&c::EXPORT_DURATION, labels, durations);
    for (cause, n) in status.failures {
        out.counter(&c::EXPORT_FAILURES, [signal, sink, cause.as_str()], n as f64);
    }
    out.counter(&c::EXPORTER_CPU, labels, status.cpu_seconds);
}

/// The value of `sink` for a destination. One that is called `all` gets an underscore more, and so does one that
/// looks like the result: two equal series would make the whole reading unreadable.
fn label(name: &str) -> Cow<'_, str> {
    if name.trim_end_matches('_') == ALL { Cow::Owned(format!("{name}_")) } else { Cow::Borrowed(name) }
}

#[cfg(test)]
mod tests;
