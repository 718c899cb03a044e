//! [`FlushReport`] and [`ShutdownReport`]: what a flush and a shutdown achieved.

use obs_core::ledger::Account;
use obs_core::{LedgerSnapshot, Signal};
use serde::{Serialize, Serializer};
use std::fmt;
use std::time::Duration;

/// What a flush achieved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[must_use = "a flush may be incomplete"]
pub struct FlushReport {
    /// How long it took; in JSON, seconds.
    #[serde(serialize_with = "seconds")]
    pub elapsed: Duration,
    /// Destinations (`log/loki`) that still had items from before the flush when the deadline passed.
    pub waiting: Vec<String>,
    /// Destinations that could not make durable what was delivered, with the cause.
    pub failed: Vec<String>,
}

impl FlushReport {
    /// Whether every item from before the flush was answered for and made durable.
    pub fn is_complete(&self) -> bool {
        self.waiting.is_empty() && self.failed.is_empty()
    }
}

/// What became of everything, as a shutdown leaves it.
///
/// `Display` writes one line for each signal that had items, one for what earlier processes had left of it, and one for
/// the destinations that were cut off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ShutdownReport {
    /// How long it took; in JSON, seconds.
    #[serde(serialize_with = "seconds")]
    pub elapsed: Duration,
    /// The accounts of the four signals.
    pub signals: LedgerSnapshot,
    /// Destinations (`log/loki`) of which the deadline cut something off.
    pub timed_out: Vec<String>,
    /// Destinations that could not make durable what was delivered, with the cause.
    pub failed: Vec<String>,
}

impl ShutdownReport {
    /// Whether nothing was dropped, cut off or left in doubt.
    pub fn is_clean(&self) -> bool {
        self.timed_out.is_empty()
            && self.failed.is_empty()
            && self.signals.is_balanced()
            && self.signals.dropped_total() == 0
    }
}

impl fmt::Display for ShutdownReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Vec::new();
        for signal in Signal::ALL {
            let of_signal = self.signals.signal(signal);
            if !of_signal.account.is_empty() {
                lines.push(format!("{}: {}", signal.as_str(), sentence(&of_signal.account, "created")));
            }
            if !of_signal.inherited.is_empty() {
                let left = sentence(&of_signal.inherited, "found");
                lines.push(format!("{} of earlier processes: {left}", signal.as_str()));
            }
        }
        if !self.timed_out.is_empty() {
            lines.push(format!(
                "cut off after {:.1} s: {}",
                self.elapsed.as_secs_f64(),
                self.timed_out.join(", ")
            ));
        }
        lines.extend(self.failed.iter().map(|failed| format!("not durable: {failed}")));
        f.write_str(&lines.join("\n"))
    }
}

/// `12 created, 9 delivered, 3 dropped (queue_full 1, refused 2)`; zeros are left out.
fn sentence(account: &Account, came: &str) -> String {
    let mut parts = vec![format!("{} {came}", account.created)];
    for (n, what) in [
        (account.delivered, "delivered"),
        (account.spooled, "spooled"),
        (account.sampled_out, "sampled out"),
        (account.in_flight(), "in flight"),
    ] {
        if n > 0 {
            parts.push(format!("{n} {what}"));
        }
    }
    if account.dropped_total() > 0 {
        let reasons: Vec<String> =
            account.dropped.iter().map(|(reason, n)| format!("{reason} {n}")).collect();
        parts.push(format!("{} dropped ({})", account.dropped_total(), reasons.join(", ")));
    }
    parts.join(", ")
}

fn seconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}
