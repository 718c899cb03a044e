//! The protobuf around spans: resource, scope, attributes.

use super::SCOPE;
use crate::recorder::attributes::cut;
use crate::value::Value;
use obs_core::ServiceIdentity;
use obs_export::wire::Writer;

/// One `ExportTraceServiceRequest` with one resource: the fields of a `Resource` message, and stretches of elements of
/// `ScopeSpans.spans` ([`SpanBatch::as_bytes`](crate::SpanBatch::as_bytes)).
pub fn export_request<'a>(resource: &[u8], spans: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut w = Writer::new();
    w.message(1, |resource_spans| {
        resource_spans.bytes(1, resource);
        resource_spans.message(2, |scope_spans| {
            scope_spans.message(1, |scope| {
                scope.string(1, SCOPE);
                scope.string(2, env!("CARGO_PKG_VERSION"));
            });
            for stretch in spans {
                scope_spans.raw(stretch);
            }
        });
    });
    w.into_vec()
}

/// The fields of a `Resource` message.
pub fn write_resource(w: &mut Writer, identity: &ServiceIdentity) {
    for (key, value) in identity.resource() {
        write_attribute(w, 1, key, &Value::from(value));
    }
}

/// A field that is a `KeyValue`.
pub(crate) fn write_attribute(w: &mut Writer, field: u32, key: &str, value: &Value<'_>) {
    w.message(field, |kv| {
        kv.string(1, key);
        kv.message(2, |any| write_any(any, value, usize::MAX));
    });
}

/// The fields of an `AnyValue`; texts longer than `longest` bytes are cut.
pub(crate) fn write_any(any: &mut Writer, value: &Value<'_>, longest: usize) {
    match value {
        Value::Str(text) => any.string(1, cut(text, longest)),
        Value::Bool(b) => any.bool(2, *b),
        Value::I64(n) => any.int64(3, *n),
        Value::F64(x) => any.double(4, *x),
        Value::Array(values) => any.message(5, |array| {
            for value in values {
                array.message(1, |any| write_any(any, value, longest));
            }
        }),
    };
}
