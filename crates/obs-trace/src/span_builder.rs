//! [`SpanBuilder`]: a span to be configured before it starts.

use crate::guard::SpanGuard;
use crate::propagation::SpanContext;
use crate::record::Attributes;
use crate::recorder::attributes::Key;
use crate::recorder::layout;
use crate::span::Span;
use crate::tracer::{Inner, Tracer};
use crate::value::Value;
use obs_core::active;
use obs_core::active::Place;
use obs_core::names::SpanKind;
use std::borrow::Cow;

/// A span to be configured before it starts; [`SpanBuilder::start`] or [`SpanBuilder::detached`] starts it.
///
/// ```
/// use obs_core::names::SpanKind;
/// use obs_trace::Tracer;
/// use obs_trace::propagation::SpanContext;
/// let tracer = Tracer::for_tests();
/// let caller = SpanContext::from_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")?;
/// drop(tracer.span("http.request").kind(SpanKind::Server).parent(&caller).set("rows", 3).start());
/// let span = &tracer.take_finished()[0];
/// assert_eq!((span.trace_id, span.parent), (caller.trace_id, Some(caller.span_id)));
/// # Ok::<(), obs_trace::propagation::PropagationError>(())
/// ```
#[must_use = "start() or detached() starts the span"]
#[derive(Debug)]
pub struct SpanBuilder {
    tracer: Tracer,
    name: Cow<'static, str>,
    kind: Option<SpanKind>,
    parent: Parent,
    links: Vec<(SpanContext, Attributes)>,
    attributes: Attributes,
    start: Option<u64>,
}

#[derive(Debug)]
enum Parent {
    /// The span that is active when it starts.
    Active,
    /// None.
    Root,
    /// This one.
    Given(SpanContext),
}

impl SpanBuilder {
    pub(crate) fn new(tracer: Tracer, name: Cow<'static, str>) -> Self {
        Self {
            tracer,
            name,
            kind: None,
            parent: Parent::Active,
            links: Vec::new(),
            attributes: Vec::new(),
            start: None,
        }
    }

    pub(crate) fn tracer(&self) -> &Tracer {
        &self.tracer
    }

    /// Its kind; otherwise that follows from its name.
    pub fn kind(mut self, kind: SpanKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Begins a trace of its own, whatever is active.
    pub fn root(mut self) -> Self {
        self.parent = Parent::Root;
        self
    }

    /// Its parent; otherwise that is the active span. A parent of another process ([`SpanContext::is_remote`]) makes it a
    /// root of this one, on which the sampler decides.
    pub fn parent(mut self, parent: &SpanContext) -> Self {
        self.parent = Parent::Given(parent.clone());
        self
    }

    /// Another span that it has to do with.
    pub fn link(mut self, to: &SpanContext) -> Self {
        self.links.push((to.clone(), Vec::new()));
        self
    }

    /// [`SpanBuilder::link`] with attributes that say what the link means.
    pub fn link_with(
        mut self,
        to: &SpanContext,
        attributes: impl IntoIterator<Item = (Cow<'static, str>, Value<'static>)>,
    ) -> Self {
        self.links.push((to.clone(), attributes.into_iter().collect()));
        self
    }

    /// An attribute.
    pub fn set(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Value<'static>>) -> Self {
        self.attributes.push((key.into(), value.into()));
        self
    }

    /// When it began, nanoseconds since the Unix epoch; otherwise that is when it starts.
    pub fn start_time(mut self, nanos: u64) -> Self {
        self.start = Some(nanos);
        self
    }

    /// Starts it and makes it the active one until the guard drops.
    pub fn start(self) -> SpanGuard {
        self.detached().enter()
    }

    /// Starts it without making it the active one.
    pub fn detached(self) -> Span {
        let Some(inner) = self.tracer.inner() else { return Span::none() };
        let name = Tracer::name(&self.name);
        let mut span = match &self.parent {
            Parent::Active => inner.begin(name, active::place()),
            Parent::Root => inner.begin_root_in(name, Place::NOWHERE),
            Parent::Given(parent) if parent.is_remote => inner.begin_under(name, parent),
            Parent::Given(parent) => {
                let place = Inner::place_of(parent);
                inner.begin(name, place.with_marks(place.marks() & !Place::REMOTE))
            }
        };
        let Some(open) = span.open_mut() else { return span };
        if let Some(kind) = self.kind {
            open.kind = kind.otlp() as u8;
        }
        if let Some(start) = self.start {
            open.words[layout::START] = start;
            open.flags |= layout::FIXED_START;
        }
        for (to, attributes) in &self.links {
            let fields = attributes.iter().map(|(key, value)| (key_of(key), value));
            open.link(to.into(), to.trace_state.as_str(), fields);
        }
        for (key, value) in &self.attributes {
            open.set(key_of(key), value);
        }
        span
    }
}

#[expect(clippy::ptr_arg, reason = "a borrowed text of the program may have a number")]
pub(crate) fn key_of<'a>(key: &'a Cow<'static, str>) -> Key<'a> {
    match key {
        Cow::Borrowed(text) => Key::of(text),
        Cow::Owned(text) => Key::Text(text),
    }
}
