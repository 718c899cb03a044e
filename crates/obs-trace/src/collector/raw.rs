//! [`RawSpan`]: a span's record as it is read.

use crate::recorder::extra::ReadExtra;
use crate::recorder::layout;
use crate::recorder::words::{Reader, Text};
use obs_core::active::ActiveSpan;
use obs_core::clock::Timeline;
use obs_core::{SpanId, TraceId};

/// A span's record.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawSpan<'a> {
    pub(super) words: &'a [u64],
    head: u64,
    /// The name, when it has no number.
    pub(super) text: Option<Text<'a>>,
    pub(super) attributes: Reader<'a>,
    rest: &'a [u64],
}

impl<'a> RawSpan<'a> {
    /// `None` when it is not a whole record, which no recorder writes.
    #[inline]
    pub(super) fn read(words: &'a [u64]) -> Option<Self> {
        let (head, body) = words.split_at_checked(layout::WORDS)?;
        let (sizes, name) = (head[layout::SIZES], head[layout::NAME]);
        let (own, rest) = body.split_at_checked(sizes as u32 as usize)?;
        let mut attributes = Reader(own);
        let text = if name as u32 == 0 {
            let length = usize::try_from(attributes.word()?).ok()?;
            Some(attributes.bytes(length)?)
        } else {
            None
        };
        Some(Self { words, head: head[layout::HEAD], text, attributes, rest })
    }

    pub(super) fn number(&self) -> u32 {
        self.words[layout::NAME] as u32
    }

    pub(super) fn dropped_attributes(&self) -> u32 {
        (self.words[layout::NAME] >> 32) as u32
    }

    pub(super) fn flags(&self) -> u8 {
        layout::flags(self.head)
    }

    fn has(&self, flag: u8) -> bool {
        self.flags() & flag != 0
    }

    pub(super) fn is_sampled(&self) -> bool {
        self.has(layout::SAMPLED)
    }

    pub(super) fn is_local_root(&self) -> bool {
        self.has(layout::LOCAL_ROOT)
    }

    pub(super) fn is_flagged(&self) -> bool {
        self.has(layout::KEEP)
    }

    pub(super) fn kind(&self) -> u8 {
        layout::kind(self.head)
    }

    pub(super) fn outcome(&self) -> u8 {
        layout::outcome(self.head)
    }

    pub(super) fn status(&self) -> u8 {
        layout::status(self.head)
    }

    pub(super) fn trace(&self) -> u128 {
        u128::from(self.words[layout::TRACE_HIGH]) << 64 | u128::from(self.words[layout::TRACE_LOW])
    }

    pub(super) fn span(&self) -> u64 {
        self.words[layout::SPAN]
    }

    pub(super) fn parent(&self) -> u64 {
        self.words[layout::PARENT]
    }

    pub(super) fn extra(&self) -> Option<ReadExtra<'a>> {
        if self.rest.is_empty() { None } else { ReadExtra::read(self.rest) }
    }

    /// Start and end, nanoseconds since the Unix epoch; the end is never before the start.
    #[inline]
    pub(super) fn times(&self, timeline: &Timeline) -> (u64, u64) {
        let time = |at: usize, fixed: u8| {
            if self.has(fixed) { self.words[at] } else { timeline.nanos(self.words[at]) }
        };
        let start = time(layout::START, layout::FIXED_START);
        (start, time(layout::END, layout::FIXED_END).max(start))
    }

    pub(super) fn active(&self, sampled: bool) -> Option<ActiveSpan> {
        Some(ActiveSpan {
            trace_id: TraceId::new(self.trace())?,
            span_id: SpanId::new(self.span())?,
            sampled,
        })
    }
}
