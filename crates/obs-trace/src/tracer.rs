//! [`Tracer`]: starts spans, keeps finished ones, hands them over.

use crate::buffer::Buffer;
use crate::callsite::CallSite;
use crate::guard::SpanGuard;
use crate::record::{Outcome, SpanRecord, Status};
use crate::sampler::Sampler;
use obs_core::active::{self, ActiveSpan};
use obs_core::names::{SpanKind, canonical, span_kind};
use obs_core::{Clock, DropReason, Fate, Ids, Ledger, Signal, fork};
use obs_export::Stream;
use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

type Observer = Box<dyn Fn(&SpanRecord) + Send + Sync>;

/// Makes spans. Cheap to clone; clones share everything. In a forked child the parent's tracer records nothing, also of spans
/// that began before the fork.
#[derive(Clone)]
pub struct Tracer(Arc<Inner>);

struct Inner {
    enabled: bool,
    /// Of the process that the spans belong to.
    generation: u32,
    clock: Clock,
    ids: Ids,
    sampler: Sampler,
    ledger: Arc<Ledger>,
    stream: Option<Stream<SpanRecord>>,
    observers: Vec<Observer>,
    buffer: Buffer,
    /// Finished spans kept in memory for tests.
    finished: Option<Mutex<Vec<SpanRecord>>>,
    /// Spans started and not yet ended.
    open: AtomicU64,
    closed: AtomicBool,
}

impl fmt::Debug for Tracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracer").field("enabled", &self.0.enabled).finish_non_exhaustive()
    }
}

/// Makes a [`Tracer`]; [`TracerBuilder::build`] finishes it.
#[must_use = "build() makes the tracer"]
#[derive(Default)]
pub struct TracerBuilder {
    clock: Clock,
    ids: Ids,
    ratio: Option<f64>,
    ledger: Arc<Ledger>,
    stream: Option<Stream<SpanRecord>>,
    observers: Vec<Observer>,
    keep: bool,
}

impl fmt::Debug for TracerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TracerBuilder").field("ratio", &self.ratio).finish_non_exhaustive()
    }
}

impl TracerBuilder {
    /// Where times come from; default the machine's clock.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Where ids come from; default random.
    pub fn ids(mut self, ids: Ids) -> Self {
        self.ids = ids;
        self
    }

    /// Share of root traces recorded; default 1.
    pub fn sample_ratio(mut self, ratio: f64) -> Self {
        self.ratio = Some(ratio);
        self
    }

    /// Where spans go, and the account they are entered in.
    pub fn export(mut self, ledger: Arc<Ledger>, stream: Stream<SpanRecord>) -> Self {
        self.ledger = ledger;
        self.stream = Some(stream);
        self
    }

    /// Calls `observer` at the end of every recorded span, on its thread: keep it short.
    pub fn on_end(mut self, observer: impl Fn(&SpanRecord) + Send + Sync + 'static) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// Keeps finished spans in memory for [`Tracer::take_finished`].
    pub fn keep_finished(mut self) -> Self {
        self.keep = true;
        self
    }

    /// The tracer.
    pub fn build(self) -> Tracer {
        Tracer(Arc::new(Inner {
            enabled: true,
            generation: fork::watch(),
            clock: self.clock,
            ids: self.ids,
            sampler: Sampler::ratio(self.ratio.unwrap_or(1.0)),
            ledger: self.ledger,
            stream: self.stream,
            observers: self.observers,
            buffer: Buffer::default(),
            finished: self.keep.then(Mutex::default),
            open: AtomicU64::new(0),
            closed: AtomicBool::new(false),
        }))
    }
}

impl Tracer {
    /// A tracer to be configured.
    pub fn builder() -> TracerBuilder {
        TracerBuilder::default()
    }

    /// A tracer that records nothing: its spans cost a branch and are never active.
    pub fn off() -> Self {
        let mut tracer = Self::builder().build();
        if let Some(inner) = Arc::get_mut(&mut tracer.0) {
            inner.enabled = false;
        }
        tracer
    }

    /// A tracer that keeps its finished spans, with ids that count from 1.
    pub fn for_tests() -> Self {
        Self::builder().ids(Ids::sequential()).keep_finished().build()
    }

    /// Starts the span of a call site; see [`span!`](crate::span).
    pub fn start(&self, site: &CallSite) -> SpanGuard {
        let (name, kind) = site.resolve();
        self.begin(name, kind)
    }

