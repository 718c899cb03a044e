//! [`TreeSpan`]: what a tree needs to know of a span, wherever it comes from.

use obs_core::names::SpanKind;
use obs_trace::{SpanRecord, Value};
use opentelemetry_proto::tonic::common::v1::{AnyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::Span;

/// Which span it is, and which one it is part of. Ids are as OTLP has them: big endian.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SpanIds {
    /// Its trace.
    pub trace: Vec<u8>,
    /// Its own id.
    pub span: Vec<u8>,
    /// The span it is part of; empty for a root.
    pub parent: Vec<u8>,
}

/// A span as far as its place in a tree is concerned: one that a tracer finished, or one of OTLP.
pub trait TreeSpan {
    /// Which span it is.
    fn ids(&self) -> SpanIds;
    /// When it began, nanoseconds since the Unix epoch.
    fn start(&self) -> u64;
    /// Its name.
    fn name(&self) -> &str;
    /// Its kind; `None` for one that is not set.
    fn kind(&self) -> Option<SpanKind>;
    /// The value of an attribute, by the key it is exported with.
    fn attribute(&self, key: &str) -> Option<Value<'static>>;
    /// OTLP's flags.
    fn flags(&self) -> u32;

    /// Whether the parent is known to be in another process.
    fn has_remote_parent(&self) -> bool {
        self.flags() & 0x200 != 0
    }
}

impl<T: TreeSpan> TreeSpan for &T {
    fn ids(&self) -> SpanIds {
        (**self).ids()
    }
    fn start(&self) -> u64 {
        (**self).start()
    }
    fn name(&self) -> &str {
        (**self).name()
    }
    fn kind(&self) -> Option<SpanKind> {
        (**self).kind()
    }
    fn attribute(&self, key: &str) -> Option<Value<'static>> {
        (**self).attribute(key)
    }
    fn flags(&self) -> u32 {
        (**self).flags()
    }
}

impl TreeSpan for SpanRecord {
    fn ids(&self) -> SpanIds {
        SpanIds {
            trace: self.trace_id.to_bytes().to_vec(),
            span: self.span_id.to_bytes().to_vec(),
            parent: self.parent.map_or_else(Vec::new, |parent| parent.to_bytes().to_vec()),
        }
    }

    fn start(&self) -> u64 {
        self.start
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn kind(&self) -> Option<SpanKind> {
        Some(self.kind)
    }

    fn attribute(&self, key: &str) -> Option<Value<'static>> {
        SpanRecord::attribute(self, key).cloned()
    }

    fn flags(&self) -> u32 {
        self.flags
    }
}

impl TreeSpan for Span {
    fn ids(&self) -> SpanIds {
        let parent =
            if self.parent_span_id.iter().all(|byte| *byte == 0) { &[] } else { &*self.parent_span_id };
        SpanIds { trace: self.trace_id.clone(), span: self.span_id.clone(), parent: parent.to_vec() }
    }

    fn start(&self) -> u64 {
        self.start_time_unix_nano
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn kind(&self) -> Option<SpanKind> {
        SpanKind::ALL.into_iter().find(|kind| i64::from(kind.otlp()) == i64::from(self.kind))
    }

    fn attribute(&self, key: &str) -> Option<Value<'static>> {
        let attribute = self.attributes.iter().find(|attribute| attribute.key == key)?;
        value(attribute.value.as_ref()?)
    }

    fn flags(&self) -> u32 {
        self.flags
    }
}

/// The value of an attribute; `None` for the types that a tracer does not write (bytes, maps).
fn value(any: &AnyValue) -> Option<Value<'static>> {
    Some(match any.value.as_ref()? {
        any_value::Value::StringValue(text) => Value::from(text.clone()),
        any_value::Value::BoolValue(b) => Value::Bool(*b),
        any_value::Value::IntValue(n) => Value::I64(*n),
        any_value::Value::DoubleValue(x) => Value::F64(*x),
        any_value::Value::ArrayValue(array) => Value::Array(array.values.iter().filter_map(value).collect()),
        _ => return None,
    })
}

/// The kind as trees write it.
pub(super) fn kind_text(kind: Option<SpanKind>) -> &'static str {
    kind.map_or("unspecified", SpanKind::as_str)
}
