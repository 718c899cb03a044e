//! OpenTelemetry's own propagators read what ours write, and ours read what they write (promise CTX-05).

use obs_core::baggage::BaggageProperty;
use obs_core::{Baggage, SpanId, TraceId};
use obs_trace::propagation::{Propagators, SpanContext, TraceState};
use opentelemetry::Context;
use opentelemetry::baggage::{BaggageExt as _, KeyValueMetadata};
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{self as otel, TraceContextExt as _};
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};
use proptest::prelude::*;
use std::collections::HashMap;

type Headers = HashMap<String, String>;

fn theirs(propagator: &dyn TextMapPropagator, context: &Context) -> Headers {
    let mut headers = Headers::new();
    propagator.inject_context(context, &mut headers);
    headers
}

fn ours(span: Option<&SpanContext>, baggage: &Baggage) -> Headers {
    let mut headers = Headers::new();
    Propagators::default().inject(span, baggage, &mut headers);
    headers
}

/// Members of a trace state that both sides keep whole: few and short.
fn members() -> impl Strategy<Value = Vec<(String, String)>> {
    let unique = |members: HashMap<String, String>| members.into_iter().collect();
    proptest::collection::hash_map("[a-z][a-z0-9_*/-]{0,9}", "[!-+--<>-~][ -+--<>-~]{0,20}[!-+--<>-~]", 0..10)
        .prop_map(unique)
}

/// The value of baggage, of text that has no white space around it: OpenTelemetry's propagator takes that off on both
/// ways, also where it was encoded.
fn text() -> impl Strategy<Value = String> {
    any::<String>().prop_map(|text| text.trim().to_owned())
}

/// Their propagator encodes no percent sign, and no backslash: a value with a percent sign changes on its way.
fn text_that_survives_them() -> impl Strategy<Value = String> {
    any::<String>().prop_map(|text| text.replace('%', "").trim().to_owned())
}

