//! Spans made up at random.

use crate::common::Rig;
use crate::spec::{Kept, List, Spec, context};
use crate::{DEFAULT, check};
use obs_core::config::SpanLimits;
use obs_core::names::SpanKind;
use obs_trace::propagation::SpanContext;
use obs_trace::{Status, Value};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

fn value() -> impl Strategy<Value = Value<'static>> {
    let leaf = prop_oneof![
        any::<String>().prop_map(Value::from),
        any::<i64>().prop_map(Value::I64),
        any::<f64>().prop_map(Value::F64),
        any::<bool>().prop_map(Value::Bool),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| vec(inner, 0..4).prop_map(Value::Array))
}

/// Keys are different, also once they have their prefix.
fn list() -> impl Strategy<Value = List> {
    vec((".{0,12}", value()), 0..6).prop_map(|list| {
        list.into_iter().enumerate().map(|(i, (key, value))| (format!("{key}{i}"), value)).collect()
    })
}

fn linked() -> impl Strategy<Value = SpanContext> {
    let state = prop_oneof![Just(""), Just("a=1"), Just("x@y=z,other=1 2")];
    (1..=u64::MAX, any::<bool>(), any::<bool>(), state)
        .prop_map(|(n, remote, sampled, state)| context(n, remote, sampled, state))
}

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![
        Just(Status::Unset),
        Just(Status::Ok),
        any::<String>().prop_map(|text| Status::Error(text.into()))
    ]
}

fn spec() -> impl Strategy<Value = Spec> {
    let kind = (0..SpanKind::ALL.len()).prop_map(|n| SpanKind::ALL[n]);
    // Of another process, and recorded there: else there would be nothing to compare.
    let parent =
        proptest::option::of(linked().prop_map(|to| SpanContext { is_remote: true, sampled: true, ..to }));
    let events = vec((any::<String>(), list()), 0..5);
    let links = vec((linked(), list()), 0..5);
    let name = prop_oneof![any::<String>(), "[a-z]{1,8}\\.[a-z_]{1,8}"];
    (name, kind, parent, list(), events, links, status(), 0..u64::from(u32::MAX)).prop_map(
        |(name, kind, parent, attributes, events, links, status, length)| Spec {
            name,
            kind,
            parent,
            attributes,
            events,
            links,
            status,
            length,
        },
    )
}

fn replay(rig: &Rig, kept: Kept, cases: u32) {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(cases) });
    let run = runner.run(&spec(), |spec| {
        check(rig, &spec, kept);
        Ok(())
    });
    if let Err(error) = run {
        panic!("{error}");
    }
}

#[test]
fn any_span_arrives_as_it_was_set() {
    replay(&Rig::new(|b| b), DEFAULT, 200);
}

#[test]
fn any_span_arrives_as_it_was_set_as_far_as_the_limits_let_it() {
    let limits = SpanLimits {
        attributes: 3,
        events: 3,
        links: 3,
        event_attributes: 3,
        link_attributes: 3,
        value_bytes: 9,
        ..SpanLimits::default()
    };
    replay(&Rig::new(|b| b.limits(limits)), Kept { each: 3, bytes: 9 }, 200);
}
