//! [`read_spans`] and [`cut_spans`]: spans that were encoded before.

use super::{STATUS_ERROR, STATUS_OK};
use crate::record::{Event, Link, Outcome, SpanRecord, Status};
use crate::value::Value;
use obs_core::names::SpanKind;
use obs_core::{SpanId, TraceId, keys};
use obs_export::wire::reader::{Field, end_of, fields};
use obs_export::{Cut, Record};
use std::borrow::Cow;

/// How deep values may nest; what is deeper is left out.
const DEEPEST: u8 = 16;

/// The spans among the fields of a `ScopeSpans` message. What is not a span, or has no ids, is left out.
pub(crate) fn read_spans(scope_spans: &[u8]) -> impl Iterator<Item = SpanRecord> {
    fields(scope_spans).filter_map(|(number, field)| match (number, field) {
        (2, Field::Bytes(span)) => read_span(span),
        _ => None,
    })
}

/// Where a record of spans, fields of a `ScopeSpans` message, has half of them.
pub(crate) fn cut_spans(record: &Record<'_>) -> Option<Cut> {
    let items = record.count / 2;
    end_of(record.bytes, 2, items).map(|bytes| Cut { bytes, items })
}

/// The attributes among the fields of a `Resource` message.
#[cfg(feature = "opentelemetry-sdk")]
pub(crate) fn read_resource(resource: &[u8]) -> impl Iterator<Item = (Cow<'static, str>, Value<'static>)> {
    fields(resource).filter_map(|(number, field)| match (number, field) {
        (1, Field::Bytes(kv)) => read_attribute(kv),
        _ => None,
    })
}

fn read_span(bytes: &[u8]) -> Option<SpanRecord> {
    let (mut trace_id, mut span_id) = (None, None);
    let mut span = SpanRecord::empty();
    for (number, field) in fields(bytes) {
        match (number, field) {
            (1, Field::Bytes(id)) => trace_id = read_trace_id(id),
            (2, Field::Bytes(id)) => span_id = read_span_id(id),
            (3, Field::Bytes(state)) => span.trace_state = text(state),
            (4, Field::Bytes(id)) => span.parent = read_span_id(id),
            (5, Field::Bytes(name)) => span.name = Cow::Owned(text(name)),
            (6, Field::Varint(kind)) => {
                let kind = SpanKind::ALL.into_iter().find(|k| u64::from(k.otlp()) == kind);
                span.kind = kind.unwrap_or(SpanKind::Internal);
            }
            (7, Field::Fixed64(time)) => span.start = time,
            (8, Field::Fixed64(time)) => span.end = time,
            (9, Field::Bytes(kv)) => span.attributes.extend(read_attribute(kv)),
            (10, Field::Varint(n)) => span.dropped_attributes = n as u32,
            (11, Field::Bytes(event)) => span.events.push(read_event(event)),
            (12, Field::Varint(n)) => span.dropped_events = n as u32,
            (13, Field::Bytes(link)) => span.links.extend(read_link(link)),
            (14, Field::Varint(n)) => span.dropped_links = n as u32,
            (15, Field::Bytes(status)) => span.status = read_status(status),
            (16, Field::Fixed32(flags)) => span.flags = flags,
            _ => {}
        }
    }
    (span.trace_id, span.span_id) = (trace_id?, span_id?);
    let outcome = span.attribute(keys::OUTCOME).and_then(|v| v.as_str());
    span.outcome = Outcome::ALL.into_iter().find(|o| Some(o.as_str()) == outcome).unwrap_or(Outcome::Success);
    Some(span)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn read_trace_id(bytes: &[u8]) -> Option<TraceId> {
    TraceId::new(u128::from_be_bytes(bytes.try_into().ok()?))
}

fn read_span_id(bytes: &[u8]) -> Option<SpanId> {
    SpanId::new(u64::from_be_bytes(bytes.try_into().ok()?))
}

fn read_attribute(bytes: &[u8]) -> Option<(Cow<'static, str>, Value<'static>)> {
    let (mut key, mut value) = (String::new(), None);
    for (number, field) in fields(bytes) {
        match (number, field) {
            (1, Field::Bytes(bytes)) => key = text(bytes),
            (2, Field::Bytes(any)) => value = read_any(any, DEEPEST),
            _ => {}
        }
    }
    Some((Cow::Owned(key), value?))
}

fn read_any(bytes: &[u8], depth: u8) -> Option<Value<'static>> {
    let depth = depth.checked_sub(1)?;
    fields(bytes).find_map(|(number, field)| match (number, field) {
        (1, Field::Bytes(bytes)) => Some(Value::Str(Cow::Owned(text(bytes)))),
        (2, Field::Varint(b)) => Some(Value::Bool(b != 0)),
        (3, Field::Varint(n)) => Some(Value::I64(n.cast_signed())),
        (4, Field::Fixed64(bits)) => Some(Value::F64(f64::from_bits(bits))),
        (5, Field::Bytes(array)) => {
            let values = fields(array).filter_map(|(_, field)| match field {
                Field::Bytes(any) => read_any(any, depth),
                _ => None,
            });
            Some(Value::Array(values.collect()))
        }
        _ => None,
    })
}

fn read_event(bytes: &[u8]) -> Event {
    let mut event = Event { time: 0, name: Cow::Borrowed(""), attributes: Vec::new(), dropped_attributes: 0 };
    for (number, field) in fields(bytes) {
        match (number, field) {
            (1, Field::Fixed64(time)) => event.time = time,
            (2, Field::Bytes(name)) => event.name = Cow::Owned(text(name)),
            (3, Field::Bytes(kv)) => event.attributes.extend(read_attribute(kv)),
            (4, Field::Varint(n)) => event.dropped_attributes = n as u32,
            _ => {}
        }
    }
    event
}

fn read_link(bytes: &[u8]) -> Option<Link> {
    let (mut trace_id, mut span_id, mut trace_state) = (None, None, String::new());
    let (mut attributes, mut dropped_attributes, mut flags) = (Vec::new(), 0, 0);
    for (number, field) in fields(bytes) {
        match (number, field) {
            (1, Field::Bytes(id)) => trace_id = read_trace_id(id),
            (2, Field::Bytes(id)) => span_id = read_span_id(id),
            (3, Field::Bytes(state)) => trace_state = text(state),
            (4, Field::Bytes(kv)) => attributes.extend(read_attribute(kv)),
            (5, Field::Varint(n)) => dropped_attributes = n as u32,
            (6, Field::Fixed32(n)) => flags = n,
            _ => {}
        }
    }
    Some(Link { trace_id: trace_id?, span_id: span_id?, trace_state, attributes, dropped_attributes, flags })
}

fn read_status(bytes: &[u8]) -> Status {
    let (mut message, mut code) = (String::new(), 0);
    for (number, field) in fields(bytes) {
        match (number, field) {
            (2, Field::Bytes(bytes)) => message = text(bytes),
            (3, Field::Varint(n)) => code = n,
            _ => {}
        }
    }
    if code == u64::from(STATUS_ERROR) {
        Status::Error(Cow::Owned(message))
    } else if code == u64::from(STATUS_OK) {
        Status::Ok
    } else {
        Status::Unset
    }
}

#[cfg(test)]
mod tests;
