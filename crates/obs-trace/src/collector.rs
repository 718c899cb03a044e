//! The collector: takes records from every thread's ring, and makes of each what its readers want: the stage metric, OTLP
//! bytes for the engine, a [`SpanRecord`] for observers.
//!
//! It runs on a thread of its own, and on whoever flushes: one at a time, under a lock that no thread that records takes.

mod contexts;
mod encode;
mod names;
mod outbox;
mod raw;
mod tail;
pub(crate) mod worker;

use crate::batch::SpanBatch;
use crate::record::SpanRecord;
use crate::recorder::layout;
use crate::recorder::ring::Consumer;
use crate::recorder::segment::Segments;
use contexts::{ContextBytes, Contexts};
use encode::Encoder;
use names::Known;
use obs_core::clock::Timeline;
use obs_core::names::Names;
use obs_core::sampling::{KeepRules, TailConfig};
use obs_core::{Clock, DropReason, Fate, Ledger, ServiceIdentity, Signal, Stage};
use obs_export::Stream;
use outbox::Outbox;
use raw::RawSpan;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use tail::Tail;

/// Called at the end of every recorded span, on the collector's thread.
pub(crate) type StageObserver = Box<dyn FnMut(&Stage<'_>) + Send>;

pub(crate) type Observer = Box<dyn Fn(&SpanRecord) + Send + Sync>;

/// What a collector is made of.
pub(crate) struct Parts {
    pub(crate) clock: Clock,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) identity: ServiceIdentity,
    pub(crate) names: Names,
    pub(crate) stream: Option<Stream<SpanBatch>>,
    pub(crate) batch_spans: u32,
    pub(crate) observers: Vec<Observer>,
    pub(crate) stages: Vec<StageObserver>,
    pub(crate) keep_finished: bool,
    pub(crate) tail: Option<(KeepRules, TailConfig)>,
}

pub(crate) struct Collector {
    ledger: Arc<Ledger>,
    timeline: Timeline,
    sources: Vec<Source>,
    contexts: Contexts,
    tail: Option<Tail>,
    emitter: Emitter,
    scratch: Vec<u64>,
    tallied: Tally,
}

/// One thread's records.
struct Source {
    consumer: Consumer,
    context: Option<Arc<ContextBytes>>,
    tallied: Tally,
}

/// Counts of what threads did.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    begun: u64,
    unsampled: u64,
    over: u64,
    lost: u64,
}

/// Makes of a record what its readers want.
struct Emitter {
    encoder: Encoder,
    outbox: Outbox,
    observers: Vec<Observer>,
    stages: Vec<StageObserver>,
    finished: Option<Vec<SpanRecord>>,
    /// Spans read so far.
    read: u64,
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").field("threads", &self.sources.len()).finish_non_exhaustive()
    }
}

impl Collector {
    pub(crate) fn new(parts: Parts) -> Self {
        let timeline = Timeline::new(&parts.clock);
        let encoder = Encoder::new(Known::new(parts.names, &parts.identity));
        Self {
            timeline,
            sources: Vec::new(),
            contexts: Contexts::default(),
            tail: parts.tail.map(Tail::new),
            emitter: Emitter {
                encoder,
                outbox: Outbox::new(parts.stream, parts.batch_spans, parts.clock),
                observers: parts.observers,
                stages: parts.stages,
                finished: parts.keep_finished.then(Vec::new),
                read: 0,
            },
            scratch: Vec::new(),
            tallied: Tally::default(),
            ledger: parts.ledger,
        }
    }

    /// Reads what every thread has; says whether there was anything. `fresh` has the rings of threads that began to record.
    pub(crate) fn collect(&mut self, segments: &Segments, fresh: &Mutex<Vec<Consumer>>) -> bool {
        self.take_on(fresh);
        let mut any = self.read_all(segments);
        if let Some(tail) = &mut self.tail {
            // A root may have been seen before the spans of other threads that ended before it. Whoever reads all rings once
            // more has seen those too, also the first of new threads.
            let due = tail.take_ended();
            if !due.is_empty() {
                self.take_on(fresh);
                any |= self.read_all(segments);
            }
            self.decide(&due);
        }
        self.emitter.outbox.send_if_due();
        any
    }

    fn take_on(&mut self, fresh: &Mutex<Vec<Consumer>>) {
        let fresh = std::mem::take(&mut *fresh.lock().unwrap_or_else(PoisonError::into_inner));
        let new = |consumer| Source { consumer, context: None, tallied: Tally::default() };
        self.sources.extend(fresh.into_iter().map(new));
    }

    fn read_all(&mut self, segments: &Segments) -> bool {
        self.timeline.mark();
        let mut any = false;
        let mut index = 0;
        while index < self.sources.len() {
            let is_over = self.sources[index].consumer.is_over();
            loop {
                self.scratch.clear();
                if !self.sources[index].consumer.read(segments, &mut self.scratch) {
                    break;
                }
                any = true;
                self.read_records(index);
            }
            self.tally(index);
            if is_over {
                self.sources.swap_remove(index).consumer.close(segments);
            } else {
                index += 1;
            }
        }
        any
    }

