//! [`Sink`]: what a destination supplies; everything else (queue, batch, retry, spool, account) is the engine's.

use obs_core::{Cause, DropReason};
use std::sync::Arc;
use std::time::Duration;

/// Something a sink sends: a span, a log line, a metric collection, a profile.
pub trait Item: Send + Sync + 'static {
    /// Bytes it holds in memory, roughly: what the queue's byte bound counts.
    fn weight(&self) -> usize;

    /// How many items of the ledger it stands for (a metric collection stands for its series); at least 1.
    fn count(&self) -> u64 {
        1
    }

    /// Which items go first when the queue is full.
    fn priority(&self) -> Priority {
        Priority::Normal
    }
}

/// Which items go first when a queue is full: an item makes room for one of a higher priority, never the reverse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Priority {
    /// Goes first: log lines below INFO.
    Low,
    /// The rest.
    #[default]
    Normal,
    /// Goes last: log lines from ERROR on. With a spool that has room it never goes: see [`Limits`](crate::Limits).
    High,
}

impl Priority {
    /// From the one that goes first to the one that goes last.
    pub const ALL: [Self; 3] = [Self::Low, Self::Normal, Self::High];
}

/// Writes items as records: the bytes that a sink sends, and that survive in the spool.
///
/// It is called on the destination's threads, several at a time. A record must be whole by itself: it may be sent in
/// another batch than the one it was encoded with, by another process, years of uptime later. What all records of this
/// process share (who is speaking) is the [`context`](Encoder::context), which travels with them.
pub trait Encoder<T: Item>: Send + Sync + 'static {
    /// What every record of this process shares; empty by default. Asked once.
    fn context(&self) -> Vec<u8> {
        Vec::new()
    }

    /// Appends the record of `item` to `record`.
    fn encode(&self, item: &T, record: &mut Vec<u8>);

    /// The record of an item that is one already: then it is sent as it is, and not copied. `None` by default.
    fn encoded<'a>(&self, item: &'a T) -> Option<&'a [u8]> {
        let _ = item;
        None
    }

    /// Where to cut a record that stands for several items, so that both stretches are records by themselves; about the
    /// middle, so that what the other side does not take is found soon. Records of this encoder, also of earlier versions,
    /// and stretches that it cut before. `None`, the default, means that the record is sent whole or not at all; so does a cut
    /// that leaves nothing on one side.
    fn cut(&self, record: &Record<'_>) -> Option<Cut> {
        let _ = record;
        None
    }
}

/// A place between two items of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Bytes of the record before it.
    pub bytes: usize,
    /// Items of the ledger before it.
    pub items: u32,
}

/// One destination of one signal. Called by one thread at a time.
pub trait Sink<T: Item>: Send + 'static {
    /// What reports and messages call the destination: `otlp`, `loki`, `pyroscope`, `stdout`, `file`, `sqlite`.
    fn name(&self) -> &str;

    /// What writes items as records for this sink. Asked once.
    fn encoder(&self) -> Arc<dyn Encoder<T>>;

    /// Sends one batch, oldest first, and waits for the answer. Blocks at most for the transport's timeout.
    fn send(&mut self, batch: &Batch<'_>) -> Outcome;

    /// Makes what was delivered durable; called at flush and shutdown.
    fn flush(&mut self) -> Result<(), String> {
        Ok(())
    }

    /// Whether the destination is beyond this machine's files: such items go to the spool, when there is one, while it
    /// cannot be reached.
    fn is_remote(&self) -> bool {
        false
    }
}

/// Records that go out together.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// What all of them share: [`Encoder::context`] of the process that made them.
    pub context: &'a [u8],
    /// The records, oldest first; at least one.
    pub records: &'a [Record<'a>],
}

impl Batch<'_> {
    /// Items of the ledger that the records stand for.
    pub fn count(&self) -> u64 {
        self.records.iter().map(|r| u64::from(r.count)).sum()
    }

    /// Bytes of all records.
    pub fn bytes(&self) -> usize {
        self.records.iter().map(|r| r.bytes.len()).sum()
    }
}

/// One item as [`Encoder::encode`] wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The record.
    pub bytes: &'a [u8],
    /// How many items of the ledger it stands for.
    pub count: u32,
}

/// What became of one batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The other side has all of it.
    Delivered,
    /// The other side has all but the records with these indices; they will never be accepted.
    Partial {
        /// Indices into the batch.
        refused: Vec<usize>,
        /// What the ledger writes for them.
        reason: DropReason,
        /// What the other side said, one line, without secrets.
        message: String,
    },
    /// The other side has all but so many items, and does not say which; they will never be accepted. The oldest ones count
    /// as refused.
    Short {
        /// Items of the ledger, not records; as many as the batch stands for when it is more.
        refused: u64,
        /// What the ledger writes for them.
        reason: DropReason,
        /// What the other side said, one line, without secrets.
        message: String,
    },
    /// None of it arrived; trying again may help.
    Retry {
        /// Why, as a class.
        cause: Cause,
        /// How long the other side asked to wait (`Retry-After`).
        after: Option<Duration>,
        /// What happened, one line, without secrets.
        message: String,
    },
    /// The batch is larger than the other side accepts: the engine sends its halves, down to single records, and to the stretches
    /// of a record that [`Encoder::cut`] knows.
    TooLarge {
        /// What the other side said, one line.
        message: String,
    },
    /// The batch as it is will never be accepted. With [`DropReason::Refused`] one item may be to blame: the engine sends
    /// halves, as for [`Outcome::TooLarge`], until it is found. For any other reason the whole batch is dropped.
    Refused {
        /// What the ledger writes.
        reason: DropReason,
        /// What the other side said, one line, without secrets.
        message: String,
    },
}

/// Encodes items and sends them as one batch, without an engine: for tests of a sink, and for programs that deliver
/// themselves.
pub fn send_items<T: Item, S: Sink<T> + ?Sized>(sink: &mut S, items: &[&T]) -> Outcome {
    let encoder = sink.encoder();
    let (mut bytes, mut ends) = (Vec::new(), Vec::with_capacity(items.len()));
    for item in items {
        encoder.encode(item, &mut bytes);
        ends.push(bytes.len());
    }
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let records: Vec<Record<'_>> = starts
        .zip(&ends)
        .zip(items)
        .map(|((start, end), item)| Record { bytes: &bytes[start..*end], count: item.count() as u32 })
        .collect();
    sink.send(&Batch { context: &encoder.context(), records: &records })
}
