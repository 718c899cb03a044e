//! Sinks that do as a test says, and an engine that speaks into a buffer.

use obs_core::ledger::SignalAccount;
use obs_core::{Clock, Diag, Ledger, Signal};
use obs_export::{
    Batch, Cause, Cut, Encoder, Engine, Item, Limits, Outcome, Priority, Record, Sink, Spool, SpoolOptions,
    Stream,
};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Longer than anything here takes; a test that reaches it has failed.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// A folder in memory where the system has one: thousands of spools are made here, and none of them is to outlive the
/// machine.
pub(crate) fn folder_in_memory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.expect("a folder")
}

/// An item that says which it is and how heavy; it may stand for several, with the numbers that follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parcel {
    pub(crate) number: u64,
    pub(crate) weight: usize,
    pub(crate) priority: Priority,
    pub(crate) count: u64,
}

impl Item for Parcel {
    fn weight(&self) -> usize {
        self.weight
    }

    fn count(&self) -> u64 {
        self.count
    }

    fn priority(&self) -> Priority {
        self.priority
    }
}

pub(crate) fn parcel(number: u64) -> Parcel {
    Parcel { number, weight: 10, priority: Priority::Normal, count: 1 }
}

/// One item that stands for these numbers.
pub(crate) fn bundle(numbers: std::ops::Range<u64>) -> Parcel {
    Parcel { count: numbers.end - numbers.start, ..parcel(numbers.start) }
}

pub(crate) fn parcels(numbers: std::ops::Range<u64>) -> Vec<Parcel> {
    numbers.map(parcel).collect()
}

/// A sink whose answers are a closure's, which is told the numbers in a batch. A record of which it refuses one number is
/// refused whole.
pub(crate) struct Scripted<F> {
    pub(crate) name: &'static str,
    pub(crate) answer: F,
    pub(crate) remote: bool,
}

impl<F: FnMut(&[u64]) -> Outcome + Send + 'static> Sink<Parcel> for Scripted<F> {
    fn name(&self) -> &str {
        self.name
    }

    fn encoder(&self) -> Arc<dyn Encoder<Parcel>> {
        Arc::new(Numbers)
    }

    fn is_remote(&self) -> bool {
        self.remote
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        let outcome = (self.answer)(&numbers(batch));
        let Outcome::Partial { refused, reason, message } = outcome else { return outcome };
        let records = batch.records.iter().enumerate();
        let holders: Vec<usize> =
            records.flat_map(|(index, r)| std::iter::repeat_n(index, r.bytes.len() / 8)).collect();
        let refused = refused.into_iter().map(|at| holders.get(at).copied().unwrap_or(at)).collect();
        Outcome::Partial { refused, reason, message }
    }
}

/// A parcel's record is its numbers, and can be cut between any two of them.
pub(crate) struct Numbers;

impl Encoder<Parcel> for Numbers {
    fn encode(&self, parcel: &Parcel, record: &mut Vec<u8>) {
        for number in parcel.number..parcel.number + parcel.count {
            record.extend_from_slice(&number.to_be_bytes());
        }
    }

    fn cut(&self, record: &Record<'_>) -> Option<Cut> {
        assert_eq!(record.bytes.len(), record.count as usize * 8, "a record is what was written or cut");
        let items = record.count / 2;
        Some(Cut { bytes: items as usize * 8, items })
    }
}

/// The numbers in a batch.
pub(crate) fn numbers(batch: &Batch<'_>) -> Vec<u64> {
    let numbers = batch.records.iter().flat_map(|r| r.bytes.chunks(8));
    numbers.map(|bytes| u64::from_be_bytes(bytes.try_into().expect("a number"))).collect()
}

/// A sink that answers as `answer` does.
pub(crate) fn scripted(
    name: &'static str,
    answer: impl FnMut(&[u64]) -> Outcome + Send + 'static,
) -> Box<dyn Sink<Parcel>> {
    Box::new(Scripted { name, answer, remote: false })
}

/// A sink beyond this machine, which uses the spool.
pub(crate) fn remote(
    name: &'static str,
    answer: impl FnMut(&[u64]) -> Outcome + Send + 'static,
) -> Box<dyn Sink<Parcel>> {
    Box::new(Scripted { name, answer, remote: true })
}

