//! [`Layer`]: spans and events of `tracing` as ours.

use super::entered;
use super::visit::{Visitor, fail, set};
use crate::otlp::STATUS_OK;
use crate::recorder::OpenSpan;
use crate::recorder::attributes::Key;
use crate::recorder::open::Name;
use crate::span::Span;
use crate::tracer::Tracer;
use crate::value::Value;
use obs_core::active::{self, Place};
use std::sync::atomic::{AtomicU64, Ordering};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

static LAYERS: AtomicU64 = AtomicU64::new(1);

/// A layer that records spans and events of `tracing` with `tracer`; see the [module](super).
pub fn layer(tracer: Tracer) -> Layer {
    Layer { tracer, number: LAYERS.fetch_add(1, Ordering::Relaxed), locations: false, errors_fail: true }
}

/// Records spans and events of `tracing`; made by [`layer`].
#[derive(Debug)]
#[must_use = "a layer does nothing until a subscriber has it"]
pub struct Layer {
    tracer: Tracer,
    /// One that no other layer has.
    number: u64,
    locations: bool,
    errors_fail: bool,
}

impl Layer {
    /// Whether spans and events say where in the source they are: `code.file.path`, `code.line.number`, and
    /// `code.module.name`, which is the target; default `false`.
    pub fn locations(self, recorded: bool) -> Self {
        Self { locations: recorded, ..self }
    }

    /// Whether an event of level ERROR makes its span fail, with the message of the event; default `true`.
    pub fn errors_fail(self, fail: bool) -> Self {
        Self { errors_fail: fail, ..self }
    }
}

/// What a span of `tracing` is for us.
struct Recorded {
    span: Span,
    /// Where its children are: its own place, or its parent's when it has none.
    place: Place,
}

/// Where children of a span are; `None` when it was made before there was a tracer.
fn place_of<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>) -> Option<Place> {
    span.extensions().get::<Recorded>().map(|recorded| recorded.place)
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> tracing_subscriber::Layer<S> for Layer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(inner) = self.tracer.inner() else { return };
        let around = if attributes.is_root() {
            Place::NOWHERE
        } else {
            // A parent that a filter hides from the layer leaves its children where they are made.
            let parent = attributes.parent().and_then(|id| place_of(&context.span(id)?));
            parent.unwrap_or_else(active::place)
        };
        let metadata = attributes.metadata();
        let mut span = inner.begin(Name(Key::of(metadata.name())), around);
        if let Some(open) = span.open_mut() {
            attributes.record(&mut Visitor::new(inner, |key, value| set(open, key, &value)));
            if self.locations {
                locate(metadata, |key, value| open.set(key, &value));
            }
        }
        let place = span.place().unwrap_or(around);
        entered::made(self.number, id.into_u64(), place);
        if !place.is_nowhere()
            && let Some(here) = context.span(id)
        {
            here.extensions_mut().replace(Recorded { span, place });
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let (Some(inner), Some(span)) = (self.tracer.inner(), context.span(id)) else { return };
        if !is_recording(&span) {
            return;
        }
        let mut fields = Vec::new();
        // First all values, as printing them may come back here, then the lock.
        values.record(&mut Visitor::new(inner, |key, value| fields.push((key, value.into_owned()))));
        change(&span, |open| {
            for (key, value) in fields {
                set(open, key, &value);
            }
        });
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, context: Context<'_, S>) {
        if self.tracer.is_off() {
            return;
        }
        let (Some(span), Some(follows)) = (context.span(id), context.span(follows)) else { return };
        let to = follows.extensions().get::<Recorded>().and_then(|recorded| recorded.span.context());
        if let Some(to) = to {
            change(&span, |open| open.link((&to).into(), to.trace_state.as_str(), std::iter::empty()));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(inner) = self.tracer.inner() else { return };
        let Some(span) = context.event_span(event).filter(is_recording) else { return };
        let (now, metadata) = (inner.clock.ticks(), event.metadata());
        let mut message = None;
        let mut fields = vec![
            (Key::of("level"), Value::from(metadata.level().as_str())),
            (Key::of("target"), Value::from(metadata.target())),
        ];
        event.record(&mut Visitor::new(inner, |key, value| match value {
            Value::Str(text) if key == "message" => message = Some(text.into_owned()),
            value => fields.push((Key::of(key), value.into_owned())),
        }));
        if self.locations {
            locate(metadata, |key, value| fields.push((key, value)));
        }
        let fails = self.errors_fail && *metadata.level() == Level::ERROR;
        change(&span, |open| {
            let name = message.as_deref().map_or_else(|| Key::of(metadata.name()), Key::Text);
            open.event(name, now, false, fields.iter().map(|(key, value)| (*key, value)));
            if fails && open.status != STATUS_OK {
                fail(open);
                open.message(message.as_deref().unwrap_or_default());
            }
        });
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if self.tracer.is_off() {
            return;
        }
        let place = entered::place_of_made(self.number, id.into_u64());
        if let Some(place) = place.or_else(|| place_of(&context.span(id)?)) {
            entered::enter(self.number, id.into_u64(), place);
        }
    }

    fn on_exit(&self, id: &Id, _context: Context<'_, S>) {
        if !self.tracer.is_off() {
            entered::exit(self.number, id.into_u64());
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if self.tracer.is_off() {
            return;
        }
        // It ends after the lock is free again.
        let ended = context.span(&id).and_then(|span| span.extensions_mut().remove::<Recorded>());
        drop(ended);
    }
}

fn is_recording<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>) -> bool {
    span.extensions().get::<Recorded>().is_some_and(|recorded| recorded.span.is_recording())
}

fn change<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>, change: impl FnOnce(&mut OpenSpan)) {
    if let Some(recorded) = span.extensions_mut().get_mut::<Recorded>()
        && let Some(open) = recorded.span.open_mut()
    {
        change(open);
    }
}

/// Hands over where something is in the source.
fn locate(metadata: &Metadata<'static>, mut take: impl FnMut(Key<'static>, Value<'static>)) {
    take(Key::of("code.module.name"), Value::from(metadata.target()));
    if let Some(file) = metadata.file() {
        take(Key::of("code.file.path"), Value::from(file));
    }
    if let Some(line) = metadata.line() {
        take(Key::of("code.line.number"), Value::from(line));
    }
}
