//! The bridge of the OpenTelemetry API: nesting both ways, everything a span of it can be told.

use super::*;
use crate::propagation::{SpanContext, TraceState};
use crate::record::{Outcome, SpanRecord, Status};
use crate::value::Value;
use crate::{Sampler, span};
use obs_core::Clock;
use obs_core::active;
use obs_core::config::SpanLimits;
use obs_core::names::SpanKind;
use obs_core::sampling::{KeepRules, RootSampler, SamplerConfig, TailConfig};
use opentelemetry::global::BoxedTracer;
use opentelemetry::trace::{
    self as otel, Span as _, TraceContextExt, Tracer as _, TracerProvider as _, mark_span_as_active,
};
use opentelemetry::{Array, Context, InstrumentationScope, KeyValue};
use std::time::{Duration, UNIX_EPOCH};

fn tracers() -> (crate::Tracer, Tracer) {
    of(crate::Tracer::for_tests())
}

fn of(tracer: crate::Tracer) -> (crate::Tracer, Tracer) {
    let library = TracerProvider::new(tracer.clone()).tracer("library");
    (tracer, library)
}

/// Every span with the name of its parent.
fn tree(tracer: &crate::Tracer) -> Vec<(String, String)> {
    let spans = tracer.take_finished();
    let name = |id| spans.iter().find(|s| Some(s.span_id) == id).map_or("", |s| s.name.as_ref()).to_owned();
    spans.iter().map(|s| (s.name.to_string(), name(s.parent))).collect()
}

fn only(tracer: &crate::Tracer) -> SpanRecord {
    let mut spans = tracer.take_finished();
    assert_eq!(spans.len(), 1, "{spans:?}");
    spans.remove(0)
}

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec()
}

fn remote(state: &str) -> SpanContext {
    let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    SpanContext {
        trace_state: TraceState::parse(state).unwrap(),
        ..SpanContext::from_traceparent(header).unwrap()
    }
}

/// TRC-06
#[test]
fn spans_of_both_nest_in_each_other_to_any_depth() {
    let (tracer, library) = tracers();
    {
        let _ours = span!(tracer, "a");
        library.in_span("b", |_| {
            let _ours = span!(tracer, "c");
            library.in_span("d", |_| drop(span!(tracer, "e")));
            drop(library.start("f"));
        });
        drop(span!(tracer, "g"));
    }
    assert_eq!(active::span(), None);
    let expected = [("e", "d"), ("d", "c"), ("f", "c"), ("c", "b"), ("b", "a"), ("g", "a"), ("a", "")];
    assert_eq!(tree(&tracer), pairs(expected));
}

/// TRC-06: what libraries have is a boxed tracer of the global provider, and guards of contexts.
#[test]
fn a_span_that_any_context_makes_active_is_the_active_one_until_its_guard_drops() {
    let (tracer, library) = tracers();
    let library = BoxedTracer::new(Box::new(library));
    let outer = mark_span_as_active(library.start("outer"));
    let inner = library.start("inner");
    let context = Context::current_with_span(inner);
    drop(span!(tracer, "a"));
    {
        let _guard = context.clone().attach();
        drop(span!(tracer, "b"));
        let _baggage = Context::current_with_value(1_u8).attach();
        let _ours = span!(tracer, "c");
        let _more = Context::current_with_value(2_u8).attach();
        drop(span!(tracer, "d"));
    }
    drop(span!(tracer, "e"));
    drop(context);
    drop(outer);
    drop(span!(tracer, "f"));
    let expected = [
        ("a", "outer"),
        ("b", "inner"),
        ("d", "c"),
        ("c", "inner"),
        ("e", "outer"),
        ("inner", "outer"),
        ("outer", ""),
        ("f", ""),
    ];
    assert_eq!(tree(&tracer), pairs(expected));
}

#[test]
fn contexts_that_are_detached_out_of_order_leave_no_one_in_them() {
    let (tracer, library) = tracers();
    let _ours = span!(tracer, "ours");
    let here = active::place();
    let first = mark_span_as_active(library.start("first"));
    let second = mark_span_as_active(library.start("second"));
    let in_second = active::place();
    drop(first);
    assert_eq!(active::place(), in_second);
    drop(second);
    assert_eq!(active::place(), here);
}

#[test]
fn a_parent_that_is_given_counts_more_than_what_is_active() {
    let (tracer, library) = tracers();
    let first = Context::new().with_span(library.start("first"));
    {
        let _ours = span!(tracer, "ours");
        library.in_span("second", |_| {
            drop(library.start_with_context("child", &first));
            drop(library.start_with_context("root", &Context::new()));
            let _left = Context::new().attach();
            drop(span!(tracer, "alone"));
        });
        drop(library.start_with_context("nested", &Context::new()));
    }
    drop(first);
    let expected = [
        ("child", "first"),
        ("root", ""),
        ("alone", ""),
        ("second", "ours"),
        ("nested", "ours"),
        ("ours", ""),
        ("first", ""),
    ];
    assert_eq!(tree(&tracer), pairs(expected));
}

