//! [`Spec`]: a span as it is set, and as it must arrive by the rules of OTLP.

use obs_core::names::{SpanKind, canonical};
use obs_core::{SpanId, TraceId, keys};
use obs_trace::propagation::{SpanContext, TraceState};
use obs_trace::{Attributes, Status, Tracer, Value};
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{self as otlp};
use std::borrow::Cow;
use std::time::Duration;

/// Attributes as they are set; keys differ.
pub(crate) type List = Vec<(String, Value<'static>)>;

/// A span as it is set.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) name: String,
    pub(crate) kind: SpanKind,
    pub(crate) parent: Option<SpanContext>,
    pub(crate) attributes: List,
    pub(crate) events: Vec<(String, List)>,
    pub(crate) links: Vec<(SpanContext, List)>,
    pub(crate) status: Status,
    pub(crate) length: u64,
}

/// As many of each as are kept, and bytes of a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept {
    pub(crate) each: usize,
    pub(crate) bytes: usize,
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            name: "drift".to_owned(),
            kind: SpanKind::Internal,
            parent: None,
            attributes: Vec::new(),
            events: Vec::new(),
            links: Vec::new(),
            status: Status::Unset,
            length: 5,
        }
    }
}

/// A text that lives as long as the test: the API takes literals for some.
fn literal(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

pub(crate) fn context(n: u64, is_remote: bool, sampled: bool, state: &str) -> SpanContext {
    SpanContext {
        is_remote,
        trace_state: TraceState::parse(state).unwrap(),
        ..SpanContext::new(TraceId::new(u128::from(n) << 64 | 7).unwrap(), SpanId::new(n).unwrap(), sampled)
    }
}

impl Spec {
    /// Records it. The parts are set in turns: where a value stands must not depend on what was set before it.
    pub(crate) fn record(&self, tracer: &Tracer, advance: impl Fn(Duration)) {
        let mut builder = tracer.span(self.name.clone()).kind(self.kind);
        if let Some(parent) = &self.parent {
            builder = builder.parent(parent);
        }
        let (before, after) = self.links.split_at(self.links.len() / 2);
        for (to, list) in before {
            let list: Attributes = list.iter().map(|(key, v)| (Cow::Owned(key.clone()), v.clone())).collect();
            builder = builder.link_with(to, list);
        }
        let mut span = builder.detached();
        span.status(&self.status);
        let (mut attributes, mut events, mut links) =
            (self.attributes.iter(), self.events.iter(), after.iter());
        let fields = |list: &List| -> Vec<(&'static str, Value<'static>)> {
            list.iter().map(|(key, value)| (literal(key), value.clone())).collect()
        };
        loop {
            let (attribute, event, link) = (attributes.next(), events.next(), links.next());
            if let Some((key, value)) = attribute {
                span.set_dynamic(key, value.clone());
            }
            if let Some((name, list)) = event {
                span.event(literal(name), &fields(list));
            }
            if let Some((to, list)) = link {
                span.link(to, &fields(list));
            }
            if attribute.is_none() && event.is_none() && link.is_none() {
                break;
            }
        }
        advance(Duration::from_nanos(self.length));
    }

    /// What must arrive, with the ids that it was given, without the attributes that every span has.
    pub(crate) fn expected(&self, got: &otlp::Span, start: u64, kept: Kept) -> otlp::Span {
        let (attributes, dropped_attributes_count) = list(&self.attributes, kept);
        let parent = self.parent.as_ref();
        let remote = if parent.is_some_and(|p| p.is_remote) { 0x200 } else { 0 };
        let dropped = |n: usize| n.saturating_sub(kept.each) as u32;
        let event = |(name, fields): &(String, List)| {
            let (attributes, dropped_attributes_count) = list(fields, kept);
            Event { time_unix_nano: start, name: name.clone(), attributes, dropped_attributes_count }
        };
        let link = |(to, fields): &(SpanContext, List)| {
            let (attributes, dropped_attributes_count) = list(fields, kept);
            Link {
                trace_id: to.trace_id.to_bytes().to_vec(),
                span_id: to.span_id.to_bytes().to_vec(),
                trace_state: to.trace_state.as_str().to_owned(),
                attributes,
                dropped_attributes_count,
                flags: 0x100 | if to.is_remote { 0x200 } else { 0 } | u32::from(to.sampled),
            }
        };
        otlp::Span {
            trace_id: parent.map_or_else(|| got.trace_id.clone(), |p| p.trace_id.to_bytes().to_vec()),
            span_id: got.span_id.clone(),
            trace_state: parent.map_or_else(String::new, |p| p.trace_state.as_str().to_owned()),
            parent_span_id: parent.map_or_else(Vec::new, |p| p.span_id.to_bytes().to_vec()),
            flags: 0x101 | remote,
            name: canonical(cut(&self.name, kept.bytes)).to_owned(),
            kind: self.kind.otlp().cast_signed(),
            start_time_unix_nano: start,
            end_time_unix_nano: start + self.length,
            attributes,
            dropped_attributes_count,
            events: self.events.iter().take(kept.each).map(event).collect(),
            dropped_events_count: dropped(self.events.len()),
            links: self.links.iter().take(kept.each).map(link).collect(),
            dropped_links_count: dropped(self.links.len()),
            status: match &self.status {
                Status::Unset => None,
                Status::Ok => Some(otlp::Status { message: String::new(), code: 1 }),
                Status::Error(text) => {
                    Some(otlp::Status { message: cut(text, kept.bytes).to_owned(), code: 2 })
                }
            },
        }
    }
}

fn list(list: &List, kept: Kept) -> (Vec<KeyValue>, u32) {
    let attributes = list.iter().take(kept.each).map(|(key, value)| KeyValue {
        key: if key.contains('.') { key.clone() } else { format!("{}{key}", keys::NAMESPACE) },
        value: Some(any(value, kept.bytes)),
        ..KeyValue::default()
    });
    (attributes.collect(), list.len().saturating_sub(kept.each) as u32)
}

fn any(value: &Value<'_>, bytes: usize) -> AnyValue {
    let value = match value {
        Value::Str(text) => any_value::Value::StringValue(cut(text, bytes).to_owned()),
        Value::I64(n) => any_value::Value::IntValue(*n),
        Value::F64(x) => any_value::Value::DoubleValue(*x),
        Value::Bool(b) => any_value::Value::BoolValue(*b),
        Value::Array(values) => any_value::Value::ArrayValue(ArrayValue {
            values: values.iter().map(|value| any(value, bytes)).collect(),
        }),
    };
    AnyValue { value: Some(value) }
}

/// The longest beginning of whole characters.
fn cut(text: &str, bytes: usize) -> &str {
    let end = text.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= bytes).last();
    &text[..end.unwrap_or(0)]
}

/// Takes out the attributes that every span has.
pub(crate) fn own(mut span: otlp::Span) -> otlp::Span {
    span.attributes.retain(|attribute| !keys::AUTOMATIC.contains(&attribute.key.as_str()));
    span
}
