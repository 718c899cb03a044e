//! [`SpanBatch`]: encoded spans, as the engine carries them.

use crate::otlp::read_spans;
use crate::record::SpanRecord;
use obs_export::Item;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Finished spans, encoded: elements of `ScopeSpans.spans` of `opentelemetry/proto/trace/v1/trace.proto`, one after the
/// other.
#[derive(Debug)]
pub struct SpanBatch {
    bytes: Vec<u8>,
    count: u32,
    buffers: Buffers,
}

impl SpanBatch {
    pub(crate) fn new(bytes: Vec<u8>, count: u32, buffers: Buffers) -> Self {
        Self { bytes, count, buffers }
    }

    /// The bytes: fields of a `ScopeSpans` message.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many spans there are.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The spans, in the order in which they ended on each thread.
    pub fn spans(&self) -> impl Iterator<Item = SpanRecord> {
        read_spans(&self.bytes)
    }
}

impl Drop for SpanBatch {
    fn drop(&mut self) {
        self.buffers.give_back(std::mem::take(&mut self.bytes));
    }
}

impl Item for SpanBatch {
    fn weight(&self) -> usize {
        size_of::<Self>() + self.bytes.len()
    }

    fn count(&self) -> u64 {
        u64::from(self.count)
    }
}

/// Buffers of batches that are through: a fresh one for each batch would have to be mapped in page by page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buffers(Arc<Mutex<Free>>);

#[derive(Debug, Default)]
struct Free {
    buffers: Vec<Vec<u8>>,
    /// Room of all of them.
    bytes: usize,
    /// Room of the last one given back: the next fresh one has it from the beginning.
    usual: usize,
}

/// Room that is kept: of a dozen batches of usual size, which is what waits for the engine after a burst.
const KEPT: usize = 2 << 20;

impl Buffers {
    fn free(&self) -> MutexGuard<'_, Free> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An empty buffer.
    pub(crate) fn take(&self) -> Vec<u8> {
        let mut free = self.free();
        let Some(buffer) = free.buffers.pop() else { return Vec::with_capacity(free.usual) };
        free.bytes -= buffer.capacity();
        buffer
    }

    fn give_back(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        let mut free = self.free();
        if free.bytes + buffer.capacity() <= KEPT {
            free.usual = buffer.capacity();
            free.bytes += buffer.capacity();
            free.buffers.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_used_again_and_a_fresh_one_has_its_room() {
        let buffers = Buffers::default();
        assert_eq!(buffers.take().capacity(), 0);
        drop(SpanBatch::new(Vec::with_capacity(1000), 1, buffers.clone()));
        let (again, fresh) = (buffers.take(), buffers.take());
        assert!(again.is_empty() && again.capacity() >= 1000 && fresh.capacity() >= 1000);
    }

    #[test]
    fn no_more_room_is_kept_than_a_burst_needs() {
        let buffers = Buffers::default();
        for _ in 0..100 {
            buffers.give_back(Vec::with_capacity(KEPT / 8));
        }
        buffers.give_back(Vec::with_capacity(KEPT * 2));
        let free = buffers.free();
        assert_eq!(free.bytes, free.buffers.iter().map(Vec::capacity).sum::<usize>());
        assert!(free.bytes <= KEPT && free.usual <= KEPT);
    }
}
