//! [`Outbox`]: encoded spans on their way to the engine.

use crate::batch::{Buffers, SpanBatch};
use obs_core::Clock;
use obs_export::Stream;
use obs_export::wire::Writer;

/// How long spans wait here for others, nanoseconds: a process that is killed loses them.
const LONGEST: u64 = 250_000_000;
/// Bytes of a batch at which it goes, whatever the number of its spans.
const MOST_BYTES: usize = 512 << 10;

#[derive(Debug)]
pub(super) struct Outbox {
    stream: Option<Stream<SpanBatch>>,
    most_spans: u32,
    clock: Clock,
    buffers: Buffers,
    /// Elements of `ScopeSpans.spans`.
    pub(super) bytes: Writer,
    count: u32,
    /// When the first of them came.
    since: u64,
}

impl Outbox {
    pub(super) fn new(stream: Option<Stream<SpanBatch>>, most_spans: u32, clock: Clock) -> Self {
        let stream = stream.filter(|s| !s.is_off());
        let (buffers, bytes) = (Buffers::default(), Writer::new());
        Self { stream, most_spans: most_spans.max(1), clock, buffers, bytes, count: 0, since: 0 }
    }

    pub(super) fn is_on(&self) -> bool {
        self.stream.is_some()
    }

    /// One more span has been written.
    #[inline]
    pub(super) fn added(&mut self) {
        if self.stream.is_none() {
            self.bytes.clear();
            return;
        }
        if self.count == 0 {
            self.since = self.clock.now();
        }
        self.count += 1;
        if self.count >= self.most_spans || self.bytes.len() >= MOST_BYTES {
            self.send();
        }
    }

    /// Hands over what waited long enough.
    pub(super) fn send_if_due(&mut self) {
        if self.count > 0 && self.clock.now().saturating_sub(self.since) >= LONGEST {
            self.send();
        }
    }

    /// Hands over everything.
    pub(super) fn send(&mut self) {
        let Some(stream) = self.stream.as_ref().filter(|_| self.count > 0) else { return };
        let next = Writer::with_buffer(self.buffers.take());
        let bytes = std::mem::replace(&mut self.bytes, next).into_vec();
        stream.push_one(SpanBatch::new(bytes, std::mem::take(&mut self.count), self.buffers.clone()));
    }
}
