//! [`TracerProvider`] and [`Tracer`]: where libraries get spans from.

use super::convert::{kind_of, nanos, span_context};
use super::follow::{follow_contexts, follows_contexts, place_in, same_span};
use super::span::Span;
use crate::propagation::SpanContext;
use crate::recorder::attributes::Key;
use crate::recorder::layout;
use crate::tracer::Inner;
use crate::value::Value;
use obs_core::active::{self, Place};
use opentelemetry::trace::{self as otel, TraceContextExt};
use opentelemetry::{Context, InstrumentationScope};
use std::sync::Arc;

/// Attributes that name the scope of a span, as OpenTelemetry maps scopes where there is no field for them.
const SCOPE_NAME: &str = "otel.scope.name";
const SCOPE_VERSION: &str = "otel.scope.version";

/// A provider of tracers that record into one of ours; see the [module](super).
///
/// The first one of a process makes threads follow contexts ([`ContextFollower`](super::ContextFollower)). It holds a handle
/// of the tracer, which stays open for as long: a program that made it the global one closes its tracer itself.
#[derive(Clone, Debug)]
pub struct TracerProvider(crate::Tracer);

impl TracerProvider {
    /// Spans of its tracers are spans of `tracer`.
    pub fn new(tracer: crate::Tracer) -> Self {
        follow_contexts();
        Self(tracer)
    }
}

impl otel::TracerProvider for TracerProvider {
    type Tracer = Tracer;

    fn tracer_with_scope(&self, scope: InstrumentationScope) -> Tracer {
        Tracer { tracer: self.0.clone(), scope: Arc::new(scope) }
    }
}

/// A tracer of one scope: a library, most often.
#[derive(Clone, Debug)]
pub struct Tracer {
    tracer: crate::Tracer,
    scope: Arc<InstrumentationScope>,
}

impl otel::Tracer for Tracer {
    type Span = Span;

    fn build_with_context(&self, builder: otel::SpanBuilder, parent: &Context) -> Span {
        if parent.is_telemetry_suppressed() {
            return Span::unrecorded(Place::NOWHERE, otel::SpanContext::NONE);
        }
        let Some(inner) = self.tracer.inner() else {
            let place = place_in(parent);
            return Span::unrecorded(place, parent.span().span_context().clone());
        };
        let name = crate::Tracer::name(&builder.name);
        let (mut span, around) = if is_here(parent) {
            let place = active::place();
            (inner.begin(name, place), place)
        } else {
            let place = place_in(parent);
            match SpanContext::try_from(parent.span().span_context()) {
                Ok(context) if context.is_remote => (inner.begin_under(name, &context), place),
                _ => (inner.begin(name, place), place),
            }
        };
        // One that changes nothing for its children is where its parent is.
        let place = span.place().unwrap_or(around);
        let context = context_at(inner, place);
        let Some(open) = span.open_mut() else { return Span::new(span, place, context) };
        if let Some(kind) = &builder.span_kind {
            open.kind = kind_of(kind).otlp() as u8;
        }
        if let Some(start) = builder.start_time {
            open.words[layout::START] = nanos(start);
            open.flags |= layout::FIXED_START;
        }
        if !self.scope.name().is_empty() {
            open.add(Key::of(SCOPE_NAME), &Value::from(self.scope.name()));
        }
        if let Some(version) = self.scope.version() {
            open.add(Key::of(SCOPE_VERSION), &Value::from(version));
        }
        let mut span = Span::new(span, place, context);
        span.take_over(
            builder.attributes.unwrap_or_default(),
            &builder.links.unwrap_or_default(),
            builder.events.unwrap_or_default(),
        );
        span
    }
}

/// Whether a span of this context belongs where its thread is: the context has the span of the current one, or none and
/// contexts do not move threads.
fn is_here(parent: &Context) -> bool {
    if follows_contexts() {
        Context::map_current(|current| std::ptr::eq(current, parent) || same_span(current, parent))
    } else {
        !parent.has_active_span()
    }
}

/// What a span at this place is told of itself.
fn context_at(inner: &Arc<Inner>, place: Place) -> otel::SpanContext {
    let context = span_context(place);
    if !place.has(Place::STATE) {
        return context;
    }
    let state = inner.state_of(place);
    otel::SpanContext::new(
        context.trace_id(),
        context.span_id(),
        context.trace_flags(),
        context.is_remote(),
        state.as_str().parse().unwrap_or_default(),
    )
}