    fn read_records(&mut self, index: usize) {
        let words = std::mem::take(&mut self.scratch);
        let mut rest = words.as_slice();
        while let Some(head) = rest.first() {
            let length = layout::length(*head).max(1);
            let Some((record, after)) = rest.split_at_checked(length) else { break };
            rest = after;
            let source = &mut self.sources[index];
            if layout::flags(*head) & layout::CONTEXT != 0 {
                source.context = source.consumer.ring.pop_context().map(|c| self.contexts.get(&c));
                continue;
            }
            let Some(span) = RawSpan::read(record) else { continue };
            self.emitter.read += 1;
            match &mut self.tail {
                Some(tail) if !span.is_sampled() => {
                    if let Some(keep) = tail.add(&span, source.context.as_ref(), &self.timeline) {
                        self.emitter.finish(
                            &span,
                            source.context.as_deref(),
                            &self.timeline,
                            keep,
                            &self.ledger,
                        );
                    }
                }
                _ => self.emitter.emit(&span, source.context.as_deref(), &self.timeline, true),
            }
        }
        self.scratch = words;
    }

    /// Enters what a thread did since the last time.
    fn tally(&mut self, index: usize) {
        let source = &mut self.sources[index];
        let counts = &source.consumer.ring.counts;
        let now = Tally {
            begun: counts.begun.get(),
            unsampled: counts.unsampled.get(),
            over: counts.over.get(),
            lost: counts.lost.get(),
        };
        let before = std::mem::replace(&mut source.tallied, now);
        let (unsampled, over, lost) =
            (now.unsampled - before.unsampled, now.over - before.over, now.lost - before.lost);
        self.tallied.begun += now.begun - before.begun;
        self.tallied.lost += lost;
        if unsampled + over + lost > 0 {
            self.ledger.created(Signal::Trace, unsampled + over + lost);
            self.ledger.sampled_out(Signal::Trace, unsampled);
            self.ledger.settle(Signal::Trace, Fate::Dropped(DropReason::Limit), over);
            self.ledger.settle(Signal::Trace, Fate::Dropped(DropReason::QueueFull), lost);
        }
    }

    /// Decides on traces of which a root has ended.
    fn decide(&mut self, ended: &[u128]) {
        let Some(tail) = &mut self.tail else { return };
        for trace in ended {
            let Some((spans, keep)) = tail.decide(*trace) else { continue };
            spans.for_each(|span, context| {
                self.emitter.finish(span, context, &self.timeline, keep, &self.ledger);
            });
        }
        for (spans, keep) in tail.take_overdue(self.timeline.nanos(self.timeline.clock().ticks())) {
            spans.for_each(|span, context| {
                self.emitter.finish(span, context, &self.timeline, keep, &self.ledger);
            });
        }
    }

    /// Reads everything and hands it over.
    pub(crate) fn flush(&mut self, segments: &Segments, fresh: &Mutex<Vec<Consumer>>) {
        self.collect(segments, fresh);
        self.emitter.outbox.send();
    }

    /// Reads everything for the last time. Spans still at work are entered as unfinished.
    pub(crate) fn close(&mut self, segments: &Segments, fresh: &Mutex<Vec<Consumer>>, missed: u64) {
        self.collect(segments, fresh);
        if let Some(tail) = &mut self.tail {
            let all = tail.take_all_traces();
            self.decide(&all);
        }
        self.emitter.outbox.send();
        let done = self.emitter.read + self.tallied.lost;
        let open = self.tallied.begun.saturating_sub(done) + missed;
        if self.emitter.outbox.is_on() && open > 0 {
            self.ledger.created(Signal::Trace, open);
            self.ledger.settle(Signal::Trace, Fate::Dropped(DropReason::Unfinished), open);
        }
    }

    pub(crate) fn take_finished(&mut self) -> Vec<SpanRecord> {
        let mut finished = self.emitter.finished.as_mut().map_or_else(Vec::new, std::mem::take);
        // Rings are read one after the other.
        finished.sort_by_key(|span| span.end);
        finished
    }
}

impl Emitter {
    /// [`Emitter::emit`] for a span that its sampler left out: what is not kept is entered in the account.
    fn finish(
        &mut self,
        span: &RawSpan<'_>,
        context: Option<&ContextBytes>,
        timeline: &Timeline,
        keep: bool,
        ledger: &Ledger,
    ) {
        self.emit(span, context, timeline, keep);
        if !keep {
            ledger.created(Signal::Trace, 1);
            ledger.sampled_out(Signal::Trace, 1);
        }
    }

    /// Tells the stage's observers of a span, and everyone else if it is kept.
    fn emit(&mut self, span: &RawSpan<'_>, context: Option<&ContextBytes>, timeline: &Timeline, keep: bool) {
        let times = span.times(timeline);
        if !self.stages.is_empty() {
            let seconds = (times.1 - times.0) as f64 / 1e9;
            self.encoder.with_name(span, |number, name, category| {
                let context = context.map(ContextBytes::shared);
                let (end, span) = (times.1, span.active(keep));
                let stage = Stage { number, name, category, context, seconds, end, span };
                self.stages.iter_mut().for_each(|observe| observe(&stage));
            });
        }
        if !keep {
            return;
        }
        let wants_record = self.finished.is_some() || !self.observers.is_empty();
        if !wants_record && !self.outbox.is_on() {
            return;
        }
        let at = self.outbox.bytes.len();
        self.encoder.span(&mut self.outbox.bytes, span, context, times, timeline);
        if wants_record
            && let Some(record) = crate::otlp::read_spans(&self.outbox.bytes.as_bytes()[at..]).next()
        {
            self.observers.iter().for_each(|observe| observe(&record));
            if let Some(finished) = &mut self.finished {
                finished.push(record);
            }
        }
        self.outbox.added();
    }
}
