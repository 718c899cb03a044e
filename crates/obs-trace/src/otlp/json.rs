//! Spans as OTLP JSON: ids in hex, 64-bit integers as strings, enums as numbers (OTLP specification, "JSON Protobuf
//! Encoding").

use super::{SCOPE, STATUS_ERROR, STATUS_OK};
use crate::record::{Attributes, SpanRecord, Status};
use crate::value::Value;
use obs_core::ServiceIdentity;
use serde_json::{Map, Value as Json, json};

/// One `TracesData` document.
pub fn trace_data_json(identity: &ServiceIdentity, spans: &[&SpanRecord]) -> Json {
    let resource: Vec<Json> =
        identity.resource().into_iter().map(|(k, v)| attribute(k, &Value::from(v))).collect();
    let spans: Vec<Json> = spans.iter().map(|s| span_json(s)).collect();
    json!({"resourceSpans": [{
        "resource": {"attributes": resource},
        "scopeSpans": [{"scope": {"name": SCOPE, "version": env!("CARGO_PKG_VERSION")}, "spans": spans}],
    }]})
}

/// One `Span`. Empty lists other than attributes and events, zero counts and an empty trace state are left out.
pub fn span_json(span: &SpanRecord) -> Json {
    let events: Vec<Json> = span
        .events
        .iter()
        .map(|e| {
            let mut event = object(json!({
                "timeUnixNano": e.time.to_string(), "name": e.name, "attributes": attributes(&e.attributes)}));
            count(&mut event, "droppedAttributesCount", e.dropped_attributes);
            Json::Object(event)
        })
        .collect();
    let status = match &span.status {
        Status::Unset => json!({}),
        Status::Ok => json!({"code": STATUS_OK}),
        Status::Error(message) => json!({"message": message, "code": STATUS_ERROR}),
    };
    let mut json = object(json!({
        "traceId": span.trace_id.to_string(),
        "spanId": span.span_id.to_string(),
        "parentSpanId": span.parent.map(|p| p.to_string()).unwrap_or_default(),
        "flags": span.flags,
        "name": span.name,
        "kind": span.kind.otlp(),
        "startTimeUnixNano": span.start.to_string(),
        "endTimeUnixNano": span.end.to_string(),
        "attributes": attributes(&span.attributes),
        "events": events,
        "status": status,
    }));
    if !span.trace_state.is_empty() {
        json.insert("traceState".to_owned(), Json::from(span.trace_state.as_str()));
    }
    if !span.links.is_empty() {
        json.insert("links".to_owned(), span.links.iter().map(link).collect());
    }
    count(&mut json, "droppedAttributesCount", span.dropped_attributes);
    count(&mut json, "droppedEventsCount", span.dropped_events);
    count(&mut json, "droppedLinksCount", span.dropped_links);
    Json::Object(json)
}

fn link(link: &crate::record::Link) -> Json {
    let mut json = object(json!({
        "traceId": link.trace_id.to_string(),
        "spanId": link.span_id.to_string(),
        "attributes": attributes(&link.attributes),
        "flags": link.flags,
    }));
    if !link.trace_state.is_empty() {
        json.insert("traceState".to_owned(), Json::from(link.trace_state.as_str()));
    }
    count(&mut json, "droppedAttributesCount", link.dropped_attributes);
    Json::Object(json)
}

fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}

fn count(json: &mut Map<String, Json>, key: &str, n: u32) {
    if n > 0 {
        json.insert(key.to_owned(), Json::from(n));
    }
}

fn attributes(list: &Attributes) -> Json {
    list.iter().map(|(key, value)| attribute(key, value)).collect()
}

fn attribute(key: &str, value: &Value<'_>) -> Json {
    json!({"key": key, "value": any(value)})
}

fn any(value: &Value<'_>) -> Json {
    match value {
        Value::Str(text) => json!({"stringValue": text}),
        Value::Bool(b) => json!({"boolValue": b}),
        Value::I64(n) => json!({"intValue": n.to_string()}),
        // proto3's JSON mapping writes what JSON has no number for as text.
        Value::F64(x) if x.is_nan() => json!({"doubleValue": "NaN"}),
        Value::F64(x) if x.is_infinite() => {
            json!({"doubleValue": if *x > 0.0 { "Infinity" } else { "-Infinity" }})
        }
        Value::F64(x) => json!({"doubleValue": x}),
        Value::Array(values) => json!({"arrayValue": {"values": values.iter().map(any).collect::<Vec<_>>()}}),
    }
}