/// TRC-06: as a server has it from a propagator.
#[test]
fn a_remote_parent_is_continued_by_spans_of_both_with_its_trace_state() {
    let (tracer, library) = tracers();
    let caller = remote("rojo=1,congo=2");
    let incoming = Context::new().with_remote_span_context((&caller).into());
    drop(library.start_with_context("given", &incoming));
    {
        let _guard = incoming.attach();
        let ours = span!(tracer, "attached");
        assert_eq!(ours.context().unwrap().trace_state, caller.trace_state);
        let theirs = library.start("below");
        assert_eq!(theirs.span_context().trace_state().header(), "rojo=1,congo=2");
    }
    let spans = tracer.take_finished();
    assert!(spans.iter().all(|s| s.trace_id == caller.trace_id && s.trace_state == "rojo=1,congo=2"));
    assert_eq!(spans[0].parent, Some(caller.span_id));
    assert!(spans[0].has_remote_parent());
    assert_eq!(spans[1].parent, Some(spans[2].span_id));
    assert_eq!(spans[2].parent, Some(caller.span_id));
    assert!(spans[2].has_remote_parent() && !spans[1].has_remote_parent());
}

/// TRC-06
#[test]
fn everything_that_the_api_can_say_of_a_span_is_recorded() {
    let clock = Clock::manual(1_000);
    let (tracer, library) = of(crate::Tracer::builder().clock(clock.clone()).keep_finished().build());
    let at = |nanos| UNIX_EPOCH + Duration::from_nanos(nanos);
    let link = otel::Link::new((&remote("rojo=1")).into(), vec![KeyValue::new("why", "retry")], 0);
    let nowhere = otel::Link::with_context(otel::SpanContext::NONE);
    let mut span = library
        .span_builder("first")
        .with_kind(otel::SpanKind::Producer)
        .with_start_time(at(500))
        .with_attributes([KeyValue::new("x.b", true), KeyValue::new("x.n", 1), KeyValue::new("x.f", 0.5)])
        .with_events(vec![otel::Event::new("begun", at(600), vec![KeyValue::new("x.of", "it")], 0)])
        .with_links(vec![link, nowhere])
        .start(&library);
    assert!(span.is_recording());
    span.update_name(String::from("renamed"));
    span.set_attribute(KeyValue::new("x.n", 2));
    span.set_attributes([
        KeyValue::new("x.text", "text"),
        KeyValue::new("x.ints", opentelemetry::Value::Array(Array::I64(vec![1, 2]))),
        KeyValue::new("x.texts", opentelemetry::Value::Array(Array::String(vec!["a".into()]))),
    ]);
    clock.advance(Duration::from_nanos(100));
    span.add_event("now", vec![]);
    span.add_event_with_timestamp("then", at(700), vec![KeyValue::new("x.f", 1.5)]);
    span.record_error(&std::fmt::Error);
    span.add_link(span.span_context().clone(), vec![]);
    let context = span.span_context().clone();
    span.end_with_timestamp(at(2_000));
    assert!(!span.is_recording());
    span.set_attribute(KeyValue::new("x.late", 1));
    assert_eq!(span.span_context(), &context, "also after the end");
    drop(span);

    let span = only(&tracer);
    assert_eq!((span.name.as_ref(), span.kind), ("renamed", SpanKind::Producer));
    assert_eq!((span.start, span.end), (500, 2_000));
    let own: Vec<_> = span.own_attributes().map(|(key, value)| (key, value.clone())).collect();
    let expected = [
        ("otel.scope.name", Value::from("library")),
        ("x.b", Value::Bool(true)),
        ("x.n", Value::I64(2)),
        ("x.f", Value::F64(0.5)),
        ("x.text", Value::from("text")),
        ("x.ints", Value::Array(vec![Value::I64(1), Value::I64(2)])),
        ("x.texts", Value::Array(vec![Value::from("a")])),
    ];
    assert_eq!(own, expected);
    let events: Vec<_> = span.events.iter().map(|e| (e.name.as_ref(), e.time)).collect();
    assert_eq!(events, [("begun", 600), ("now", 1_100), ("then", 700), ("exception", 1_100)]);
    assert_eq!(span.events[2].attributes, [("x.f".into(), Value::F64(1.5))]);
    assert_eq!(span.links.len(), 2, "not the one to nowhere");
    assert_eq!((span.links[0].trace_id, span.links[0].trace_state.as_str()), (remote("").trace_id, "rojo=1"));
    assert_eq!(span.links[1].span_id, span.span_id);
}

/// TRC-06
#[test]
fn a_span_that_is_renamed_keeps_what_it_has_whatever_it_is_called() {
    let (tracer, library) = tracers();
    for names in [["one", "two"], ["a much longer name than the first one was", "x"]] {
        let mut span = library.start(names[0]);
        span.set_attribute(KeyValue::new("x.n", 1));
        span.update_name(names[1].to_owned());
        span.set_attribute(KeyValue::new("x.n", 2));
        span.update_name(names[0].to_owned());
        span.update_name(names[1]);
        drop(span);
        let span = only(&tracer);
        assert_eq!(span.name, names[1]);
        assert_eq!(span.attribute("x.n"), Some(&Value::I64(2)));
    }
}