/// A sink that reports each batch it is sent and then waits to be told the answer.
pub(crate) struct Manual {
    pub(crate) sent: Receiver<Vec<u64>>,
    pub(crate) answer: Sender<Outcome>,
}

impl Manual {
    /// The next batch it is sent.
    pub(crate) fn next(&self) -> Vec<u64> {
        self.sent.recv_timeout(LONG).expect("the sink is sent a batch")
    }

    /// Answers the batch it was sent last.
    pub(crate) fn answer(&self, outcome: Outcome) {
        self.answer.send(outcome).expect("the sink waits for an answer");
    }
}

pub(crate) fn manual(name: &'static str) -> (Manual, Box<dyn Sink<Parcel>>) {
    let (report, sent) = channel();
    let (answer, answers) = channel();
    let sink = scripted(name, move |numbers| {
        report.send(numbers.to_vec()).expect("the test is there");
        answers.recv().unwrap_or(Outcome::Delivered)
    });
    (Manual { sent, answer }, sink)
}

pub(crate) fn retry(message: &str) -> Outcome {
    Outcome::Retry { cause: Cause::Server, after: None, message: message.into() }
}

/// What `Diag` was told.
#[derive(Clone, Default)]
pub(crate) struct Said(Arc<Mutex<Vec<u8>>>);

impl Said {
    pub(crate) fn lines(&self) -> Vec<String> {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap().lines().map(str::to_owned).collect()
    }
}

impl Write for Said {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// An engine of its own, with what it says and the clock that dates its items.
pub(crate) struct Rig {
    pub(crate) engine: Engine,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) clock: Clock,
    pub(crate) said: Said,
    /// The lock of the spool's folder.
    lock: Option<PathBuf>,
}

pub(crate) fn rig() -> Rig {
    rig_at(Clock::system())
}

pub(crate) fn rig_at(clock: Clock) -> Rig {
    rig_with(clock, None)
}

/// An engine with a spool in this folder, as a process of its own would have one.
pub(crate) fn rig_in(folder: &Path) -> Rig {
    rig_with(Clock::system(), Some(SpoolOptions::new(folder)))
}

pub(crate) fn rig_with(clock: Clock, spool: Option<SpoolOptions>) -> Rig {
    let (ledger, said) = (Arc::new(Ledger::default()), Said::default());
    let diag = Diag::to(Box::new(said.clone()), clock.clone());
    let mut lock = None;
    let mut engine = Engine::new(Arc::clone(&ledger), clock.clone(), diag.clone());
    if let Some(options) = spool {
        let spool = Spool::open(options, "acm", clock.clone(), diag).expect("a spool");
        lock = Some(spool.folder().join(".lock"));
        engine = engine.with_spool(Arc::new(spool));
    }
    Rig { engine, ledger, clock, said, lock }
}

impl Rig {
    /// Ends as a process does: when this returns, no thread has the spool's files any longer.
    pub(crate) fn end(self) {
        drop(self.engine);
        let Some(lock) = self.lock else { return };
        while File::open(&lock).is_ok_and(|lock| lock.try_lock().is_err()) {
            std::thread::yield_now();
        }
    }

    pub(crate) fn stream(&self, sinks: Vec<Box<dyn Sink<Parcel>>>, limits: Limits) -> Stream<Parcel> {
        self.engine.stream(Signal::Log, sinks, limits)
    }

    /// The account of the signal, after checking that it and those of its destinations are balanced.
    pub(crate) fn balanced(&self) -> SignalAccount {
        balanced(&self.ledger)
    }
}

/// The account of the signal, after checking that it and those of its destinations are balanced.
pub(crate) fn balanced(ledger: &Ledger) -> SignalAccount {
    let log = ledger.snapshot().log;
    assert!(log.account.is_balanced(), "{log:?}");
    assert!(log.destinations.values().all(obs_core::ledger::Account::is_balanced), "{log:?}");
    assert!(log.inherited.is_balanced(), "{log:?}");
    log
}

/// Limits under which a batch goes out at once.
pub(crate) fn eager() -> Limits {
    Limits { max_age: Duration::ZERO, ..Limits::default() }
}
