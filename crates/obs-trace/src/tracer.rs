//! [`Tracer`]: starts spans and hands finished ones over.

mod builder;
mod inner;
mod states;

pub use builder::TracerBuilder;
pub(crate) use inner::Inner;

use crate::callsite::CallSite;
use crate::guard::SpanGuard;
use crate::literal;
use crate::operations::SlowQueries;
use crate::propagation::{SpanContext, of_place};
use crate::record::SpanRecord;
use crate::recorder::attributes::Key;
use crate::recorder::open::Name;
use crate::span_builder::SpanBuilder;
use obs_core::{Ids, active};
use std::borrow::Cow;
use std::sync::{Arc, Weak};

/// Makes spans. Cheap to clone; clones share everything. In a forked child the parent's tracer records nothing, also of spans
/// that began before the fork.
///
/// Finished spans wait in memory of their thread, 25 to 200 ms long, until the collector (a thread of the tracer's) encodes
/// them and hands them to the engine. [`Tracer::flush`] does the same at once. When the last clone drops, the tracer closes.
#[derive(Clone, Debug, Default)]
pub struct Tracer {
    /// `None` when it is off.
    inner: Option<Arc<Inner>>,
    _closer: Option<Arc<Closer>>,
    slow_queries: Option<Arc<SlowQueries>>,
}

/// Closes the tracer when its last handle drops; spans at work have none.
#[derive(Debug)]
struct Closer(Arc<Inner>);

impl Drop for Closer {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Tracer {
    fn new(inner: Arc<Inner>) -> Self {
        let closer = Arc::new(Closer(Arc::clone(&inner)));
        Self { inner: Some(inner), _closer: Some(closer), slow_queries: None }
    }

    /// A tracer to be configured.
    pub fn builder() -> TracerBuilder {
        TracerBuilder::default()
    }

    /// A tracer that records nothing: its spans cost a branch and are never active.
    pub const fn off() -> Self {
        Self { inner: None, _closer: None, slow_queries: None }
    }

    /// A tracer that keeps its finished spans, with ids that count from 1.
    pub fn for_tests() -> Self {
        Self::builder().ids(Ids::sequential()).keep_finished().build()
    }

    /// What it does about slow queries; by default they are flagged from 1 s on, and nobody is told. This handle and clones
    /// made of it from now on. Works for a tracer that is off as well: observers are told, though nothing is recorded.
    #[must_use = "the tracer is returned, not changed in place"]
    pub fn with_slow_queries(self, slow_queries: SlowQueries) -> Self {
        Self { slow_queries: Some(Arc::new(slow_queries)), ..self }
    }

    pub(crate) fn slow_queries(&self) -> Option<&Arc<SlowQueries>> {
        self.slow_queries.as_ref()
    }

    /// Whether it never records anything.
    pub fn is_off(&self) -> bool {
        self.inner().is_none()
    }

    #[inline]
    pub(crate) fn inner(&self) -> Option<&Arc<Inner>> {
        if !cfg!(feature = "record") {
            return None;
        }
        self.inner.as_ref()
    }

    /// Starts the span of a call site; see [`span!`](crate::span).
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a tracer that is off must cost a branch, not a call")]
    pub fn start(&self, site: &'static CallSite) -> SpanGuard {
        match self.inner() {
            None => SpanGuard::none(),
            Some(inner) => inner.enter(site),
        }
    }

    /// Starts a span whose name is only known at run time. A name that breaks the rules is recorded as it is: a
    /// running program must not fail over it.
    pub fn start_named(&self, name: impl Into<Cow<'static, str>>) -> SpanGuard {
        let Some(inner) = self.inner() else { return SpanGuard::none() };
        let name = name.into();
        SpanGuard::new(inner.begin(Self::name(&name), active::place()))
    }

    #[expect(clippy::ptr_arg, reason = "a borrowed text of the program may have a number")]
    pub(crate) fn name<'a>(name: &'a Cow<'static, str>) -> Name<'a> {
        Name(match name {
            Cow::Borrowed(text) => match literal::number(text) {
                0 => Key::Text(text),
                number => Key::Number(number),
            },
            Cow::Owned(text) => Key::Text(text),
        })
    }

    /// A span to be configured before it starts: its kind, its parent, its links.
    pub fn span(&self, name: impl Into<Cow<'static, str>>) -> SpanBuilder {
        SpanBuilder::new(self.clone(), name.into())
    }

    /// The active span of this thread, as another process needs to know it, with the trace state that this tracer knows of.
    /// `None` outside spans.
    pub fn current(&self) -> Option<SpanContext> {
        of_place(active::place(), |place| self.inner().map(|inner| inner.state_of(place)))
    }

    /// The tracer's time, nanoseconds since the Unix epoch: for durations that must agree with spans. Zero when it is off.
    pub fn now(&self) -> u64 {
        self.inner().map_or(0, |inner| inner.clock.now())
    }

    /// A function that lets observers ([`TracerBuilder::on_stage`], [`TracerBuilder::on_end`]) see every span that ended by now.
    /// It takes about 0.1 µs a span, keeps no tracer alive, and does nothing in an observer. For readers of what observers
    /// count, as a scrape of metrics is.
    pub fn catch_up(&self) -> impl Fn() + Send + Sync + use<> {
        let tracer = self.inner().map(Arc::downgrade);
        move || {
            if let Some(inner) = tracer.as_ref().and_then(Weak::upgrade) {
                inner.collect();
            }
        }
    }

    /// Hands every finished span over.
    pub fn flush(&self) {
        if let Some(inner) = self.inner() {
            inner.flush();
        }
    }

    /// Hands every finished span over, and enters those still at work in the ledger as dropped (`unfinished`). Spans that
    /// end later are ignored. Closing again does nothing.
    pub fn close(&self) {
        if let Some(inner) = self.inner() {
            inner.close();
        }
    }

    /// The finished spans of a tracer that keeps them, in the order in which they ended.
    pub fn take_finished(&self) -> Vec<SpanRecord> {
        self.inner().map_or_else(Vec::new, |inner| inner.take_finished())
    }
}
