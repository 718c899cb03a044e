//! Where in a record what stands.
//!
//! A record is a list of words: the head below, the name when it has no number (its length, then its bytes), the
//! attributes, and what [`extra`](super::extra) holds.

use obs_core::active::Place;

/// Number of words, then flags, kind, outcome and status: see the functions below.
pub(crate) const HEAD: usize = 0;
/// Number of the name (low half; zero when the name stands after the head), attributes dropped (high half).
pub(crate) const NAME: usize = 1;
pub(crate) const TRACE_HIGH: usize = 2;
pub(crate) const TRACE_LOW: usize = 3;
pub(crate) const SPAN: usize = 4;
/// Zero for a root.
pub(crate) const PARENT: usize = 5;
/// Ticks; or nanoseconds since the Unix epoch with [`FIXED_START`].
pub(crate) const START: usize = 6;
/// Ticks; or nanoseconds since the Unix epoch with [`FIXED_END`].
pub(crate) const END: usize = 7;
/// Words of the attributes (low half) and of the rest (high half).
pub(crate) const SIZES: usize = 8;
/// Words of the head.
pub(crate) const WORDS: usize = 9;

/// The trace's sampler exports it.
pub(crate) const SAMPLED: u8 = 1;
/// The parent is in another process.
pub(crate) const REMOTE_PARENT: u8 = 1 << 1;
/// Its parent, if any, is not of this process.
pub(crate) const LOCAL_ROOT: u8 = 1 << 2;
/// Its trace is to be kept whatever the sampler says.
pub(crate) const KEEP: u8 = 1 << 3;
/// The trace's id is random.
pub(crate) const RANDOM: u8 = 1 << 4;
pub(crate) const FIXED_START: u8 = 1 << 5;
pub(crate) const FIXED_END: u8 = 1 << 6;
/// Not a span: from here on, records are of the next context of the ring.
pub(crate) const CONTEXT: u8 = 1 << 7;

/// The flags that follow from the marks of a span's place.
#[inline]
pub(crate) fn flags_of(marks: u8) -> u8 {
    const { assert!(Place::SAMPLED == SAMPLED && Place::RANDOM >> 1 == RANDOM) };
    marks & Place::SAMPLED | (marks & Place::RANDOM) >> 1
}

#[inline]
pub(crate) fn head(words: usize, flags: u8, kind: u8, outcome: u8, status: u8) -> u64 {
    words as u64
        | u64::from(flags) << 32
        | u64::from(kind) << 40
        | u64::from(outcome) << 48
        | u64::from(status) << 56
}

#[inline]
pub(crate) fn length(head: u64) -> usize {
    head as u32 as usize
}

#[inline]
pub(crate) fn flags(head: u64) -> u8 {
    (head >> 32) as u8
}

/// Zero when it follows from the name, else the number of `Span.SpanKind`.
#[inline]
pub(crate) fn kind(head: u64) -> u8 {
    (head >> 40) as u8
}

/// Zero for success, else see [`Outcome::code`](crate::Outcome).
#[inline]
pub(crate) fn outcome(head: u64) -> u8 {
    (head >> 48) as u8
}

/// The number of `Status.StatusCode`.
#[inline]
pub(crate) fn status(head: u64) -> u8 {
    (head >> 56) as u8
}
