//! [`Library`]: what every candidate can do; [`Delivered`]: the end that spans arrive at.

use crate::Answer;
use std::ops::Range;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Spans of one trace: a root and ten children.
pub(super) const SPANS: u64 = 11;
/// Children are made in pairs, from two places of the source. Each span has an integer and a short text that lives as long
/// as the program: for a library whose attributes are text that is the cheapest, as a float would have to be printed.
pub(super) const PAIRS: u64 = 5;
/// The short text.
pub(super) const TEXT: &str = "isolation";
/// Longer than any delivery takes.
pub(super) const LONG: Duration = Duration::from_secs(20);

/// A library at work, set up for this process.
pub(super) trait Library: Sync {
    /// Makes a trace for each number, on this thread.
    fn traces(&self, numbers: Range<u64>);

    /// Hands over what was made, as the library's documentation says to at the end of a program.
    fn flush(&self) -> Answer<()>;

    /// Spans that have arrived so far.
    fn delivered(&self) -> u64;

    /// Waits until this many spans in total have arrived.
    fn wait(&self, _spans: u64) -> Answer<()> {
        self.flush()
    }

    /// Spans that the library says it has dropped; zero if it does not say.
    fn dropped(&self) -> u64 {
        0
    }
}

/// A library whose memory is looked at while it holds something.
pub(super) trait Holds {
    /// Opens so many spans with an integer and a text, below a root, calls `look` and ends them.
    fn with_open(&self, spans: u64, look: &mut dyn FnMut() -> Answer<()>) -> Answer<()>;

    /// Adds so many events with an integer to one open span, calls `look` and ends the span.
    fn with_events(&self, events: u64, look: &mut dyn FnMut() -> Answer<()>) -> Answer<()>;
}

/// Counts spans and throws them away.
#[derive(Debug, Default)]
pub(super) struct Delivered {
    spans: Mutex<u64>,
    more: Condvar,
}

impl Delivered {
    pub(super) fn add(&self, spans: usize) {
        *self.spans.lock().unwrap_or_else(PoisonError::into_inner) += spans as u64;
        self.more.notify_all();
    }

    pub(super) fn count(&self) -> u64 {
        *self.spans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there are this many.
    pub(super) fn wait(&self, spans: u64) -> Answer<()> {
        let counted = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        let (counted, waited) = self
            .more
            .wait_timeout_while(counted, LONG, |counted| *counted < spans)
            .unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return Err(format!("{} of {spans} spans arrived within {LONG:?}", *counted).into());
        }
        Ok(())
    }
}
