//! Every field of OTLP's `Span` arrives as it was set, decoded with the official schema; OTLP JSON says the same.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail their test")]

#[path = "../common/mod.rs"]
mod common;
mod random;
mod spec;

use common::{BEGINNING, Rig};
use obs_core::config::SpanLimits;
use obs_core::names::SpanKind;
use obs_trace::otlp::span_json;
use obs_trace::{SpanRecord, Status, Value, span};
use opentelemetry_proto::tonic::trace::v1 as otlp;
use prost::Message;
use spec::{Kept, List, Spec, context, own};

const DEFAULT: Kept = Kept { each: 128, bytes: 65_536 };

/// Records a span; what arrives, and the record that observers see.
fn replay(rig: &Rig, spec: &Spec) -> (otlp::Span, SpanRecord) {
    spec.record(&rig.tracer, |by| rig.clock.advance(by));
    let (mut spans, _) = rig.deliver();
    let mut records = rig.tracer.take_finished();
    assert_eq!((spans.len(), records.len()), (1, 1));
    (spans.remove(0), records.remove(0))
}

/// Records a span and compares what arrives with what was set.
fn check(rig: &Rig, spec: &Spec, kept: Kept) {
    let start = rig.clock.now();
    let (got, record) = replay(rig, spec);
    let expected = spec.expected(&got, start, kept);
    let bare = own(got.clone());
    // As bytes: two that are not numbers are equal then.
    if bare.encode_to_vec() != expected.encode_to_vec() {
        let short = |span: &otlp::Span| format!("{span:?}").chars().take(4_000).collect::<String>();
        panic!("expected {}\ngot      {}", short(&expected), short(&bare));
    }
    check_json(&got, &record);
}

/// The JSON of the record is the JSON that the official types have for the span.
fn check_json(got: &otlp::Span, record: &SpanRecord) {
    let text = span_json(record).to_string();
    let is_text = |text: &str| ["\"NaN\"", "\"Infinity\"", "\"-Infinity\""].iter().any(|n| text.contains(n));
    // The official types do not read what JSON has no number for, though they must write it as text.
    if !is_text(&text) {
        let parsed: otlp::Span = serde_json::from_str(&text).unwrap();
        let parsed = otlp::Span { status: parsed.status.filter(|s| *s != otlp::Status::default()), ..parsed };
        assert!(parsed == *got, "{text}\n{parsed:?}\n{got:?}");
    }
}

fn one(key: &str, value: impl Into<Value<'static>>) -> List {
    vec![(key.to_owned(), value.into())]
}

#[test]
fn every_kind_arrives() {
    let rig = Rig::new(|b| b);
    for kind in SpanKind::ALL {
        check(&rig, &Spec { kind, ..Spec::default() }, DEFAULT);
    }
}

#[test]
fn every_status_arrives_and_unset_is_left_out() {
    let rig = Rig::new(|b| b);
    for status in
        [Status::Unset, Status::Ok, Status::Error("".into()), Status::Error("no\nrows \0 \"x\"".into())]
    {
        check(&rig, &Spec { status, ..Spec::default() }, DEFAULT);
    }
}

#[test]
fn names_arrive_as_they_are_unless_they_are_old() {
    let rig = Rig::new(|b| b);
    let long = "ä".repeat(40_000);
    for name in [
        "",
        ".",
        "a",
        "a.b.c.d",
        "Not A Name",
        "ünï.cødé",
        "line\nbreak\0nul\"quote",
        "load_data",
        "train.detector_fit",
        " ",
        "\u{1f600}",
        &long,
    ] {
        check(&rig, &Spec { name: name.to_owned(), ..Spec::default() }, DEFAULT);
    }
}

#[test]
fn values_of_every_type_arrive_bit_by_bit() {
    let rig = Rig::new(|b| b);
    let texts = ["", "plain", "NUL \0, newline \n, quote \", tab \t, \u{7f} and \\", "ünï😀", "\u{feff}"];
    let numbers = [0, 1, -1, i64::MIN, i64::MAX, i64::from(i32::MIN), 1 << 53];
    let floats = [
        0.0,
        -0.0,
        1.0,
        f64::MIN,
        f64::MAX,
        f64::MIN_POSITIVE,
        f64::EPSILON,
        5e-324,
        0.1,
        f64::NAN,
        -f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];
    let mut values: Vec<Value<'static>> = texts.iter().map(|t| Value::from(*t)).collect();
    values.extend(numbers.map(Value::I64));
    values.extend(floats.map(Value::F64));
    values.extend([true, false].map(Value::Bool));
    values.extend([
        Value::Array(Vec::new()),
        Value::from(&["a", "", "b\0"][..]),
        Value::from(&numbers[..]),
        Value::from(&floats[..]),
        Value::from(&[true, false][..]),
        Value::Array(vec![
            Value::Array(vec![Value::from(1), Value::Array(Vec::new())]),
            Value::from("mixed"),
        ]),
    ]);
    for value in values {
        let all = one("a", value);
        let spec = Spec {
            attributes: [all.clone(), one("dotted.key", 1), one("", 2), one("ключ \"\n", true)].concat(),
            events: vec![("event".to_owned(), all.clone()), (String::new(), Vec::new())],
            links: vec![(context(5, true, true, ""), all)],
            ..Spec::default()
        };
        check(&rig, &spec, DEFAULT);
    }
}

