//! [`Sink`]: what a destination supplies; everything else (queue, batch, retry, account) is the engine's.

use obs_core::{Cause, DropReason};
use std::time::Duration;

/// Something a sink sends: a span, a log line, a metric collection, a profile.
pub trait Item: Send + Sync + 'static {
    /// Bytes it holds in memory, roughly: what the queue's byte bound counts.
    fn weight(&self) -> usize;

    /// How many items of the ledger it stands for (a metric collection stands for its series); at least 1.
    fn count(&self) -> u64 {
        1
    }
}

/// One destination of one signal. Called by one thread at a time.
pub trait Sink<T: Item>: Send + 'static {
    /// What reports and messages call the destination: `otlp`, `loki`, `pyroscope`, `stdout`, `file`, `sqlite`.
    fn name(&self) -> &str;

    /// Sends one batch, oldest first, and waits for the answer. Blocks at most for the transport's timeout.
    fn send(&mut self, batch: &[&T]) -> Outcome;

    /// Makes what was delivered durable; called at flush and shutdown.
    fn flush(&mut self) -> Result<(), String> {
        Ok(())
    }
}

/// What became of one batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The other side has all of it.
    Delivered,
    /// The other side has all but the items with these indices; they will never be accepted.
    Partial {
        /// Indices into the batch.
        refused: Vec<usize>,
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
    /// The batch is larger than the other side accepts: the engine sends its halves, down to single items.
    TooLarge {
        /// What the other side said, one line.
        message: String,
    },
    /// None of it will ever be accepted.
    Refused {
        /// What the ledger writes.
        reason: DropReason,
        /// What the other side said, one line, without secrets.
        message: String,
    },
}
