//! [`ExpectedTree`]: what a trace should look like.

use super::span::TreeSpan;
use obs_core::keys;
use obs_core::names::SpanKind;
use obs_trace::Value;
use std::fmt::{self, Write};

/// Spans that are expected side by side, in start order; [`span_tree!`](crate::span_tree!) writes one as a literal.
#[derive(Clone, Debug, Default)]
pub struct ExpectedTree {
    pub(super) spans: Vec<ExpectedSpan>,
    pub(super) others: bool,
}

/// One span that is expected.
#[derive(Clone, Debug)]
pub struct ExpectedSpan {
    pub(super) name: String,
    kind: Option<SpanKind>,
    attributes: Vec<(String, Value<'static>)>,
    pub(super) children: ExpectedTree,
}

impl ExpectedTree {
    /// No span.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a span that begins after those that were added before.
    pub fn push(&mut self, span: ExpectedSpan) {
        self.spans.push(span);
    }

    /// There may be others among them.
    pub fn and_others(&mut self) {
        self.others = true;
    }
}

impl ExpectedSpan {
    /// A span of this name, of any kind, with any attributes, without children.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: None, attributes: Vec::new(), children: ExpectedTree::default() }
    }

    /// Its kind.
    pub fn kind(&mut self, kind: SpanKind) {
        self.kind = Some(kind);
    }

    /// An attribute that it has, beside others. A key without a dot means the one with the prefix `acm.`.
    pub fn attribute(&mut self, key: &str, value: impl Into<Value<'static>>) {
        self.attributes.push((key.to_owned(), value.into()));
    }

    /// Its children.
    pub fn children(&mut self, children: ExpectedTree) {
        self.children = children;
    }

    /// Whether `span` is the one, as far as it goes without children.
    pub(super) fn is(&self, span: &impl TreeSpan) -> bool {
        let has = |(key, value): &(String, Value<'static>)| {
            span.attribute(&exported(key)).is_some_and(|got| is_same(value, &got))
        };
        self.name == span.name()
            && self.kind.is_none_or(|kind| span.kind() == Some(kind))
            && self.attributes.iter().all(has)
    }

    /// It in one line.
    pub(super) fn line(&self) -> String {
        let attributes = self.attributes.iter().map(|(key, value)| (key.as_str(), Some(value.clone())));
        line(&self.name, self.kind, attributes)
    }

    /// Another span in one line, as far as this one says anything.
    pub(super) fn line_of(&self, span: &impl TreeSpan) -> String {
        let attributes =
            self.attributes.iter().map(|(key, _)| (key.as_str(), span.attribute(&exported(key))));
        line(span.name(), self.kind.and(span.kind()), attributes)
    }
}

/// The key that an attribute is exported with.
fn exported(key: &str) -> String {
    if key.contains('.') { key.to_owned() } else { format!("{}{key}", keys::NAMESPACE) }
}

/// Equal; also two that are not numbers.
fn is_same(expected: &Value<'_>, got: &Value<'_>) -> bool {
    match (expected, got) {
        (Value::F64(a), Value::F64(b)) => a.total_cmp(b).is_eq() || (a.is_nan() && b.is_nan()),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        _ => expected == got,
    }
}

fn line<'a>(
    name: &str,
    kind: Option<SpanKind>,
    attributes: impl Iterator<Item = (&'a str, Option<Value<'static>>)>,
) -> String {
    let mut text = name.to_owned();
    if let Some(kind) = kind {
        // Writing to a string does not fail.
        let _ = write!(text, " [{}]", kind.as_str());
    }
    let attributes: Vec<String> = attributes
        .filter_map(|(key, value)| value.map(|value| format!("{key} = {}", Shown(&value))))
        .collect();
    if !attributes.is_empty() {
        let _ = write!(text, " ({})", attributes.join(", "));
    }
    text
}

/// A value as the literal has it.
struct Shown<'a>(&'a Value<'a>);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Str(text) => write!(f, "{text:?}"),
            Value::I64(n) => write!(f, "{n}"),
            Value::F64(x) => write!(f, "{x:?}"),
            Value::Bool(b) => write!(f, "{b}"),
            Value::Array(values) => {
                let values: Vec<String> = values.iter().map(|value| Shown(value).to_string()).collect();
                write!(f, "[{}]", values.join(", "))
            }
        }
    }
}
