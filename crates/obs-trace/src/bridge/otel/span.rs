//! [`Span`]: a span of the `opentelemetry` API that is one of ours.

use super::convert::{fields, key, nanos, value};
use crate::otlp::{STATUS_ERROR, STATUS_OK};
use crate::record::{Outcome, Status};
use crate::recorder::layout;
use crate::tracer::Tracer;
use obs_core::active::Place;
use opentelemetry::KeyValue;
use opentelemetry::trace as otel;
use std::borrow::Cow;
use std::cell::Cell;
use std::time::SystemTime;

/// A span of the `opentelemetry` API that is one of ours. It ends when it is told to, or drops.
///
/// A status of error makes it fail; after a status of OK none changes it, as the specification has it. An attribute that is
/// set again gets the new value.
#[derive(Debug)]
pub struct Span {
    recorded: crate::Span,
    place: Place,
    context: otel::SpanContext,
}

thread_local! {
    /// The place of the span that was asked last whether it is recording.
    static ASKED: Cell<Option<Place>> = const { Cell::new(None) };
}

/// The exact place of a span within a `Context`, which does not give the span away but asks it whether it is recording;
/// `None` when it is not one of ours.
pub(super) fn asked(is_recording: impl FnOnce() -> bool) -> Option<Place> {
    let _ = ASKED.try_with(|asked| asked.set(None));
    is_recording();
    ASKED.try_with(Cell::take).ok().flatten()
}

impl Span {
    #[inline]
    pub(super) fn new(span: crate::Span, place: Place, context: otel::SpanContext) -> Self {
        Self { recorded: span, place, context }
    }

    /// A span that is not recorded, and that children find `context` in.
    pub(super) fn unrecorded(place: Place, context: otel::SpanContext) -> Self {
        Self::new(crate::Span::none(), place, context)
    }
}

impl otel::Span for Span {
    fn add_event<T: Into<Cow<'static, str>>>(&mut self, name: T, attributes: Vec<KeyValue>) {
        if let Some(open) = self.recorded.open_mut() {
            let now = open.tracer.clock.ticks();
            open.event(
                Tracer::name(&name.into()).0,
                now,
                false,
                fields(&attributes).iter().map(|(key, value)| (*key, value)),
            );
        }
    }

    fn add_event_with_timestamp<T: Into<Cow<'static, str>>>(
        &mut self,
        name: T,
        timestamp: SystemTime,
        attributes: Vec<KeyValue>,
    ) {
        if let Some(open) = self.recorded.open_mut() {
            open.event(
                Tracer::name(&name.into()).0,
                nanos(timestamp),
                true,
                fields(&attributes).iter().map(|(key, value)| (*key, value)),
            );
        }
    }

    fn span_context(&self) -> &otel::SpanContext {
        &self.context
    }

    fn is_recording(&self) -> bool {
        let _ = ASKED.try_with(|asked| asked.set(Some(self.place)));
        self.recorded.is_recording()
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        if let Some(open) = self.recorded.open_mut() {
            open.set(key(&attribute.key), &value(&attribute.value));
        }
    }

    fn set_attributes(&mut self, attributes: impl IntoIterator<Item = KeyValue>) {
        if let Some(open) = self.recorded.open_mut() {
            for attribute in attributes {
                open.set(key(&attribute.key), &value(&attribute.value));
            }
        }
    }

    fn set_status(&mut self, status: otel::Status) {
        let Some(open) = self.recorded.open_mut() else { return };
        match status {
            _ if open.status == STATUS_OK => {}
            otel::Status::Unset => {}
            otel::Status::Error { description } => self.recorded.error(&description),
            otel::Status::Ok => {
                if open.status == STATUS_ERROR {
                    open.message("");
                }
                self.recorded.status(&Status::Ok);
                self.recorded.outcome(Outcome::Success);
            }
        }
    }

    fn update_name<T: Into<Cow<'static, str>>>(&mut self, new_name: T) {
        if let Some(open) = self.recorded.open_mut() {
            open.rename(Tracer::name(&new_name.into()));
        }
    }

    fn add_link(&mut self, span_context: otel::SpanContext, attributes: Vec<KeyValue>) {
        self.link(&span_context, &attributes);
    }

    fn end(&mut self) {
        drop(std::mem::take(&mut self.recorded));
    }

    fn end_with_timestamp(&mut self, timestamp: SystemTime) {
        if let Some(open) = self.recorded.open_mut() {
            // Zero would be no time at all.
            open.words[layout::END] = nanos(timestamp).max(1);
            open.flags |= layout::FIXED_END;
        }
        self.end();
    }
}

impl Span {
    /// Everything that a builder holds beside name, kind and start.
    pub(super) fn take_over(
        &mut self,
        attributes: Vec<KeyValue>,
        links: &[otel::Link],
        events: Vec<otel::Event>,
    ) {
        otel::Span::set_attributes(self, attributes);
        for link in links {
            self.link(&link.span_context, &link.attributes);
        }
        for event in events {
            otel::Span::add_event_with_timestamp(self, event.name, event.timestamp, event.attributes);
        }
    }

    fn link(&mut self, to: &otel::SpanContext, attributes: &[KeyValue]) {
        let Ok(to) = crate::propagation::SpanContext::try_from(to) else { return };
        if let Some(open) = self.recorded.open_mut() {
            open.link(
                (&to).into(),
                to.trace_state.as_str(),
                fields(attributes).iter().map(|(key, value)| (*key, value)),
            );
        }
    }
}
