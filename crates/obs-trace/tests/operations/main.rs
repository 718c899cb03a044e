//! The helpers for operations: what their spans say.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail their test")]

mod agent;
mod cache;
mod db;
mod http;
mod service;
mod slow;

use obs_trace::{SpanRecord, Tracer, Value};
use std::collections::BTreeMap;

/// The attributes of the caller's own; none may be there twice.
fn own(span: &SpanRecord) -> BTreeMap<&str, Value<'static>> {
    let mut keys: Vec<&str> = span.attributes.iter().map(|(key, _)| key.as_ref()).collect();
    keys.sort_unstable();
    assert!(keys.windows(2).all(|pair| pair[0] != pair[1]), "{keys:?}");
    span.own_attributes().map(|(key, value)| (key, value.clone())).collect()
}

fn only(tracer: &Tracer) -> SpanRecord {
    let mut spans = tracer.take_finished();
    assert_eq!(spans.len(), 1, "{spans:?}");
    spans.remove(0)
}

fn text(text: &'static str) -> Value<'static> {
    Value::from(text)
}
