//! The protobuf around spans: resource, scope, attributes.

use super::SCOPE;
use crate::recorder::attributes::cut;
use crate::value::Value;
use obs_core::ServiceIdentity;
use obs_export::wire::Writer;

/// One `ExportTraceServiceRequest` with one resource: the fields of a `Resource` message, and stretches of elements of
/// `ScopeSpans.spans` ([`SpanBatch::as_bytes`](crate::SpanBatch::as_bytes)).
pub fn export_request<'a>(
    resource: &[u8],
    spans: impl IntoIterator<Item = &'a [u8], IntoIter: Clone>,
) -> Vec<u8> {
    let mut request = Vec::new();
    write_export_request(&mut request, resource, spans);
    request
}

/// [`export_request`] into a buffer, in place of what it holds. All lengths are known beforehand, so that nothing is moved,
/// and a buffer that is used again is allocated once.
pub fn write_export_request<'a>(
    request: &mut Vec<u8>,
    resource: &[u8],
    spans: impl IntoIterator<Item = &'a [u8], IntoIter: Clone>,
) {
    let spans = spans.into_iter();
    let scope = field_length(SCOPE.len()) + field_length(VERSION.len());
    let scope_spans = field_length(scope) + spans.clone().map(<[u8]>::len).sum::<usize>();
    let resource_spans = field_length(resource.len()) + field_length(scope_spans);
    request.clear();
    request.reserve(field_length(resource_spans));
    let mut w = Writer::with_buffer(std::mem::take(request));
    // Of the messages around others only the heads are written: what is in them comes next.
    w.bytes_with(1, resource_spans, |_| ());
    w.bytes(1, resource);
    w.bytes_with(2, scope_spans, |_| ());
    w.bytes_with(1, scope, |_| ());
    w.string(1, SCOPE).string(2, VERSION);
    for stretch in spans {
        w.raw(stretch);
    }
    *request = w.into_vec();
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How long a field of so many bytes is, with its tag, which is one byte in all fields here, and its length.
fn field_length(bytes: usize) -> usize {
    let bits = (usize::BITS - bytes.leading_zeros()).max(1) as usize;
    1 + bits.div_ceil(7) + bytes
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The same, with lengths that are filled in when the messages end.
    fn nested(resource: &[u8], spans: &[&[u8]]) -> Vec<u8> {
        let mut w = Writer::new();
        w.message(1, |resource_spans| {
            resource_spans.bytes(1, resource);
            resource_spans.message(2, |scope_spans| {
                scope_spans.message(1, |scope| {
                    scope.string(1, SCOPE).string(2, VERSION);
                });
                for stretch in spans {
                    scope_spans.raw(stretch);
                }
            });
        });
        w.into_vec()
    }

    #[test]
    fn lengths_known_beforehand_are_those_of_the_messages() {
        let mut request = Vec::new();
        for length in [0, 1, 60, 100, 127, 128, 200, 16_300, 16_384, 70_000] {
            let (resource, spans) = (vec![1; length], [vec![2; length], vec![3; 5]]);
            let spans: Vec<&[u8]> = spans.iter().map(Vec::as_slice).collect();
            write_export_request(&mut request, &resource, spans.iter().copied());
            assert_eq!(request, nested(&resource, &spans), "{length}");
        }
    }

    #[test]
    fn a_request_takes_the_room_it_needs_once() {
        let mut request = export_request(&[1; 300], [&[2; 1000][..]]);
        let (length, room) = (request.len(), request.as_ptr());
        write_export_request(&mut request, &[1; 300], [&[3; 1000][..]]);
        assert_eq!((request.len(), request.as_ptr()), (length, room));
    }
}
