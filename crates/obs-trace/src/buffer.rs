//! Finished spans on their way to the engine: collected in chunks, so that the hand-over is paid once per chunk.

use crate::record::SpanRecord;
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Threads spread over this many buffers, so that two rarely meet at one lock.
const SHARDS: usize = 16;
/// Spans handed over at once.
const CHUNK: usize = 64;

thread_local! {
    static SHARD: Cell<usize> = const { Cell::new(usize::MAX) };
}

static NEXT_SHARD: AtomicUsize = AtomicUsize::new(0);

#[derive(Debug, Default)]
pub(crate) struct Buffer {
    shards: [Mutex<Vec<SpanRecord>>; SHARDS],
}

impl Buffer {
    /// Keeps `span`; returns a full chunk when there is one.
    pub(crate) fn push(&self, span: SpanRecord) -> Option<Vec<SpanRecord>> {
        let mut spans = self.shards[shard()].lock().unwrap_or_else(PoisonError::into_inner);
        spans.push(span);
        (spans.len() >= CHUNK).then(|| std::mem::replace(&mut *spans, Vec::with_capacity(CHUNK)))
    }

    /// Everything kept so far, oldest first.
    pub(crate) fn drain(&self) -> Vec<SpanRecord> {
        let mut all: Vec<SpanRecord> = Vec::new();
        for shard in &self.shards {
            all.append(&mut shard.lock().unwrap_or_else(PoisonError::into_inner));
        }
        all.sort_by_key(|s| s.end);
        all
    }
}

fn shard() -> usize {
    SHARD
        .try_with(|cell| {
            if cell.get() == usize::MAX {
                cell.set(NEXT_SHARD.fetch_add(1, Ordering::Relaxed) % SHARDS);
            }
            cell.get()
        })
        .unwrap_or(0)
}