/// TRC-06
#[test]
fn a_status_of_error_fails_the_span_and_one_of_ok_is_final() {
    let (tracer, library) = tracers();
    let ends = |statuses: &[otel::Status]| {
        let mut span = library.start("x");
        for status in statuses {
            span.set_status(status.clone());
        }
        drop(span);
        let span = only(&tracer);
        (span.status, span.outcome)
    };
    let (unset, ok, error) = (otel::Status::Unset, otel::Status::Ok, otel::Status::error("no disk"));
    assert_eq!(ends(std::slice::from_ref(&unset)), (Status::Unset, Outcome::Success));
    assert_eq!(ends(&[error.clone(), unset]), (Status::Error("no disk".into()), Outcome::Fail));
    assert_eq!(ends(&[error.clone(), ok.clone()]), (Status::Ok, Outcome::Success));
    assert_eq!(ends(&[ok, error]), (Status::Ok, Outcome::Success));
}

/// TRC-06
#[test]
fn what_the_sampler_decided_is_in_the_context_and_holds_below() {
    let unsampled = crate::Tracer::builder().sampler(Sampler::ratio(0.0)).keep_finished().build();
    let (tracer, library) = of(unsampled);
    library.in_span("root", |cx| {
        let context = cx.span().span_context().clone();
        assert!(context.is_valid() && !context.is_sampled() && !cx.span().is_recording());
        let child = library.start("child");
        assert_eq!(
            child.span_context(),
            &context,
            "children of both, and other processes, are told the same"
        );
        assert!(!span!(tracer, "ours").is_recording());
    });
    assert!(tracer.take_finished().is_empty());

    let held_back = SamplerConfig {
        root: RootSampler::Ratio(0.0),
        keep: KeepRules { errors: true, ..KeepRules::default() },
        tail: Some(TailConfig::default()),
        ..SamplerConfig::default()
    };
    let (tracer, library) =
        of(crate::Tracer::builder().sampler(Sampler::new(&held_back)).keep_finished().build());
    library.in_span("root", |cx| {
        assert!(!cx.span().span_context().is_sampled() && cx.span().is_recording());
        span!(tracer, "ours").error("kept for this");
        drop(library.start_with_context("given", &cx));
    });
    assert_eq!(tree(&tracer), pairs([("ours", "root"), ("given", "root"), ("root", "")]));
}

#[test]
fn spans_beyond_the_limit_are_counted_however_they_came_about() {
    let limits = SpanLimits { spans_per_trace: 2, ..SpanLimits::default() };
    let (tracer, library) = of(crate::Tracer::builder().limits(limits).keep_finished().build());
    library.in_span("root", |_| {
        library.in_span("kept", |_| {
            library.in_span("over", |cx| {
                drop(span!(tracer, "ours"));
                drop(library.start_with_context("given", &cx));
            });
        });
    });
    let spans = tracer.take_finished();
    assert_eq!(spans.len(), 2);
    assert_eq!(spans[1].attribute("obs.dropped_spans"), Some(&Value::I64(3)));
}

#[test]
fn suppressed_telemetry_is_not_recorded_and_a_tracer_that_is_off_passes_parents_on() {
    let (tracer, library) = tracers();
    {
        let _suppressed = Context::enter_telemetry_suppressed_scope();
        assert!(!library.start("x").is_recording());
    }
    assert!(tracer.take_finished().is_empty());
    let (_, library) = of(crate::Tracer::off());
    let caller = otel::SpanContext::from(remote("rojo=1"));
    let span = library.start_with_context("x", &Context::new().with_remote_span_context(caller.clone()));
    assert_eq!(span.span_context(), &caller);
}

#[test]
fn the_version_of_a_scope_is_recorded_beside_its_name() {
    let tracer = crate::Tracer::for_tests();
    let scope = InstrumentationScope::builder("library").with_version("1.2").build();
    drop(TracerProvider::new(tracer.clone()).tracer_with_scope(scope).start("x"));
    let span = only(&tracer);
    assert_eq!(span.attribute("otel.scope.name"), Some(&Value::from("library")));
    assert_eq!(span.attribute("otel.scope.version"), Some(&Value::from("1.2")));
}

#[test]
fn span_contexts_survive_the_way_there_and_back() {
    for context in [
        remote("rojo=1,congo=2"),
        SpanContext { random: true, ..remote("") },
        SpanContext { sampled: false, is_remote: false, ..remote("") },
    ] {
        assert_eq!(SpanContext::try_from(otel::SpanContext::from(&context)), Ok(context));
    }
    let error = SpanContext::try_from(otel::SpanContext::NONE).unwrap_err().to_string();
    assert!(error.ends_with("and span id `0000000000000000`: neither may be zero"), "{error}");
}

#[test]
fn spans_of_this_api_move_between_threads() {
    let (tracer, library) = tracers();
    let context = Context::new().with_span(library.start("root"));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _guard = context.clone().attach();
            drop(span!(tracer, "ours"));
        });
    });
    drop(context);
    assert_eq!(tree(&tracer), pairs([("ours", "root"), ("root", "")]));
}
