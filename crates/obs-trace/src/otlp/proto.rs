//! Spans as `ExportTraceServiceRequest`, written field by field from the records.

use super::{FLAGS, SCOPE, STATUS_ERROR};
use crate::record::{SpanRecord, Status};
use crate::value::Value;
use obs_core::ServiceIdentity;
use obs_export::wire::Writer;

/// One request with one resource, `ExportTraceServiceRequest.resource_spans[0]`: a `Resource` message and `Span` messages.
pub fn export_request<'a>(resource: &[u8], spans: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut w = Writer::new();
    w.message(1, |resource_spans| {
        resource_spans.bytes(1, resource);
        resource_spans.message(2, |scope_spans| {
            scope_spans.message(1, |scope| {
                scope.string(1, SCOPE);
                scope.string(2, env!("CARGO_PKG_VERSION"));
            });
            for span in spans {
                scope_spans.bytes(2, span);
            }
        });
    });
    w.into_vec()
}

/// The fields of a `Resource` message.
pub fn write_resource(w: &mut Writer, identity: &ServiceIdentity) {
    for (key, value) in identity.resource() {
        w.message(1, |kv| attribute(kv, key, &Value::from(value.to_owned())));
    }
}

/// The fields of a `Span` message.
pub fn write_span(w: &mut Writer, identity: &ServiceIdentity, span: &SpanRecord) {
    w.bytes(1, &span.trace_id.to_bytes());
    w.bytes(2, &span.span_id.to_bytes());
    if let Some(parent) = span.parent {
        w.bytes(4, &parent.to_bytes());
    }
    w.string(5, &span.name);
    w.uint64(6, u64::from(span.kind.otlp()));
    w.fixed64(7, span.start);
    w.fixed64(8, span.end);
    span.for_each_attribute(identity, |key, value| {
        w.message(9, |kv| attribute(kv, key, value));
    });
    for event in &span.events {
        w.message(11, |e| {
            e.fixed64(1, event.time);
            e.string(2, event.name);
            for (key, value) in &event.attributes {
                e.message(3, |kv| attribute(kv, key, value));
            }
        });
    }
    if let Status::Error(message) = &span.status {
        w.message(15, |status| {
            status.string(2, message);
            status.uint64(3, STATUS_ERROR);
        });
    }
    w.fixed32(16, FLAGS);
}

/// `opentelemetry.proto.common.v1.KeyValue`.
fn attribute(kv: &mut Writer, key: &str, value: &Value) {
    kv.string(1, key);
    kv.message(2, |any| {
        match value {
            Value::Str(text) => any.string(1, text),
            Value::Bool(b) => any.bool(2, *b),
            Value::I64(n) => any.int64(3, *n),
            Value::F64(x) => any.double(4, *x),
        };
    });
}
