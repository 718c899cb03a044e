//! [`Ledger`]: the account of every item of every signal.
//!
//! `created = delivered + spooled + sampled_out + dropped{reason}` holds once everything in flight has been settled. What
//! an earlier process left in the spool is none of this process's items; it has an account of its own, which balances
//! likewise: `created` is then what was found.

use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

mod destination;

pub use destination::{Destination, DestinationStatus, EXPORT_BUCKETS, Exports, Gauges, Probe};

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
    /// It waited in the spool until it was too old, or had to make room for newer ones.
    Expired,
    /// Its record in the spool could not be read back.
    Corrupt,
}

impl DropReason {
    /// Every reason, in the order of the enum.
    pub const ALL: [Self; 12] = [
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
        Self::Expired,
        Self::Corrupt,
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
            Self::Expired => "expired",
            Self::Corrupt => "corrupt",
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
    fn create(&self, n: u64) {
        self.created.fetch_add(n, Ordering::Relaxed);
    }

    fn settle(&self, fate: Fate, n: u64) {
        let cell = match fate {
            Fate::Delivered => &self.delivered,
            Fate::Spooled => &self.spooled,
            Fate::Dropped(reason) => &self.dropped[reason as usize],
        };
        cell.fetch_add(n, Ordering::Relaxed);
    }

    /// Spooled items met another fate. A reader between the two steps sees them in flight.
    fn unspool(&self, fate: Fate, n: u64) {
        self.spooled.fetch_sub(n, Ordering::Relaxed);
        self.settle(fate, n);
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
    inherited: [Row; 4],
    destinations: Mutex<BTreeMap<(Signal, String), Arc<Destination>>>,
}

impl Ledger {
    /// `n` items came into being.
    pub fn created(&self, signal: Signal, n: u64) {
        self.signals[signal as usize].create(n);
    }

    /// `n` items met this fate.
    pub fn settle(&self, signal: Signal, fate: Fate, n: u64) {
        self.signals[signal as usize].settle(fate, n);
    }

    /// `n` items that were [`Fate::Spooled`] met this fate.
    pub fn unspool(&self, signal: Signal, fate: Fate, n: u64) {
        self.signals[signal as usize].unspool(fate, n);
    }

    /// `n` items of earlier processes were found in the spool.
    pub fn inherit(&self, signal: Signal, n: u64) {
        let row = &self.inherited[signal as usize];
        row.create(n);
        row.settle(Fate::Spooled, n);
    }

    /// `n` items of earlier processes met this fate.
    pub fn settle_inherited(&self, signal: Signal, fate: Fate, n: u64) {
        self.inherited[signal as usize].unspool(fate, n);
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

    /// Every destination with its signal and name, by signal and name.
    pub fn destinations(&self) -> Vec<(Signal, String, Arc<Destination>)> {
        let rows = self.destinations.lock().unwrap_or_else(PoisonError::into_inner);
        rows.iter().map(|((signal, name), row)| (*signal, name.clone(), Arc::clone(row))).collect()
    }

    /// The figures as they stand.
    pub fn snapshot(&self) -> LedgerSnapshot {
        let destinations = self.destinations.lock().unwrap_or_else(PoisonError::into_inner);
        let account = |signal: Signal| SignalAccount {
            account: self.signals[signal as usize].snapshot(),
            destinations: destinations
                .iter()
                .filter(|((s, _), _)| *s == signal)
                .map(|((_, name), row)| (name.clone(), row.account()))
                .collect(),
            inherited: self.inherited[signal as usize].snapshot(),
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
    /// Whether there was nothing to account for.
    pub fn is_empty(&self) -> bool {
        self.created == 0
    }

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
    /// What earlier processes left in the spool; left out of JSON when there was nothing.
    #[serde(skip_serializing_if = "Account::is_empty")]
    pub inherited: Account,
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

    /// Whether every row of every signal is balanced.
    pub fn is_balanced(&self) -> bool {
        let balanced = |s: &SignalAccount| s.account.is_balanced() && s.inherited.is_balanced();
        Signal::ALL.iter().all(|s| balanced(self.signal(*s)))
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
    fn a_spooled_item_that_is_delivered_later_counts_once() {
        let ledger = Ledger::default();
        ledger.created(Signal::Log, 3);
        ledger.settle(Signal::Log, Fate::Spooled, 3);
        ledger.unspool(Signal::Log, Fate::Delivered, 2);
        let log = ledger.snapshot().log;
        assert_eq!((log.account.delivered, log.account.spooled), (2, 1));
        assert!(log.account.is_balanced());
    }

    #[test]
    fn what_earlier_processes_left_has_an_account_of_its_own() {
        let ledger = Ledger::default();
        assert!(ledger.snapshot().log.inherited.is_empty());
        ledger.inherit(Signal::Log, 5);
        ledger.settle_inherited(Signal::Log, Fate::Delivered, 3);
        ledger.settle_inherited(Signal::Log, Fate::Dropped(DropReason::Expired), 1);
        let snapshot = ledger.snapshot();
        assert!(snapshot.is_balanced());
        assert!(snapshot.log.account.is_empty());
        let inherited = &snapshot.log.inherited;
        assert_eq!((inherited.created, inherited.delivered, inherited.spooled), (5, 3, 1));
        assert_eq!(inherited.dropped["expired"], 1);
    }

    #[test]
    fn reasons_and_their_cells_agree() {
        for (i, reason) in DropReason::ALL.iter().enumerate() {
            assert_eq!(*reason as usize, i, "{}", reason.as_str());
        }
    }
}
