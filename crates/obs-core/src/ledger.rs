//! [`Ledger`]: the account of every item of every signal.
//!
//! `created = delivered + spooled + sampled_out + dropped{reason}` holds once everything in flight has been settled.

use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The four signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Signal {
    /// Spans; one item is one span.
    Trace,
    /// Log lines; one item is one line.
    Log,
    /// Metrics; one item is one series of one collection.
    Metric,
    /// Profiles; one item is one stack sample.
    Profile,
}

impl Signal {
    /// All four, in the order of reports.
    pub const ALL: [Self; 4] = [Self::Trace, Self::Log, Self::Metric, Self::Profile];

    /// `trace`, `log`, `metric` or `profile`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Log => "log",
            Self::Metric => "metric",
            Self::Profile => "profile",
        }
    }
}

/// Why an item did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum DropReason {
    /// The queue was full (items or bytes).
    QueueFull,
    /// The other side refused the item for good (4xx, partial success, constraint).
    Refused,
    /// The other side stayed unreachable until the retry deadline.
    RetryExhausted,
    /// The shutdown deadline passed before the item could be sent.
    ShutdownDeadline,
    /// The item alone is larger than the destination accepts.
    TooLarge,
    /// The item could not be encoded or written (a full disk, a closed pipe).
    WriteFailed,
    /// A limit of the recorder was hit (ring overflow, spans per trace).
    Limit,
    /// The span was still open at shutdown.
    Unfinished,
    /// The item was recorded after shutdown.
    AfterShutdown,
    /// A delivery thread died with the item in hand.
    WorkerLost,
}

impl DropReason {
    /// Every reason, in the order of the enum.
    pub const ALL: [Self; 10] = [
        Self::QueueFull,
        Self::Refused,
        Self::RetryExhausted,
        Self::ShutdownDeadline,
        Self::TooLarge,
        Self::WriteFailed,
        Self::Limit,
        Self::Unfinished,
        Self::AfterShutdown,
        Self::WorkerLost,
    ];

    /// The reason as reports and metrics write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::Refused => "refused",
            Self::RetryExhausted => "retry_exhausted",
            Self::ShutdownDeadline => "shutdown_deadline",
            Self::TooLarge => "too_large",
            Self::WriteFailed => "write_failed",
            Self::Limit => "limit",
            Self::Unfinished => "unfinished",
            Self::AfterShutdown => "after_shutdown",
            Self::WorkerLost => "worker_lost",
        }
    }
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The other side has it.
    Delivered,
    /// It is safe on disk and will be sent later.
    Spooled,
    /// It did not arrive, for this reason.
    Dropped(DropReason),
}

#[derive(Debug, Default)]
struct Row {
    created: AtomicU64,
    delivered: AtomicU64,
    spooled: AtomicU64,
    sampled_out: AtomicU64,
    dropped: [AtomicU64; DropReason::ALL.len()],
}

impl Row {
    fn settle(&self, fate: Fate, n: u64) {
        let cell = match fate {
            Fate::Delivered => &self.delivered,
            Fate::Spooled => &self.spooled,
            Fate::Dropped(reason) => &self.dropped[reason as usize],
        };
        cell.fetch_add(n, Ordering::Relaxed);
    }

    fn snapshot(&self) -> Account {
        let dropped = DropReason::ALL
            .iter()
            .map(|r| (r.as_str(), self.dropped[*r as usize].load(Ordering::Acquire)))
            .filter(|(_, n)| *n > 0)
            .collect();
        Account {
            delivered: self.delivered.load(Ordering::Acquire),
            spooled: self.spooled.load(Ordering::Acquire),
            sampled_out: self.sampled_out.load(Ordering::Acquire),
            dropped,
            // Last, so that an item settled meanwhile is at worst seen in flight, never settled before created.
            created: self.created.load(Ordering::Acquire),
        }
    }
}

/// The account of one process (or one test): a row per signal, and beside it a row per destination of a signal.
///
/// An item with several destinations counts once in its signal's row, with the worst of its fates; in the rows of the
/// destinations it counts once each.
#[derive(Debug, Default)]
pub struct Ledger {
    signals: [Row; 4],
    destinations: Mutex<BTreeMap<(Signal, String), Arc<Destination>>>,
}

/// One destination's row.
#[derive(Debug, Default)]
pub struct Destination(Row);

impl Destination {
    /// `n` items were handed to the destination.
    pub fn created(&self, n: u64) {
        self.0.created.fetch_add(n, Ordering::Relaxed);
    }

    /// `n` items met this fate here.
    pub fn settle(&self, fate: Fate, n: u64) {
        self.0.settle(fate, n);
    }
}

impl Ledger {
    /// `n` items came into being.
    pub fn created(&self, signal: Signal, n: u64) {
        self.signals[signal as usize].created.fetch_add(n, Ordering::Relaxed);
    }

