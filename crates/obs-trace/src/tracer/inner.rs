//! [`Inner`]: what all handles of a tracer share, and how spans begin.

use crate::callsite::CallSite;
use crate::collector::Collector;
use crate::collector::worker::Worker;
use crate::guard::SpanGuard;
use crate::literal;
use crate::propagation::{SpanContext, TraceState};
use crate::record::SpanRecord;
use crate::recorder::attributes::Key;
use crate::recorder::layout;
use crate::recorder::local::{self, Output};
use crate::recorder::open::Name;
use crate::recorder::ring::{Consumer, Producer, ring};
use crate::recorder::segment::Segments;
use crate::recorder::traces::Traces;
use crate::sampler::{Decision, Sampler};
use crate::span::Span;
use crate::tracer::states::States;
use obs_core::active::{self, Place};
use obs_core::config::SpanLimits;
use obs_core::names::canonical;
use obs_core::{Clock, Ids, fork};
use std::cell::Cell;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) struct Inner {
    /// A number that no other tracer has.
    pub(crate) id: u64,
    /// Of the process that the spans belong to.
    pub(super) generation: u32,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) limits: SpanLimits,
    pub(super) sampler: Sampler,
    /// The parent of spans that begin without one: of the process that started this one.
    pub(super) parent: Option<SpanContext>,
    pub(crate) traces: Traces,
    pub(super) states: States,
    pub(super) segments: crate::sync::Arc<Segments>,
    /// Rings that the collector has not seen yet.
    pub(super) fresh: Mutex<Vec<Consumer>>,
    /// Where spans go that end while their thread is torn down.
    pub(super) stray: Mutex<Option<Output>>,
    /// Spans that could not begin because their thread was being torn down, or had no room for a ring.
    pub(super) missed: AtomicU64,
    pub(super) closed: AtomicBool,
    pub(super) collector: Mutex<Collector>,
    pub(crate) worker: Worker,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("id", &self.id).finish_non_exhaustive()
    }
}

