//! [`Tail`]: traces held back until it is known whether they are kept.

use super::contexts::ContextBytes;
use super::raw::RawSpan;
use crate::record::Outcome;
use obs_core::clock::Timeline;
use obs_core::sampling::{KeepRules, TailConfig};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Decisions remembered, for spans that end after their root.
const REMEMBERED: usize = 4096;
/// Bytes that a trace takes beside its spans, roughly.
const OVERHEAD: usize = 256;

#[derive(Debug)]
pub(super) struct Tail {
    rules: KeepRules,
    limits: TailConfig,
    traces: HashMap<u128, Held>,
    /// Traces held back, in the order in which their first span ended; some of them decided on since.
    order: VecDeque<(u128, u64)>,
    bytes: usize,
    spans: usize,
    /// Traces of which a root has ended since [`Tail::take_ended`].
    ended: Vec<u128>,
    decided: Decided,
}

/// What became of the traces that were decided on last.
#[derive(Debug, Default)]
struct Decided {
    kept: HashMap<u128, bool>,
    order: VecDeque<u128>,
}

impl Decided {
    fn remember(&mut self, trace: u128, keep: bool) {
        if self.kept.insert(trace, keep).is_none() {
            self.order.push_back(trace);
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.kept.remove(&oldest);
        }
    }
}

/// The spans of one trace.
#[derive(Debug, Default)]
struct Held {
    spans: Spans,
    keep: bool,
}

/// Records, one after the other, each with its context.
#[derive(Debug, Default)]
pub(super) struct Spans {
    words: Vec<u64>,
    /// How long each is, and its context.
    records: Vec<(usize, Option<Arc<ContextBytes>>)>,
}

impl Spans {
    pub(super) fn for_each(&self, mut f: impl FnMut(&RawSpan<'_>, Option<&ContextBytes>)) {
        let mut rest = self.words.as_slice();
        for (length, context) in &self.records {
            let (record, after) = rest.split_at(*length);
            rest = after;
            if let Some(span) = RawSpan::read(record) {
                f(&span, context.as_deref());
            }
        }
    }

    fn bytes(&self) -> usize {
        8 * self.words.len() + 32 * self.records.len() + OVERHEAD
    }
}

impl Tail {
    pub(super) fn new((rules, limits): (KeepRules, TailConfig)) -> Self {
        Self {
            rules,
            limits,
            traces: HashMap::new(),
            order: VecDeque::new(),
            bytes: 0,
            spans: 0,
            ended: Vec::new(),
            decided: Decided::default(),
        }
    }

    /// Holds a span back; `Some` when its trace was decided on already, and how.
    pub(super) fn add(
        &mut self,
        span: &RawSpan<'_>,
        context: Option<&Arc<ContextBytes>>,
        timeline: &Timeline,
    ) -> Option<bool> {
        let trace = span.trace();
        if let Some(keep) = self.decided.kept.get(&trace)
            && !self.traces.contains_key(&trace)
        {
            return Some(*keep);
        }
        let keep = self.says_keep(span, timeline);
        let order = &mut self.order;
        let held = self.traces.entry(trace).or_insert_with(|| {
            order.push_back((trace, span.times(timeline).1));
            Held::default()
        });
        let before = if held.spans.records.is_empty() { 0 } else { held.spans.bytes() };
        held.keep |= keep;
        held.spans.words.extend_from_slice(span.words);
        held.spans.records.push((span.words.len(), context.cloned()));
        self.bytes += held.spans.bytes() - before;
        self.spans += 1;
        if span.is_local_root() {
            self.ended.push(trace);
        }
        None
    }

    fn says_keep(&self, span: &RawSpan<'_>, timeline: &Timeline) -> bool {
        let failed = span.status() == 2 || span.outcome() == Outcome::Fail.code();
        let is_slow = |least: std::time::Duration| {
            let (start, end) = span.times(timeline);
            span.is_local_root() && u128::from(end - start) >= least.as_nanos()
        };
        (self.rules.errors && failed)
            || (self.rules.flagged && span.is_flagged())
            || self.rules.slower_than.is_some_and(is_slow)
    }

    /// The traces of which a root has ended.
    pub(super) fn take_ended(&mut self) -> Vec<u128> {
        std::mem::take(&mut self.ended)
    }

    /// Decides on a trace as far as its spans have ended.
    pub(super) fn decide(&mut self, trace: u128) -> Option<(Spans, bool)> {
        let held = self.traces.remove(&trace)?;
        self.bytes = self.bytes.saturating_sub(held.spans.bytes());
        self.spans = self.spans.saturating_sub(held.spans.records.len());
        self.decided.remember(trace, held.keep);
        Some((held.spans, held.keep))
    }

    /// Decides on traces that were held back for too long, and on the oldest when there are too many.
    pub(super) fn take_overdue(&mut self, now: u64) -> Vec<(Spans, bool)> {
        let longest = u64::try_from(self.limits.max_age.as_nanos()).unwrap_or(u64::MAX);
        let mut overdue = Vec::new();
        while let Some((trace, since)) = self.order.front().copied() {
            let is_gone = !self.traces.contains_key(&trace);
            let fits = self.bytes <= self.limits.max_bytes && self.spans <= self.limits.max_spans;
            if !is_gone && fits && now.saturating_sub(since) < longest {
                break;
            }
            self.order.pop_front();
            overdue.extend(self.decide(trace));
        }
        overdue
    }

    /// Every trace that is held back.
    pub(super) fn take_all_traces(&mut self) -> Vec<u128> {
        self.order.drain(..).map(|(trace, _)| trace).collect()
    }
}
