//! [`SpanBatch`]: encoded spans, as the engine carries them.

use crate::otlp::read_spans;
use crate::record::SpanRecord;
use obs_export::Item;
use std::sync::{Arc, Mutex, PoisonError};

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
pub(crate) struct Buffers(Arc<Mutex<Vec<Vec<u8>>>>);

/// Buffers kept.
const KEPT: usize = 4;

impl Buffers {
    /// An empty buffer.
    pub(crate) fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn give_back(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if free.len() < KEPT && buffer.capacity() <= 1 << 20 {
            free.push(buffer);
        }
    }
}