    /// Starts a span whose name is only known at run time. A name that breaks the rules is recorded as it is: a
    /// running program must not fail over it.
    pub fn start_named(&self, name: impl Into<Cow<'static, str>>) -> SpanGuard {
        let name = name.into();
        let kind = span_kind(&name);
        let name = match name {
            Cow::Borrowed(name) => Cow::Borrowed(canonical(name)),
            Cow::Owned(name) => Cow::Owned(canonical(&name).to_owned()),
        };
        self.begin(name, kind)
    }

    fn begin(&self, name: Cow<'static, str>, kind: SpanKind) -> SpanGuard {
        let inner = &self.0;
        let parent = active::span();
        let trace_id = parent.map_or_else(|| inner.ids.trace_id(), |p| p.trace_id);
        let enabled = inner.enabled && !self.is_left_behind();
        let sampled = enabled && parent.map_or_else(|| inner.sampler.keeps(trace_id), |p| p.sampled);
        let active = ActiveSpan { trace_id, span_id: inner.ids.span_id(), sampled };
        if enabled {
            inner.open.fetch_add(1, Ordering::Relaxed);
        }
        let record = sampled.then(|| {
            let start = inner.clock.now();
            Box::new(SpanRecord {
                trace_id,
                span_id: active.span_id,
                parent: parent.map(|p| p.span_id),
                name,
                kind,
                start,
                end: start,
                attributes: Vec::new(),
                events: Vec::new(),
                status: Status::Unset,
                outcome: Outcome::Success,
                context: active::context(),
            })
        });
        SpanGuard::new(self.clone(), active, record)
    }

    /// The tracer's time, nanoseconds since the Unix epoch: for durations that must agree with spans.
    pub fn now(&self) -> u64 {
        self.0.clock.now()
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Whether this is a child of the process that the tracer works for. Then its locks and buffers are not to be touched.
    fn is_left_behind(&self) -> bool {
        fork::is_child_of(self.0.generation)
    }

    pub(crate) fn end(&self, span: SpanRecord) {
        let inner = &self.0;
        if self.is_left_behind() {
            return;
        }
        if inner.closed.load(Ordering::Acquire) {
            // Counted as unfinished when the tracer closed.
            return;
        }
        inner.open.fetch_sub(1, Ordering::Relaxed);
        for observer in &inner.observers {
            observer(&span);
        }
        if let Some(finished) = &inner.finished {
            finished.lock().unwrap_or_else(PoisonError::into_inner).push(span.clone());
        }
        if let Some(stream) = &inner.stream
            && let Some(chunk) = inner.buffer.push(span)
        {
            stream.push(chunk);
        }
    }

    pub(crate) fn end_unsampled(&self) {
        let inner = &self.0;
        if inner.enabled && !self.is_left_behind() && !inner.closed.load(Ordering::Acquire) {
            inner.open.fetch_sub(1, Ordering::Relaxed);
            inner.ledger.created(Signal::Trace, 1);
            inner.ledger.sampled_out(Signal::Trace, 1);
        }
    }

    /// Hands every finished span over.
    pub fn flush(&self) {
        if let Some(stream) = &self.0.stream
            && !self.is_left_behind()
        {
            let spans = self.0.buffer.drain();
            if !spans.is_empty() {
                stream.push(spans);
            }
        }
    }

    /// Hands every finished span over, and enters those still open in the ledger as dropped (`unfinished`). Spans that
    /// end later are ignored. Closing again does nothing.
    pub fn close(&self) {
        if self.is_left_behind() || self.0.closed.swap(true, Ordering::AcqRel) {
            return;
        }
        self.flush();
        let open = self.0.open.load(Ordering::Acquire);
        if self.0.stream.is_some() && open > 0 {
            self.0.ledger.created(Signal::Trace, open);
            self.0.ledger.settle(Signal::Trace, Fate::Dropped(DropReason::Unfinished), open);
        }
    }

    /// The finished spans of a tracer that keeps them, in the order in which they ended.
    pub fn take_finished(&self) -> Vec<SpanRecord> {
        self.0.finished.as_ref().map_or_else(Vec::new, |finished| {
            std::mem::take(&mut *finished.lock().unwrap_or_else(PoisonError::into_inner))
        })
    }
}
