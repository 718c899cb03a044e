//! [`SpanData`]: a finished span as exporters of the OpenTelemetry SDK want it.

use crate::otlp::SCOPE;
use crate::record::{Event, Link, SpanRecord, Status};
use crate::value::Value;
use obs_core::names::SpanKind;
use obs_core::{SpanId, TraceId};
use opentelemetry::trace::{self as otel, SpanContext, TraceFlags};
use opentelemetry::{Array, InstrumentationScope, KeyValue, StringValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A finished span.
pub(super) fn of(span: SpanRecord) -> SpanData {
    let is_remote = span.has_remote_parent();
    let (mut events, mut links) = (SpanEvents::default(), SpanLinks::default());
    events.events = span.events.into_iter().map(event).collect();
    events.dropped_count = span.dropped_events;
    links.links = span.links.into_iter().map(link).collect();
    links.dropped_count = span.dropped_links;
    SpanData {
        span_context: context((span.trace_id, span.span_id), span.flags & 0xff, &span.trace_state),
        parent_span_id: span.parent.map_or(0, SpanId::get).into(),
        parent_span_is_remote: is_remote,
        span_kind: kind(span.kind),
        name: span.name,
        start_time: time(span.start),
        end_time: time(span.end),
        attributes: attributes(span.attributes),
        dropped_attributes_count: span.dropped_attributes,
        events,
        links,
        status: match span.status {
            Status::Unset => otel::Status::Unset,
            Status::Ok => otel::Status::Ok,
            Status::Error(description) => otel::Status::Error { description },
        },
        instrumentation_scope: InstrumentationScope::builder(SCOPE)
            .with_version(env!("CARGO_PKG_VERSION"))
            .build(),
    }
}

/// An attribute.
pub(super) fn key_value(key: Cow<'static, str>, value: Value<'static>) -> KeyValue {
    KeyValue::new(key, of_value(value))
}

fn attributes(all: Vec<(Cow<'static, str>, Value<'static>)>) -> Vec<KeyValue> {
    all.into_iter().map(|(key, value)| key_value(key, value)).collect()
}

fn event(event: Event) -> otel::Event {
    otel::Event::new(event.name, time(event.time), attributes(event.attributes), event.dropped_attributes)
}

/// The flags of a link beyond W3C's say whether the other span is in another process.
fn link(link: Link) -> otel::Link {
    let to = context((link.trace_id, link.span_id), link.flags, &link.trace_state);
    otel::Link::new(to, attributes(link.attributes), link.dropped_attributes)
}

fn context((trace, span): (TraceId, SpanId), flags: u32, state: &str) -> SpanContext {
    SpanContext::new(
        trace.get().into(),
        span.get().into(),
        TraceFlags::new(flags as u8),
        flags & crate::otlp::IS_REMOTE != 0,
        state.parse().unwrap_or_default(),
    )
}

fn time(nanos: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(nanos)
}

fn kind(kind: SpanKind) -> otel::SpanKind {
    match kind {
        SpanKind::Internal => otel::SpanKind::Internal,
        SpanKind::Server => otel::SpanKind::Server,
        SpanKind::Client => otel::SpanKind::Client,
        SpanKind::Producer => otel::SpanKind::Producer,
        SpanKind::Consumer => otel::SpanKind::Consumer,
    }
}

fn of_value(value: Value<'static>) -> opentelemetry::Value {
    match value {
        Value::Str(text) => text.into(),
        Value::I64(n) => n.into(),
        Value::F64(x) => x.into(),
        Value::Bool(b) => b.into(),
        Value::Array(values) => opentelemetry::Value::Array(array(&values)),
    }
}

/// Arrays of the SDK are of one type; any other becomes texts.
fn array(values: &[Value<'static>]) -> Array {
    fn all<T>(values: &[Value<'static>], get: impl Fn(&Value<'static>) -> Option<T>) -> Option<Vec<T>> {
        if values.is_empty() { None } else { values.iter().map(get).collect() }
    }
    let bools = || all(values, |v| if let Value::Bool(b) = v { Some(*b) } else { None });
    let floats = || all(values, |v| if let Value::F64(x) = v { Some(*x) } else { None });
    if let Some(numbers) = all(values, Value::as_i64) {
        Array::I64(numbers)
    } else if let Some(floats) = floats() {
        Array::F64(floats)
    } else if let Some(bools) = bools() {
        Array::Bool(bools)
    } else {
        Array::String(values.iter().map(|value| StringValue::from(text(value))).collect())
    }
}

fn text(value: &Value<'static>) -> String {
    match value {
        Value::Str(text) => text.clone().into_owned(),
        Value::I64(n) => n.to_string(),
        Value::F64(x) => x.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Array(values) => format!("[{}]", values.iter().map(text).collect::<Vec<_>>().join(",")),
    }
}
