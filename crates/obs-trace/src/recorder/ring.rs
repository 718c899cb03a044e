//! [`Ring`]: what one thread has for the collector; [`Producer`] and [`Consumer`], its two ends.
//!
//! The words of a thread are a chain of segments. The producer appends records and then commits them with one store; the
//! consumer reads what is committed whenever it likes, so that a thread that blocks or ends keeps nothing back. Neither end
//! ever waits for the other.

use super::segment::{Segment, Segments};
use crate::sync::{Arc, AtomicBool, AtomicU64, Mutex, Ordering, lock};
use obs_core::SharedContext;
use std::collections::VecDeque;

/// The run context of records. Shared as it is everywhere, with nothing for a model to check.
type Context = Option<std::sync::Arc<SharedContext>>;

/// What both ends of one thread's records share.
#[derive(Debug, Default)]
pub(crate) struct Ring {
    /// The contexts of the records, in the order in which [`layout::CONTEXT`](super::layout::CONTEXT) records ask for them.
    contexts: Mutex<VecDeque<Context>>,
    /// The producer is gone.
    is_orphan: AtomicBool,
    pub(crate) counts: Counts,
}

/// What happened on a thread since it began. Written by the producer alone, so a load and a store do.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Spans begun that are recorded.
    pub(crate) begun: Count,
    /// Spans that are not recorded because their trace is not.
    pub(crate) unsampled: Count,
    /// Spans not recorded because their trace has as many as it may.
    pub(crate) over: Count,
    /// Spans lost because there was no room.
    pub(crate) lost: Count,
}

/// A number that one thread counts up and others read.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    #[inline]
    pub(crate) fn add_one(&self) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Ring {
    pub(crate) fn push_context(&self, context: Context) {
        lock(&self.contexts).push_back(context);
    }

    /// Takes back the context that was pushed last: the record that was to ask for it is lost.
    pub(crate) fn take_back_context(&self) {
        lock(&self.contexts).pop_back();
    }

    pub(crate) fn pop_context(&self) -> Context {
        lock(&self.contexts).pop_front().flatten()
    }

    pub(crate) fn is_orphan(&self) -> bool {
        self.is_orphan.load(Ordering::Acquire)
    }
}

/// The end that appends.
#[derive(Debug)]
pub(crate) struct Producer {
    pub(crate) ring: Arc<Ring>,
    segments: Arc<Segments>,
    segment: Arc<Segment>,
    /// Where the next record goes.
    at: usize,
}

/// The end that reads.
#[derive(Debug)]
pub(crate) struct Consumer {
    pub(crate) ring: Arc<Ring>,
    segment: Arc<Segment>,
    /// Where the next record starts.
    at: usize,
}

/// Both ends of a new ring; `None` when there is no room for one.
pub(crate) fn ring(segments: &Arc<Segments>) -> Option<(Producer, Consumer)> {
    let segment = segments.take(1)?;
    let ring = Arc::new(Ring::default());
    let producer = Producer {
        ring: Arc::clone(&ring),
        segments: Arc::clone(segments),
        segment: Arc::clone(&segment),
        at: 0,
    };
    Some((producer, Consumer { ring, segment, at: 0 }))
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pushed {
    Done,
    /// It is there, and a new segment was begun for it: it may be time to read.
    InNewSegment,
    /// There was no room.
    Lost,
}

impl Producer {
    /// Appends one record.
    #[inline]
    pub(crate) fn push(&mut self, words: &[u64]) -> Pushed {
        if self.segment.write(self.at, words) {
            self.at += words.len();
            self.segment.commit(self.at);
            return Pushed::Done;
        }
        self.push_in_new_segment(words)
    }

    #[cold]
    fn push_in_new_segment(&mut self, words: &[u64]) -> Pushed {
        let Some(next) = self.segments.take(words.len()) else { return Pushed::Lost };
        if !next.write(0, words) {
            return Pushed::Lost;
        }
        next.commit(words.len());
        self.segment.leave_for(Arc::clone(&next));
        (self.segment, self.at) = (next, words.len());
        Pushed::InNewSegment
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        self.ring.is_orphan.store(true, Ordering::Release);
    }
}

impl Consumer {
    /// Appends to `out` what was committed since the last call, as far as the end of a segment; says whether there was
    /// anything. Records are whole.
    pub(crate) fn read(&mut self, segments: &Segments, out: &mut Vec<u64>) -> bool {
        loop {
            // In this order: what is committed after the producer left would be nothing.
            let next = self.segment.next();
            let committed = self.segment.committed();
            if committed > self.at {
                self.segment.read(self.at, committed, out);
                self.at = committed;
                return true;
            }
            let Some(next) = next else { return false };
            let left = std::mem::replace(&mut self.segment, next);
            self.at = 0;
            segments.give_back(left);
        }
    }

    /// Whether nothing will ever come again. To be asked before a last [`Consumer::read`].
    pub(crate) fn is_over(&self) -> bool {
        self.ring.is_orphan()
    }

    /// Gives back the last segment.
    pub(crate) fn close(self, segments: &Segments) {
        segments.give_back(self.segment);
    }
}

#[cfg(test)]
mod tests;
