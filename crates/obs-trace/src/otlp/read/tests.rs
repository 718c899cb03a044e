//! Bytes of any sort are read without a panic, and what is whole is read as it was written.

use super::*;
use crate::record::Attributes;
use obs_export::wire::Writer;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::{self as otlp, ScopeSpans, span};
use proptest::prelude::*;
use prost::Message;

fn attribute(key: &str, value: any_value::Value) -> KeyValue {
    let value = Some(AnyValue { value: Some(value) });
    KeyValue { key: key.to_owned(), value, ..KeyValue::default() }
}

/// A span with everything, as another implementation writes it.
fn spans() -> ScopeSpans {
    let any = |n: i64| AnyValue { value: Some(any_value::Value::IntValue(n)) };
    let array = any_value::Value::ArrayValue(ArrayValue { values: vec![any(1), any(i64::MIN)] });
    let attributes = vec![
        attribute("acm.outcome", any_value::Value::StringValue("noop".to_owned())),
        attribute("array", array),
        attribute("x", any_value::Value::DoubleValue(-0.5)),
        attribute("b", any_value::Value::BoolValue(true)),
    ];
    let event = span::Event {
        time_unix_nano: 5,
        name: "tick".to_owned(),
        attributes: attributes.clone(),
        dropped_attributes_count: 1,
    };
    let link = span::Link {
        trace_id: vec![3; 16],
        span_id: vec![4; 8],
        trace_state: "a=1".to_owned(),
        attributes: attributes.clone(),
        dropped_attributes_count: 2,
        flags: 0x301,
    };
    let whole = otlp::Span {
        trace_id: vec![1; 16],
        span_id: vec![2; 8],
        trace_state: "b=2".to_owned(),
        parent_span_id: vec![9; 8],
        flags: 0x101,
        name: "fit.pca".to_owned(),
        kind: 3,
        start_time_unix_nano: 4,
        end_time_unix_nano: 6,
        attributes,
        dropped_attributes_count: 3,
        events: vec![event],
        dropped_events_count: 4,
        links: vec![link],
        dropped_links_count: 5,
        status: Some(otlp::Status { message: "no".to_owned(), code: 2 }),
    };
    ScopeSpans { spans: vec![whole.clone(), whole], ..ScopeSpans::default() }
}

#[test]
fn a_span_that_others_wrote_is_read_field_by_field() {
    let spans: Vec<SpanRecord> = read_spans(&spans().encode_to_vec()).collect();
    let attributes: Attributes = vec![
        ("acm.outcome".into(), Value::from("noop")),
        ("array".into(), Value::from(&[1, i64::MIN][..])),
        ("x".into(), Value::from(-0.5)),
        ("b".into(), Value::from(true)),
    ];
    let expected = SpanRecord {
        trace_id: TraceId::new(u128::from_be_bytes([1; 16])).unwrap(),
        span_id: SpanId::new(u64::from_be_bytes([2; 8])).unwrap(),
        parent: SpanId::new(u64::from_be_bytes([9; 8])),
        trace_state: "b=2".to_owned(),
        flags: 0x101,
        name: "fit.pca".into(),
        kind: SpanKind::Client,
        start: 4,
        end: 6,
        dropped_attributes: 3,
        events: vec![Event {
            time: 5,
            name: "tick".into(),
            attributes: attributes.clone(),
            dropped_attributes: 1,
        }],
        dropped_events: 4,
        links: vec![Link {
            trace_id: TraceId::new(u128::from_be_bytes([3; 16])).unwrap(),
            span_id: SpanId::new(u64::from_be_bytes([4; 8])).unwrap(),
            trace_state: "a=1".to_owned(),
            attributes: attributes.clone(),
            dropped_attributes: 2,
            flags: 0x301,
        }],
        attributes,
        dropped_links: 5,
        status: Status::Error("no".into()),
        outcome: Outcome::Noop,
    };
    assert_eq!(spans, [expected.clone(), expected]);
}

#[test]
fn bytes_that_were_cut_give_what_is_whole_before_the_cut() {
    let whole = spans().encode_to_vec();
    let one = whole.len() / 2;
    for end in 0..=whole.len() {
        let read = read_spans(&whole[..end]).count();
        assert_eq!(read, end / one, "{end}");
    }
}

#[test]
fn values_that_nest_without_end_are_left_out() {
    let mut value = AnyValue { value: Some(any_value::Value::BoolValue(true)) };
    for _ in 0..100 {
        let values = vec![value];
        value = AnyValue { value: Some(any_value::Value::ArrayValue(ArrayValue { values })) };
    }
    let mut deep = value.encode_to_vec();
    assert!(read_any(&deep, DEEPEST).is_some());
    // As deep as bytes go.
    for _ in 0..12_000 {
        let mut w = Writer::new();
        w.message(5, |array| {
            array.bytes(1, &deep);
        });
        deep = w.into_vec();
    }
    assert!(read_any(&deep, DEEPEST).is_some());
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read_spans(&bytes).count();
    }

    #[test]
    fn damaged_spans_are_read_without_a_panic(
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        end in any::<prop::sample::Index>(),
    ) {
        let mut bytes = spans().encode_to_vec();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = read_spans(&bytes[..end.index(bytes.len())]).count();
    }
}