thread_local! {
    /// Whether this thread collects: an observer that flushes must not wait for itself.
    static COLLECTS: Cell<bool> = const { Cell::new(false) };
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inner {
    /// Whether this is a child of the process that the tracer works for. Then its locks and rings are not to be touched.
    #[inline]
    pub(crate) fn is_left_behind(&self) -> bool {
        fork::is_child_of(self.generation)
    }

    #[inline]
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Begins a span where its thread is, and enters it.
    #[inline(never)]
    pub(crate) fn enter(self: &Arc<Self>, site: &'static CallSite) -> SpanGuard {
        let key = match site.literal().index() {
            0 => Key::Text(site.name()),
            number => Key::Number(number),
        };
        let place = active::place();
        SpanGuard::from(place, self.begin(Name(key), place))
    }

    /// Begins a span at `place`: its child, or a root.
    #[inline]
    pub(crate) fn begin(self: &Arc<Self>, name: Name<'_>, place: Place) -> Span {
        if place.is_nowhere() || place.has(Place::REMOTE) {
            return self.begin_root(name, place);
        }
        if !place.has(Place::RECORDED) {
            self.leave_out(place);
            return Span::none();
        }
        if self.is_left_behind() || self.is_closed() {
            return Span::none();
        }
        let begun = local::with(self, |local| {
            if self.limits.spans_per_trace > 0
                && !self.traces.add(place.trace().1, local.thread, &mut local.trace_hint)
            {
                local.output.producer.ring.counts.over.add_one();
                let marks = place.marks() & !(Place::RECORDED | Place::SAMPLED) | Place::OVER;
                return Span::new(local.begin_unrecorded(place.with_marks(marks)));
            }
            let own = place.child(local.span_id(), place.marks());
            Span::new(local.begin(name, own, place.span(), layout::flags_of(place.marks())))
        });
        begun.unwrap_or_else(|| self.miss())
    }

    /// Counts a span that is not recorded because its parent is not.
    #[inline]
    fn leave_out(self: &Arc<Self>, place: Place) {
        if self.is_left_behind() || self.is_closed() {
            return;
        }
        let is_over = place.has(Place::OVER);
        let counted = local::with(self, |local| {
            let counts = &local.output.producer.ring.counts;
            if is_over { &counts.over } else { &counts.unsampled }.add_one();
        });
        if is_over {
            self.traces.add_over(place.trace().1);
        }
        if counted.is_none() {
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[cold]
    fn miss(&self) -> Span {
        self.missed.fetch_add(1, Ordering::Relaxed);
        Span::none()
    }

    /// Begins a span that has no parent in this process; `place` may be a remote one.
    fn begin_root(self: &Arc<Self>, name: Name<'_>, place: Place) -> Span {
        if self.is_left_behind() || self.is_closed() {
            return Span::none();
        }
        if place.is_nowhere()
            && let Some(parent) = &self.parent
        {
            return self.begin_under(name, parent);
        }
        if place.has(Place::REMOTE | Place::STATE) {
            // That of a context which moved the thread here, and was not kept until a root needs it.
            #[cfg(feature = "opentelemetry")]
            let state =
                crate::bridge::otel::state_of_current(place).unwrap_or_else(|| self.states.get(place));
            #[cfg(not(feature = "opentelemetry"))]
            let state = self.states.get(place);
            return self.begin_with_state(name, place, &state);
        }
        self.begin_root_in(name, place)
    }

    /// Begins a span under one of another process, or of this one at an earlier time.
    pub(crate) fn begin_under(self: &Arc<Self>, name: Name<'_>, parent: &SpanContext) -> Span {
        let place = Self::place_of(parent);
        if place.has(Place::STATE) && !self.is_left_behind() {
            self.begin_with_state(name, place, &parent.trace_state)
        } else {
            self.begin_root_in(name, place)
        }
    }

    /// Begins a root of a trace that has a trace state, which is kept as long as the root is at work.
    fn begin_with_state(self: &Arc<Self>, name: Name<'_>, place: Place, state: &TraceState) -> Span {
        self.states.begin(place, state);
        let span = self.begin_root_in(name, place);
        if span.place().is_none() {
            self.end_state(place);
        }
        span
    }

    /// Where children of a span of another process are.
    pub(crate) fn place_of(parent: &SpanContext) -> Place {
        let mut marks = Place::REMOTE;
        if parent.sampled {
            marks |= Place::SAMPLED | Place::RECORDED;
        }
        if parent.random {
            marks |= Place::RANDOM;
        }
        let place = Place::new(parent.trace_id, parent.span_id, marks);
        if parent.trace_state.is_empty() { place } else { place.with_marks(marks | Place::STATE) }
    }

    /// The W3C trace state of the trace of a place.
    pub(crate) fn state_of(&self, place: Place) -> TraceState {
        if !place.has(Place::STATE) || self.is_left_behind() {
            return TraceState::EMPTY;
        }
        self.states.get(place)
    }

    /// Begins a span that has no parent in this process but, perhaps, the remote one of `parent`.
    pub(crate) fn begin_root_in(self: &Arc<Self>, name: Name<'_>, parent: Place) -> Span {
        if self.is_left_behind() || self.is_closed() {
            return Span::none();
        }
        let known = parent.active();
        let trace_id = known.map_or_else(|| self.ids.trace_id(), |p| p.trace_id);
        let text = || match name.0 {
            Key::Number(number) => canonical(literal::text(number)),
            Key::Text(text) => text,
        };
        let decision = self.sampler.decide(trace_id, known.map(|p| p.sampled), text, &self.clock);
        let inherited = parent.marks() & (Place::STATE | Place::RANDOM);
        let marks = inherited
            | match decision {
                Decision::Drop => 0,
                Decision::HoldBack => Place::RECORDED,
                Decision::Sample => Place::RECORDED | Place::SAMPLED,
            };
        let random = if known.is_none() && matches!(self.ids, Ids::Random) { Place::RANDOM } else { 0 };
        let place = Place::new(trace_id, self.ids.span_id(), marks | random);
        let begun = local::with(self, |local| {
            if decision == Decision::Drop {
                local.output.producer.ring.counts.unsampled.add_one();
                return Span::new(local.begin_unrecorded(place));
            }
            self.traces.begin(place.trace().1, local.thread);
            let mut flags = layout::LOCAL_ROOT | layout::flags_of(place.marks());
            if known.is_some() {
                flags |= layout::REMOTE_PARENT;
            }
            Span::new(local.begin(name, place, parent.span(), flags))
        });
        begun.unwrap_or_else(|| self.miss())
    }

    /// A root of a trace ends; says how many of its spans were beyond the limit.
    pub(crate) fn end_root(&self, place: Place) -> u32 {
        self.end_state(place);
        self.traces.end(place.trace().1)
    }

    /// A root ends that was not recorded, or a span beyond the limit of its trace.
    #[inline]
    pub(crate) fn end_unrecorded(&self, place: Place) {
        if !place.has(Place::OVER) {
            self.end_state(place);
        }
    }

    /// A root of a trace ends: if it was the last, nobody passes the state of the trace on any longer.
    #[inline]
    fn end_state(&self, place: Place) {
        if place.has(Place::STATE) && !self.is_left_behind() {
            self.states.end(place);
        }
    }

    /// A sink of records of a thread that is being torn down.
    pub(crate) fn with_stray(&self, f: impl FnOnce(&mut Output)) {
        let mut stray = lock(&self.stray);
        if stray.is_none() {
            *stray = self.connect().map(Output::new);
        }
        // Without room for it the span is entered as unfinished, because it began.
        if let Some(output) = stray.as_mut() {
            f(output);
        }
    }

    /// A ring for a thread; `None` when there is no room for one.
    pub(crate) fn connect(&self) -> Option<Producer> {
        let (producer, consumer) = ring(&self.segments)?;
        lock(&self.fresh).push(consumer);
        Some(producer)
    }

    /// A thread began a new stretch of its ring, or found no room for one.
    #[cold]
    pub(crate) fn nudge(&self) {
        if self.segments.is_filling() {
            self.worker.wake();
        }
    }

    /// Calls `f` with the collector, unless this thread is in it already, or is a forked child's.
    fn with_collector<R>(&self, f: impl FnOnce(&mut Collector) -> R) -> Option<R> {
        if self.is_left_behind() || COLLECTS.try_with(|c| c.replace(true)).unwrap_or(true) {
            return None;
        }
        let mut collector = lock(&self.collector);
        let result = f(&mut collector);
        drop(collector);
        let _ = COLLECTS.try_with(|c| c.set(false));
        Some(result)
    }

    /// Reads what threads recorded; says whether there was anything.
    pub(crate) fn collect(&self) -> bool {
        self.with_collector(|collector| collector.collect(&self.segments, &self.fresh)).unwrap_or(false)
    }

    pub(super) fn flush(&self) {
        self.with_collector(|collector| collector.flush(&self.segments, &self.fresh));
    }

    pub(super) fn close(&self) {
        if self.is_left_behind() || self.closed.swap(true, Ordering::AcqRel) {
            return;
        }
        let missed = self.missed.load(Ordering::Relaxed);
        self.with_collector(|collector| collector.close(&self.segments, &self.fresh, missed));
    }

    pub(super) fn take_finished(&self) -> Vec<SpanRecord> {
        let taken = self.with_collector(|collector| {
            collector.flush(&self.segments, &self.fresh);
            collector.take_finished()
        });
        taken.unwrap_or_default()
    }
}
