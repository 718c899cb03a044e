//! [`SpanLimits`] and [`BatchConfig`]: how large spans, traces and batches of spans may become.

use std::time::Duration;

/// What one span, and one trace, may hold. What is over a limit is left out, and counted on the span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanLimits {
    /// Attributes of a span; default 128.
    pub attributes: u32,
    /// Events of a span; default 128.
    pub events: u32,
    /// Links of a span; default 128.
    pub links: u32,
    /// Attributes of one event; default 128.
    pub event_attributes: u32,
    /// Attributes of one link; default 128.
    pub link_attributes: u32,
    /// Bytes of UTF-8 in a text value, beyond which it is cut; default 65,536. OpenTelemetry counts characters and has
    /// no limit by default; a limit in bytes is what bounds memory.
    pub value_bytes: u32,
    /// Spans of one trace that this process records; default 1,000, 0 is no limit.
    pub spans_per_trace: u32,
}

impl SpanLimits {
    /// OpenTelemetry's default of every count.
    pub(super) const COUNT: u32 = 128;
}

impl Default for SpanLimits {
    fn default() -> Self {
        Self {
            attributes: Self::COUNT,
            events: Self::COUNT,
            links: Self::COUNT,
            event_attributes: Self::COUNT,
            link_attributes: Self::COUNT,
            value_bytes: 65_536,
            spans_per_trace: 1000,
        }
    }
}

/// How ended spans are collected into requests: OpenTelemetry's batch span processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchConfig {
    /// How long a span waits for others to fill its batch; default 1 s. OpenTelemetry's 5 s would be the longest part
    /// of the way from a span's end to the screen, and what a crash loses; a request per second costs little.
    pub delay: Duration,
    /// How long a batch is tried before it is given up, or waits on disk where there is a spool; default 60 s, so that
    /// the restart of a receiver loses nothing. OpenTelemetry's is 30 s.
    pub timeout: Duration,
    /// Spans that may wait, at least 1; default 65,536. OpenTelemetry's is 2,048, which a busy process fills within
    /// the delay.
    pub queue: usize,
    /// Spans in one request, at least 1 and no more than [`BatchConfig::queue`]; default 512, or the queue where that is
    /// smaller.
    pub batch: usize,
}

impl BatchConfig {
    /// OpenTelemetry's default of a batch.
    pub(super) const BATCH: usize = 512;
}

impl Default for BatchConfig {
    fn default() -> Self {
        Self {
            delay: Duration::from_secs(1),
            timeout: Duration::from_mins(1),
            queue: 65_536,
            batch: Self::BATCH,
        }
    }
}