proptest! {
    #[test]
    fn they_read_our_trace_context(
        trace in 1..=u128::MAX, span in 1..=u64::MAX, sampled: bool, random: bool, members in members()
    ) {
        let mut ours_context = SpanContext {
            random,
            ..SpanContext::new(TraceId::new(trace).unwrap(), SpanId::new(span).unwrap(), sampled)
        };
        for (key, value) in members.iter().rev() {
            ours_context.trace_state.insert(key, value).unwrap();
        }
        let headers = ours(Some(&ours_context), &Baggage::new());
        let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &headers);
        let read = context.span().span_context().clone();
        prop_assert!(read.is_valid() && read.is_remote());
        prop_assert_eq!(u128::from_be_bytes(read.trace_id().to_bytes()), trace);
        prop_assert_eq!(u64::from_be_bytes(read.span_id().to_bytes()), span);
        prop_assert_eq!(read.is_sampled(), sampled);
        prop_assert_eq!(read.trace_state().header(), ours_context.trace_state.as_str());
    }

    #[test]
    fn we_read_their_trace_context(
        trace in 1..=u128::MAX, span in 1..=u64::MAX, flags: u8, members in members()
    ) {
        let state = otel::TraceState::from_key_value(members).unwrap();
        let theirs_context = otel::SpanContext::new(
            trace.into(),
            span.into(),
            otel::TraceFlags::new(flags),
            false,
            state.clone(),
        );
        let context = Context::new().with_remote_span_context(theirs_context);
        let headers = theirs(&TraceContextPropagator::new(), &context);
        let read = Propagators::default().try_extract(&headers).unwrap().parent.unwrap();
        prop_assert_eq!((read.trace_id.get(), read.span_id.get()), (trace, span));
        prop_assert_eq!((read.sampled, read.is_remote), (flags & 1 == 1, true));
        prop_assert_eq!(read.trace_state.as_str(), state.header());
    }

    #[test]
    fn they_read_our_baggage(
        entries in proptest::collection::hash_map("[!#$&'*+.^_`|~0-9A-Za-z-]{1,12}", text(), 1..8),
        property in "[a-z]{1,8}", property_value in "[a-z0-9]{0,8}",
    ) {
        let mut baggage = Baggage::new();
        for (key, value) in &entries {
            let properties = vec![BaggageProperty::new(&property, &property_value), BaggageProperty::flag("flag")];
            baggage.insert_with(key, value, properties).unwrap();
        }
        let headers = ours(None, &baggage);
        let context = BaggagePropagator::new().extract_with_context(&Context::new(), &headers);
        prop_assert_eq!(context.baggage().len(), entries.len());
        for (key, value) in &entries {
            let (read, metadata) = context.baggage().get_with_metadata(key).unwrap();
            prop_assert_eq!(read.as_str(), value);
            prop_assert_eq!(metadata.as_str(), format!("{property}={property_value};flag"));
        }
    }

    #[test]
    fn we_read_their_baggage(
        entries in proptest::collection::hash_map(
            "[!#$&'*+.^_`|~0-9A-Za-z-]{1,12}", text_that_survives_them(), 1..8),
        property in "[a-z]{1,8}", property_value in "[a-z0-9]{0,8}",
    ) {
        let metadata = format!("{property}={property_value};flag");
        let with_metadata = entries.iter().map(|(key, value)| {
            KeyValueMetadata::new(key.clone(), value.clone(), metadata.as_str())
        });
        let context = Context::new().with_baggage(with_metadata.collect::<Vec<_>>());
        let headers = theirs(&BaggagePropagator::new(), &context);
        let read = Propagators::default().try_extract(&headers).unwrap().baggage;
        prop_assert_eq!(read.len(), entries.len());
        for (key, value) in &entries {
            let entry = read.entry(key).unwrap();
            prop_assert_eq!(entry.value(), value);
            let properties = [BaggageProperty::new(&property, &property_value), BaggageProperty::flag("flag")];
            prop_assert_eq!(entry.properties(), properties);
        }
    }
}

#[test]
fn both_take_the_same_parents_from_the_edge_of_what_is_valid() {
    const IDS: &str = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7";
    let headers = [
        format!("00-{IDS}-01"),
        format!(" 00-{IDS}-00\t"),
        format!("00-{IDS}-ff"),
        format!("02-{IDS}-01-more"),
        format!("00-{IDS}-01-more"),
        format!("ff-{IDS}-01"),
        format!("00-{}-01", IDS.to_uppercase()),
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01".to_owned(),
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01".to_owned(),
        format!("00-{IDS}"),
        String::new(),
    ];
    for header in headers {
        let headers = Headers::from([("traceparent".to_owned(), header.clone())]);
        let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &headers);
        let parent = Propagators::default().extract(&headers).parent;
        assert_eq!(parent.is_some(), context.span().span_context().is_valid(), "{header:?}");
        let sampled = parent.is_some_and(|parent| parent.sampled);
        assert_eq!(sampled, context.span().span_context().is_sampled(), "{header:?}");
    }
}

#[test]
fn a_full_trace_state_and_full_baggage_cross_whole() {
    let mut state = TraceState::EMPTY;
    (0..32).for_each(|n| state.insert(&format!("k{n}"), "v").unwrap());
    let mut baggage = Baggage::new();
    (0..64).for_each(|n| baggage.insert(&format!("k{n}"), &"v".repeat(100)).unwrap());
    let span = SpanContext {
        trace_state: state.clone(),
        ..SpanContext::new(TraceId::new(1).unwrap(), SpanId::new(1).unwrap(), true)
    };
    let headers = ours(Some(&span), &baggage);
    let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &headers);
    assert_eq!(context.span().span_context().trace_state().header(), state.as_str());
    let context = BaggagePropagator::new().extract_with_context(&Context::new(), &headers);
    assert_eq!(context.baggage().len(), 64);
}
