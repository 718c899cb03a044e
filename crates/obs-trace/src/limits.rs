//! [`SpanLimits`]: how much of one span is kept.

/// How much of one span is kept; what is beyond is dropped, and counted on the span. Text is cut between characters.
///
/// ```
/// use obs_trace::SpanLimits;
/// assert_eq!(SpanLimits::default().events, 128);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanLimits {
    /// Attributes of a span; default 128.
    pub attributes: usize,
    /// Events of a span; default 128.
    pub events: usize,
    /// Links of a span; default 128.
    pub links: usize,
    /// Attributes of an event; default 128.
    pub event_attributes: usize,
    /// Attributes of a link; default 128.
    pub link_attributes: usize,
    /// Bytes of a text; default 65,536.
    pub value_bytes: usize,
    /// Spans of one trace in this process; the rest is not recorded, which the root says in `obs.dropped_spans`. Zero for
    /// any number; default 1,000.
    pub spans_per_trace: u32,
}

impl Default for SpanLimits {
    fn default() -> Self {
        Self {
            attributes: 128,
            events: 128,
            links: 128,
            event_attributes: 128,
            link_attributes: 128,
            value_bytes: 65_536,
            spans_per_trace: 1_000,
        }
    }
}
