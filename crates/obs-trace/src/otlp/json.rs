//! Spans as OTLP JSON: ids in hex, 64-bit integers as strings, enums as numbers (OTLP specification, "JSON Protobuf
//! Encoding").

use super::{FLAGS, SCOPE, STATUS_ERROR};
use crate::record::{SpanRecord, Status};
use crate::value::Value;
use obs_core::ServiceIdentity;
use serde_json::{Value as Json, json};

/// One `TracesData` document.
pub fn trace_data_json(identity: &ServiceIdentity, spans: &[&SpanRecord]) -> Json {
    let resource: Vec<Json> =
        identity.resource().into_iter().map(|(k, v)| attribute(k, &Value::from(v.to_owned()))).collect();
    let spans: Vec<Json> = spans.iter().map(|s| span_json(identity, s)).collect();
    json!({"resourceSpans": [{
        "resource": {"attributes": resource},
        "scopeSpans": [{"scope": {"name": SCOPE, "version": env!("CARGO_PKG_VERSION")}, "spans": spans}],
    }]})
}

/// One `Span`.
pub fn span_json(identity: &ServiceIdentity, span: &SpanRecord) -> Json {
    let mut attributes = Vec::new();
    span.for_each_attribute(identity, |key, value| attributes.push(attribute(key, value)));
    let events: Vec<Json> = span
        .events
        .iter()
        .map(|e| {
            let fields: Vec<Json> = e.attributes.iter().map(|(k, v)| attribute(k, v)).collect();
            json!({"timeUnixNano": e.time.to_string(), "name": e.name, "attributes": fields})
        })
        .collect();
    let status = match &span.status {
        Status::Unset => json!({}),
        Status::Error(message) => json!({"message": message, "code": STATUS_ERROR}),
    };
    json!({
        "traceId": span.trace_id.to_string(),
        "spanId": span.span_id.to_string(),
        "parentSpanId": span.parent.map(|p| p.to_string()).unwrap_or_default(),
        "flags": FLAGS,
        "name": span.name,
        "kind": span.kind.otlp(),
        "startTimeUnixNano": span.start.to_string(),
        "endTimeUnixNano": span.end.to_string(),
        "attributes": attributes,
        "events": events,
        "status": status,
    })
}

fn attribute(key: &str, value: &Value) -> Json {
    let value = match value {
        Value::Str(text) => json!({"stringValue": text}),
        Value::Bool(b) => json!({"boolValue": b}),
        Value::I64(n) => json!({"intValue": n.to_string()}),
        // proto3's JSON mapping writes what JSON has no number for as text.
        Value::F64(x) if x.is_nan() => json!({"doubleValue": "NaN"}),
        Value::F64(x) if x.is_infinite() => {
            json!({"doubleValue": if *x > 0.0 { "Infinity" } else { "-Infinity" }})
        }
        Value::F64(x) => json!({"doubleValue": x}),
    };
    json!({"key": key, "value": value})
}