    /// `n` items met this fate.
    pub fn settle(&self, signal: Signal, fate: Fate, n: u64) {
        self.signals[signal as usize].settle(fate, n);
    }

    /// `n` items were left out by a sampling decision.
    pub fn sampled_out(&self, signal: Signal, n: u64) {
        self.signals[signal as usize].sampled_out.fetch_add(n, Ordering::Relaxed);
    }

    /// The row of a destination, made on first use.
    pub fn destination(&self, signal: Signal, name: &str) -> Arc<Destination> {
        let mut rows = self.destinations.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(rows.entry((signal, name.to_owned())).or_default())
    }

    /// The figures as they stand.
    pub fn snapshot(&self) -> LedgerSnapshot {
        let destinations = self.destinations.lock().unwrap_or_else(PoisonError::into_inner);
        let account = |signal: Signal| SignalAccount {
            account: self.signals[signal as usize].snapshot(),
            destinations: destinations
                .iter()
                .filter(|((s, _), _)| *s == signal)
                .map(|((_, name), row)| (name.clone(), row.0.snapshot()))
                .collect(),
        };
        LedgerSnapshot {
            trace: account(Signal::Trace),
            log: account(Signal::Log),
            metric: account(Signal::Metric),
            profile: account(Signal::Profile),
        }
    }
}

/// The figures of one row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Items that came into being.
    pub created: u64,
    /// Items the other side has.
    pub delivered: u64,
    /// Items on disk, to be sent later.
    pub spooled: u64,
    /// Items left out by a sampling decision.
    pub sampled_out: u64,
    /// Items that did not arrive, by reason; reasons without an item are left out.
    pub dropped: BTreeMap<&'static str, u64>,
}

impl Account {
    /// Items that did not arrive, all reasons together.
    pub fn dropped_total(&self) -> u64 {
        self.dropped.values().sum()
    }

    /// Items whose fate is still open.
    pub fn in_flight(&self) -> u64 {
        let settled = self.delivered + self.spooled + self.sampled_out + self.dropped_total();
        self.created.saturating_sub(settled)
    }

    /// Whether `created` equals the sum of all fates.
    pub fn is_balanced(&self) -> bool {
        self.created == self.delivered + self.spooled + self.sampled_out + self.dropped_total()
    }
}

/// The figures of one signal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SignalAccount {
    /// Per item.
    #[serde(flatten)]
    pub account: Account,
    /// Per item and destination.
    pub destinations: BTreeMap<String, Account>,
}

/// The figures of all signals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LedgerSnapshot {
    /// Spans.
    pub trace: SignalAccount,
    /// Log lines.
    pub log: SignalAccount,
    /// Series of metric collections.
    pub metric: SignalAccount,
    /// Stack samples.
    pub profile: SignalAccount,
}

impl LedgerSnapshot {
    /// The row of a signal.
    pub fn signal(&self, signal: Signal) -> &SignalAccount {
        match signal {
            Signal::Trace => &self.trace,
            Signal::Log => &self.log,
            Signal::Metric => &self.metric,
            Signal::Profile => &self.profile,
        }
    }

    /// Whether every signal's row is balanced.
    pub fn is_balanced(&self) -> bool {
        Signal::ALL.iter().all(|s| self.signal(*s).account.is_balanced())
    }

    /// Items that did not arrive, all signals and reasons together.
    pub fn dropped_total(&self) -> u64 {
        Signal::ALL.iter().map(|s| self.signal(*s).account.dropped_total()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_settled_ledger_is_balanced() {
        let ledger = Ledger::default();
        ledger.created(Signal::Log, 4);
        assert_eq!(ledger.snapshot().log.account.in_flight(), 4);
        ledger.settle(Signal::Log, Fate::Delivered, 2);
        ledger.settle(Signal::Log, Fate::Dropped(DropReason::QueueFull), 1);
        assert!(!ledger.snapshot().is_balanced());
        ledger.sampled_out(Signal::Log, 1);
        let snapshot = ledger.snapshot();
        assert!(snapshot.is_balanced());
        assert_eq!(snapshot.log.account.dropped, BTreeMap::from([("queue_full", 1)]));
    }

    #[test]
    fn destinations_have_rows_of_their_own() {
        let ledger = Ledger::default();
        let loki = ledger.destination(Signal::Log, "loki");
        loki.created(1);
        ledger.destination(Signal::Log, "loki").settle(Fate::Delivered, 1);
        let snapshot = ledger.snapshot();
        assert!(snapshot.log.destinations["loki"].is_balanced());
        assert_eq!(snapshot.log.destinations["loki"].delivered, 1);
        assert!(snapshot.trace.destinations.is_empty());
    }

    #[test]
    fn reasons_and_their_cells_agree() {
        for (i, reason) in DropReason::ALL.iter().enumerate() {
            assert_eq!(*reason as usize, i, "{}", reason.as_str());
        }
    }
}
