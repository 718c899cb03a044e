//! [`TracerBuilder`]: configures a tracer.

use super::states::States;
use super::{Inner, Tracer};
use crate::batch::SpanBatch;
use crate::collector::worker::Worker;
use crate::collector::{Collector, Observer, Parts, StageObserver};
use crate::propagation::SpanContext;
use crate::record::SpanRecord;
use crate::recorder::segment::Segments;
use crate::recorder::traces::Traces;
use crate::sampler::Sampler;
use obs_core::config::SpanLimits;
use obs_core::names::Names;
use obs_core::{Clock, Ids, Ledger, ServiceIdentity, Stage, fork};
use obs_export::Stream;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Words of a stretch of a thread's ring: 16 KiB.
const SEGMENT: usize = if cfg!(obs_loom) { 16 } else { 2048 };
/// Bytes that finished spans may take before the collector has read them.
const BUFFER_BYTES: usize = 32 << 20;

static TRACERS: AtomicU64 = AtomicU64::new(1);

/// Makes a [`Tracer`]; [`TracerBuilder::build`] finishes it.
#[must_use = "build() makes the tracer"]
pub struct TracerBuilder {
    clock: Clock,
    ids: Ids,
    sampler: Sampler,
    limits: SpanLimits,
    identity: ServiceIdentity,
    names: Names,
    ledger: Arc<Ledger>,
    stream: Option<Stream<SpanBatch>>,
    batch_spans: u32,
    buffer_bytes: usize,
    parent: Option<SpanContext>,
    observers: Vec<Observer>,
    stages: Vec<StageObserver>,
    keep_finished: bool,
}

impl Default for TracerBuilder {
    fn default() -> Self {
        Self {
            clock: Clock::default(),
            ids: Ids::default(),
            sampler: Sampler::ratio(1.0),
            limits: SpanLimits::default(),
            identity: ServiceIdentity::default(),
            names: Names::default(),
            ledger: Arc::default(),
            stream: None,
            batch_spans: 512,
            buffer_bytes: BUFFER_BYTES,
            parent: None,
            observers: Vec::new(),
            stages: Vec::new(),
            keep_finished: false,
        }
    }
}

impl fmt::Debug for TracerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TracerBuilder")
            .field("sampler", &self.sampler)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
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

    /// Which traces are recorded; default all of them.
    pub fn sampler(mut self, sampler: Sampler) -> Self {
        self.sampler = sampler;
        self
    }

    /// How much of a span, and how many spans of a trace, are kept.
    pub fn limits(mut self, limits: SpanLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Who speaks: the attribute `acm.service` of every span; default `acm`.
    pub fn identity(mut self, identity: ServiceIdentity) -> Self {
        self.identity = identity;
        self
    }

    /// How spans and attributes are named: kinds, old names, the prefix of keys.
    pub fn names(mut self, names: Names) -> Self {
        self.names = names;
        self
    }

    /// The parent of spans that begin without one: what the process that started this one said in its environment.
    pub fn parent(mut self, parent: Option<SpanContext>) -> Self {
        self.parent = parent.map(|parent| SpanContext { is_remote: true, ..parent });
        self
    }

    /// Where spans go, and the account they are entered in.
    pub fn export(mut self, ledger: Arc<Ledger>, stream: Stream<SpanBatch>) -> Self {
        self.ledger = ledger;
        self.stream = Some(stream);
        self
    }

    /// Spans in one item of the stream; at least 1, default 512.
    pub fn batch_spans(mut self, spans: u32) -> Self {
        self.batch_spans = spans;
        self
    }

    /// Bytes that finished spans may take before the collector has read them; beyond that they are dropped, and counted as
    /// `queue_full`. Default 32 MiB, about 300,000 spans. Memory is taken as it is needed.
    pub fn buffer_bytes(mut self, bytes: usize) -> Self {
        self.buffer_bytes = bytes;
        self
    }

    /// Calls `observer` with every delivered span, on the collector's thread: at the latest when the tracer is flushed.
    pub fn on_end(mut self, observer: impl Fn(&SpanRecord) + Send + Sync + 'static) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// Calls `observer` with the length of every recorded span, on the collector's thread. Cheaper than
    /// [`TracerBuilder::on_end`].
    pub fn on_stage(mut self, observer: impl FnMut(&Stage<'_>) + Send + 'static) -> Self {
        self.stages.push(Box::new(observer));
        self
    }

    /// Keeps finished spans in memory for [`Tracer::take_finished`].
    pub fn keep_finished(mut self) -> Self {
        self.keep_finished = true;
        self
    }

    /// The tracer. If someone reads its spans, a thread is started for that; should that fail, they are read on
    /// [`Tracer::flush`] and [`Tracer::close`] only.
    ///
    /// Without the feature `record` it is one that is off, whatever was configured.
    pub fn build(self) -> Tracer {
        if !cfg!(feature = "record") {
            return Tracer::off();
        }
        let is_read = self.stream.as_ref().is_some_and(|s| !s.is_off())
            || !self.observers.is_empty()
            || !self.stages.is_empty();
        let collector = Collector::new(Parts {
            clock: self.clock.clone(),
            ledger: self.ledger,
            identity: self.identity,
            names: self.names,
            stream: self.stream,
            batch_spans: self.batch_spans,
            observers: self.observers,
            stages: self.stages,
            keep_finished: self.keep_finished,
            tail: self.sampler.tail(),
        });
        let inner = Arc::new(Inner {
            id: TRACERS.fetch_add(1, Ordering::Relaxed),
            generation: fork::watch(),
            clock: self.clock,
            ids: self.ids,
            traces: Traces::new(self.limits.spans_per_trace),
            limits: self.limits,
            sampler: self.sampler,
            parent: self.parent,
            states: States::default(),
            segments: crate::sync::Arc::new(Segments::new(SEGMENT, self.buffer_bytes / 8)),
            fresh: Mutex::default(),
            stray: Mutex::default(),
            missed: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            collector: Mutex::new(collector),
            worker: Worker::default(),
        });
        if is_read {
            // Without it spans are read on flush and close only, as documented.
            let _ = Worker::start(&inner);
        }
        Tracer::new(inner)
    }
}
