//! [`Place`]: what a thread's slot holds, as plain numbers; and the slot itself.

use super::ActiveSpan;
use crate::ids::{SpanId, TraceId};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering, compiler_fence};

/// Where in which trace a thread is, as the plain numbers that its slot holds: [`ActiveSpan`], and what only a tracer
/// needs to know of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    trace_high: u64,
    trace_low: u64,
    /// Zero outside spans.
    span: u64,
    marks: u8,
}

impl Place {
    /// The trace is recorded, and exported as far as its sampler is concerned.
    pub const SAMPLED: u8 = 1;
    /// Spans are recorded, though the trace may yet be dropped.
    pub const RECORDED: u8 = 1 << 1;
    /// The span belongs to another process.
    pub const REMOTE: u8 = 1 << 2;
    /// The trace has a W3C `tracestate`.
    pub const STATE: u8 = 1 << 3;
    /// The span is beyond the limit of its trace.
    pub const OVER: u8 = 1 << 4;
    /// The trace's id is random in its last 7 bytes (W3C Trace Context, level 2).
    pub const RANDOM: u8 = 1 << 5;

    /// Outside spans.
    pub const NOWHERE: Self = Self { trace_high: 0, trace_low: 0, span: 0, marks: 0 };

    /// Within this span.
    #[inline]
    pub fn new(trace_id: TraceId, span_id: SpanId, marks: u8) -> Self {
        let trace = trace_id.get();
        Self { trace_high: (trace >> 64) as u64, trace_low: trace as u64, span: span_id.get(), marks }
    }

    /// Whether it is outside spans.
    #[inline]
    pub fn is_nowhere(&self) -> bool {
        self.span == 0
    }

    /// Whether all of these marks are set.
    #[inline]
    pub fn has(&self, marks: u8) -> bool {
        self.marks & marks == marks
    }

    /// All marks.
    #[inline]
    pub fn marks(&self) -> u8 {
        self.marks
    }

    /// The same place with other marks.
    #[must_use]
    pub fn with_marks(self, marks: u8) -> Self {
        Self { marks, ..self }
    }

    /// The trace's id in two halves, the high one first.
    #[inline]
    pub fn trace(&self) -> (u64, u64) {
        (self.trace_high, self.trace_low)
    }

    /// The span's id; zero outside spans.
    #[inline]
    pub fn span(&self) -> u64 {
        self.span
    }

    /// Another span of the same trace.
    #[inline]
    #[must_use]
    pub fn child(self, span: SpanId, marks: u8) -> Self {
        Self { span: span.get(), marks, ..self }
    }

    /// The span that the place is in.
    #[inline]
    pub fn active(&self) -> Option<ActiveSpan> {
        let span_id = SpanId::new(self.span)?;
        let trace_id = TraceId::new(u128::from(self.trace_high) << 64 | u128::from(self.trace_low))?;
        Some(ActiveSpan { trace_id, span_id, sampled: self.has(Self::SAMPLED) })
    }
}

impl From<Option<ActiveSpan>> for Place {
    fn from(span: Option<ActiveSpan>) -> Self {
        span.map_or(Self::NOWHERE, |s| {
            let marks = if s.sampled { Self::SAMPLED | Self::RECORDED } else { 0 };
            Self::new(s.trace_id, s.span_id, marks)
        })
    }
}

/// One thread's slot. Only its thread writes and only that thread's signal handler interrupts it, so ordering against the
/// compiler is all that is needed.
pub(super) struct Slot {
    /// Set while a write is under way: a signal handler that sees it set reads nothing.
    torn: AtomicBool,
    marks: AtomicU8,
    trace_high: AtomicU64,
    trace_low: AtomicU64,
    span: AtomicU64,
    /// Number of the context attached to the thread; zero without one.
    pub(super) context: AtomicU64,
}

impl Slot {
    pub(super) const fn new() -> Self {
        Self {
            torn: AtomicBool::new(false),
            marks: AtomicU8::new(0),
            trace_high: AtomicU64::new(0),
            trace_low: AtomicU64::new(0),
            span: AtomicU64::new(0),
            context: AtomicU64::new(0),
        }
    }

    pub(super) fn change(&self, write: impl FnOnce(&Self)) {
        self.torn.store(true, Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
        write(self);
        compiler_fence(Ordering::SeqCst);
        self.torn.store(false, Ordering::Relaxed);
    }

    #[inline]
    pub(super) fn set(&self, place: Place) {
        self.change(|slot| {
            slot.trace_high.store(place.trace_high, Ordering::Relaxed);
            slot.trace_low.store(place.trace_low, Ordering::Relaxed);
            slot.span.store(place.span, Ordering::Relaxed);
            slot.marks.store(place.marks, Ordering::Relaxed);
        });
    }

    #[inline]
    pub(super) fn get(&self) -> Place {
        Place {
            trace_high: self.trace_high.load(Ordering::Relaxed),
            trace_low: self.trace_low.load(Ordering::Relaxed),
            span: self.span.load(Ordering::Relaxed),
            marks: self.marks.load(Ordering::Relaxed),
        }
    }

    pub(super) fn is_torn(&self) -> bool {
        let torn = self.torn.load(Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
        torn
    }
}