#[test]
fn links_arrive_with_state_and_flags_wherever_they_were_added() {
    let rig = Rig::new(|b| b);
    let links: Vec<_> =
        [(true, true, "a=1,b=2"), (true, false, ""), (false, true, "vendor@x=y"), (false, false, "")]
            .iter()
            .zip(1..)
            .map(|((is_remote, sampled, state), n)| {
                (context(n, *is_remote, *sampled, state), one("why", "because"))
            })
            .collect();
    check(&rig, &Spec { links, ..Spec::default() }, DEFAULT);
}

#[test]
fn a_remote_parent_arrives_with_its_state_and_the_flag_that_says_so() {
    let rig = Rig::new(|b| b);
    for state in ["", "a=1", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"] {
        let parent = Some(context(9, true, true, state));
        check(&rig, &Spec { parent, ..Spec::default() }, DEFAULT);
    }
    let local = Some(context(9, false, true, ""));
    check(&rig, &Spec { parent: local, ..Spec::default() }, DEFAULT);
}

#[test]
fn times_arrive_to_the_nanosecond() {
    let rig = Rig::new(|b| b);
    for length in [0, 1, 999, 3_600_000_000_001] {
        check(&rig, &Spec { length, ..Spec::default() }, DEFAULT);
    }
    drop(rig.tracer.span("drift").start_time(BEGINNING - 7).start());
    let (spans, _) = rig.close();
    assert_eq!(spans[0].start_time_unix_nano, BEGINNING - 7);
}

#[test]
fn what_is_beyond_a_limit_is_counted_where_it_was_dropped() {
    let limits = SpanLimits {
        attributes: 2,
        events: 2,
        links: 2,
        event_attributes: 2,
        link_attributes: 2,
        value_bytes: 5,
        ..SpanLimits::default()
    };
    let rig = Rig::new(|b| b.limits(limits));
    let list = |n: usize| -> List { (0..n).map(|i| (format!("k{i}"), Value::from("äöüß"))).collect() };
    for n in [0, 1, 2, 3, 200] {
        let spec = Spec {
            attributes: list(n),
            events: (0..n).map(|_| ("tick tock".to_owned(), list(n))).collect(),
            links: (0..n).map(|_| (context(3, true, true, "key=longer than five"), list(n))).collect(),
            status: Status::Error("too long".into()),
            ..Spec::default()
        };
        check(&rig, &spec, Kept { each: 2, bytes: 5 });
    }
}

#[test]
fn a_text_of_ten_megabytes_is_cut_at_the_limit_or_arrives_whole() {
    let text = "0123456789".repeat(1_000_000);
    let spec = Spec {
        attributes: one("text", text.clone()),
        events: vec![("event".to_owned(), one("text", text.clone()))],
        status: Status::Error(text.into()),
        ..Spec::default()
    };
    check(&Rig::new(|b| b), &spec, DEFAULT);
    let limits = SpanLimits { value_bytes: u32::MAX, ..SpanLimits::default() };
    let room = |b: obs_trace::TracerBuilder| b.limits(limits).buffer_bytes(1 << 30);
    check(&Rig::new(room), &spec, Kept { each: 128, bytes: usize::MAX });
}

#[test]
fn json_writes_what_it_has_no_number_for_as_text() {
    let rig = Rig::new(|b| b);
    let list = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    let (_, record) = replay(&rig, &Spec { attributes: one("x", &list[..]), ..Spec::default() });
    let json = span_json(&record).to_string();
    let expected = r#"[{"doubleValue":"NaN"},{"doubleValue":"Infinity"},{"doubleValue":"-Infinity"}]"#;
    assert!(json.contains(expected), "{json}");
}

/// OpenTelemetry: keys of attributes are unique.
#[test]
fn a_key_is_there_once_however_it_was_set() {
    let rig = Rig::new(|b| b);
    let mut span = span!(rig.tracer, "drift", n_samples = 1);
    span.set_dynamic("n_samples", 2);
    span.set("acm.n_samples", 3);
    span.set_dynamic("acm.n_samples", 4);
    span.set_dynamic("rows", 5);
    span.set("rows", 6);
    // One that obs sets by itself.
    span.set("category", "own");
    span.set_dynamic("acm.depth", 7);
    span.set("depth", 8);
    span.event("tick", &[("n", 1.into()), ("acm.n", 2.into())]);
    drop(span);
    let (spans, _) = rig.close();
    let mut keys: Vec<_> = spans[0].attributes.iter().map(|a| a.key.as_str()).collect();
    keys.sort_unstable();
    let all = keys.len();
    keys.dedup();
    assert_eq!(keys.len(), all, "{:?}", spans[0].attributes);
    let texts: Vec<_> = spans[0].attributes.iter().map(|a| format!("{}={:?}", a.key, a.value)).collect();
    for (key, value) in [
        ("acm.n_samples", "IntValue(4)"),
        ("acm.rows", "IntValue(6)"),
        ("acm.depth", "IntValue(8)"),
        ("acm.category", "own"),
    ] {
        assert!(
            texts.iter().any(|t| t.starts_with(key) && t.contains(value)),
            "{key}: the last value, {texts:?}"
        );
    }
    assert_eq!(spans[0].events[0].attributes.len(), 1, "{:?}", spans[0].events);
}
