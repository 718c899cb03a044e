//! The layer: spans and events of `tracing` in our traces.

use super::*;
use crate::record::{Outcome, SpanRecord, Status};
use crate::value::Value;
use crate::{Sampler, Tracer, span};
use ::tracing::field::Empty;
use ::tracing::level_filters::LevelFilter;
use ::tracing::{Instrument, debug_span, error, info, info_span};
use obs_core::active;
use obs_core::config::SpanLimits;
use obs_core::names::SpanKind;
use obs_core::sampling::{RootSampler, SamplerConfig};
use std::fmt::{self, Debug};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use tracing_subscriber::Layer as _;
use tracing_subscriber::layer::{Identity, SubscriberExt};

/// What `f` records, with a layer for a tracer that it is given.
fn recorded(f: impl FnOnce(&Tracer)) -> Vec<SpanRecord> {
    recorded_by(&Tracer::for_tests(), |layer| layer, f)
}

fn recorded_by(
    tracer: &Tracer,
    set: impl FnOnce(Layer) -> Layer,
    f: impl FnOnce(&Tracer),
) -> Vec<SpanRecord> {
    let subscriber = tracing_subscriber::registry().with(set(layer(tracer.clone())));
    ::tracing::subscriber::with_default(subscriber, || f(tracer));
    assert_eq!(active::span(), None, "the thread is back where it was");
    tracer.take_finished()
}

/// Every span with the name of its parent.
fn tree(spans: &[SpanRecord]) -> Vec<(&str, &str)> {
    let name = |id| spans.iter().find(|s| Some(s.span_id) == id).map_or("", |s| s.name.as_ref());
    spans.iter().map(|s| (s.name.as_ref(), name(s.parent))).collect()
}

fn own(span: &SpanRecord) -> Vec<(&str, Value<'static>)> {
    span.own_attributes().map(|(key, value)| (key, value.clone())).collect()
}

/// TRC-20
#[test]
fn spans_of_both_nest_in_each_other_to_any_depth() {
    let spans = recorded(|tracer| {
        let _a = span!(tracer, "a");
        let _b = info_span!("b").entered();
        let _c = span!(tracer, "c");
        info_span!("d").in_scope(|| drop(span!(tracer, "e")));
        drop(info_span!("f"));
    });
    assert_eq!(tree(&spans), [("e", "d"), ("d", "c"), ("f", "c"), ("c", "b"), ("b", "a"), ("a", "")]);
    assert!(spans.iter().all(|s| s.trace_id == spans[0].trace_id));
}

/// TRC-20
#[test]
fn a_parent_that_is_said_counts_more_than_what_is_active() {
    let spans = recorded(|tracer| {
        let other = info_span!("other");
        let _a = span!(tracer, "a");
        drop(info_span!(parent: &other, "below other"));
        drop(info_span!(parent: None, "alone"));
        drop(other);
    });
    assert_eq!(tree(&spans), [("below other", "other"), ("alone", ""), ("other", ""), ("a", "")]);
}

/// TRC-20
#[test]
fn fields_keep_their_types_also_those_recorded_later() {
    let spans = recorded(|_| {
        let error: &(dyn std::error::Error + 'static) = &fmt::Error;
        let span = info_span!(
            "some free text",
            x.int = -3,
            x.count = 7_u64,
            x.large = u64::MAX,
            x.huge = i128::MIN,
            x.share = 0.5,
            x.done = true,
            x.text = "text",
            x.shown = %1.5,
            x.debug = ?Some("x"),
            x.error = error,
            x.later = Empty,
            x.never = Empty,
        );
        span.record("x.later", "now");
        span.record("x.int", 4);
    });
    assert_eq!(spans[0].name, "some free text");
    let expected = [
        ("x.count", Value::I64(7)),
        ("x.large", Value::from(u64::MAX.to_string())),
        ("x.huge", Value::from(i128::MIN.to_string())),
        ("x.share", Value::F64(0.5)),
        ("x.done", Value::Bool(true)),
        ("x.text", Value::from("text")),
        ("x.shown", Value::from("1.5")),
        ("x.debug", Value::from("Some(\"x\")")),
        ("x.error", Value::from(fmt::Error.to_string())),
    ];
    let (int, rest) = own(&spans[0]).split_first().map(|(a, b)| (a.clone(), b.to_vec())).unwrap();
    assert_eq!(int, ("x.int", Value::I64(4)), "recorded again: the last value wins");
    assert_eq!(rest[..9], expected);
    assert_eq!(rest[9..], [("x.later", Value::from("now"))]);
}

/// TRC-20
#[test]
fn events_are_events_of_the_span_of_tracing_around_them() {
    let spans = recorded(|tracer| {
        info!("nowhere");
        let _outer = info_span!("outer").entered();
        info!(x.free = 0.5, x.of = ?"a", "half {}", "done");
        let _ours = span!(tracer, "ours");
        info!(name: "named", n = 1);
        let inner = info_span!("inner");
        info!(parent: &inner, "by parent");
        drop(inner);
    });
    let events: Vec<Vec<&str>> =
        spans.iter().map(|s| s.events.iter().map(|e| e.name.as_ref()).collect()).collect();
    assert_eq!(events, [vec!["by parent"], vec![], vec!["half done", "named"]]);
    let expected = [
        ("acm.level", Value::from("INFO")),
        ("acm.target", Value::from(module_path!())),
        ("x.free", Value::F64(0.5)),
        ("x.of", Value::from("\"a\"")),
    ];
    let fields = &spans[2].events[0].attributes;
    assert_eq!(fields.len(), 4);
    assert!(fields.iter().zip(&expected).all(|((k, v), (key, value))| k == key && v == value), "{fields:?}");
    assert!(spans.iter().all(|s| s.outcome == Outcome::Success));
}

/// TRC-20
#[test]
fn an_event_of_level_error_fails_its_span_unless_that_is_off_or_the_span_says_it_is_fine() {
    let work = |_: &Tracer| {
        info_span!("x").in_scope(|| error!("no {}", "disk"));
        info_span!("y", otel.status_code = "OK").in_scope(|| error!("no disk"));
    };
    let spans = recorded(work);
    assert_eq!((&spans[0].status, spans[0].outcome), (&Status::Error("no disk".into()), Outcome::Fail));
    assert_eq!((&spans[1].status, spans[1].outcome), (&Status::Ok, Outcome::Success));
    let spans = recorded_by(&Tracer::for_tests(), |layer| layer.errors_fail(false), work);
    assert_eq!((&spans[0].status, spans[0].outcome), (&Status::Unset, Outcome::Success));
    assert_eq!(spans[0].events.len(), 1);
}

#[test]
fn fields_that_libraries_set_for_opentelemetry_are_name_kind_and_status() {
    let spans = recorded(|_| {
        let span = info_span!("x", otel.name = "GET /users", otel.kind = "Server", otel.status_code = Empty);
        span.record("otel.status_code", ::tracing::field::display("ERROR"));
        drop(info_span!("y", otel.status_description = "no disk", otel.kind = "strange", otel.other = 1));
    });
    assert_eq!((spans[0].name.as_ref(), spans[0].kind), ("y", SpanKind::Internal));
    assert_eq!(spans[0].status, Status::Error("no disk".into()));
    assert_eq!(own(&spans[0]).len(), 2, "what they do not mean stays an attribute");
    assert_eq!((spans[1].name.as_ref(), spans[1].kind), ("GET /users", SpanKind::Server));
    assert_eq!((&spans[1].status, spans[1].outcome), (&Status::Error("".into()), Outcome::Fail));
    assert!(own(&spans[1]).is_empty());
}

/// TRC-20
#[test]
fn what_a_span_follows_from_is_a_link() {
    let spans = recorded(|_| {
        let first = info_span!("first");
        info_span!("second").follows_from(&first);
    });
    assert_eq!(spans[0].links.len(), 1);
    assert_eq!(
        (spans[0].links[0].trace_id, spans[0].links[0].span_id),
        (spans[1].trace_id, spans[1].span_id)
    );
}

#[test]
fn places_in_the_source_are_recorded_where_that_is_on() {
    let work = |_: &Tracer| info_span!("x").in_scope(|| info!("y"));
    assert!(own(&recorded(work)[0]).is_empty());
    let spans = recorded_by(&Tracer::for_tests(), |layer| layer.locations(true), work);
    let keys: Vec<_> = own(&spans[0]).into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["code.module.name", "code.file.path", "code.line.number"]);
    assert_eq!(spans[0].attribute("code.file.path"), Some(&Value::from(file!())));
    assert_eq!(spans[0].events[0].attributes.len(), 5);
}

/// TRC-20
#[test]
fn a_future_is_within_its_span_on_every_thread_that_polls_it() {
    let spans = recorded(|tracer| {
        let run = span!(tracer, "run");
        let mut polls = 0;
        let work = poll_fn(|_| {
            polls += 1;
            drop(span!(tracer, "ours"));
            if polls < 3 { Poll::Pending } else { Poll::Ready(()) }
        });
        let mut work = pin!(work.instrument(info_span!("work")));
        let dispatch = ::tracing::dispatcher::get_default(Clone::clone);
        for _ in 0..3 {
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    ::tracing::dispatcher::with_default(&dispatch, || {
                        let _ = work.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                        assert_eq!(active::span(), None);
                    });
                });
            });
        }
        drop(run);
    });
    let expected = [("ours", "work"), ("ours", "work"), ("ours", "work"), ("work", "run"), ("run", "")];
    assert_eq!(tree(&spans)[..3], expected[..3]);
    assert!(tree(&spans).contains(&expected[3]));
}

#[test]
fn spans_that_are_left_out_of_order_leave_no_one_in_them() {
    let spans = recorded(|tracer| {
        let _ours = span!(tracer, "ours");
        let here = active::place();
        let first = info_span!("first").entered();
        let second = info_span!("second").entered();
        let in_second = active::place();
        drop(first);
        assert_eq!(active::place(), in_second);
        drop(second);
        assert_eq!(active::place(), here);
        let again = info_span!("again");
        again.in_scope(|| again.in_scope(|| drop(span!(tracer, "twice"))));
        assert_eq!(active::place(), here);
    });
    assert!(tree(&spans).contains(&("twice", "again")));
}

/// TRC-20
#[test]
fn a_filter_leaves_spans_out_and_their_children_are_where_they_are_made() {
    let tracer = Tracer::for_tests();
    let filtered = layer(tracer.clone()).with_filter(LevelFilter::INFO);
    // Another layer wants them all.
    let subscriber = tracing_subscriber::registry().with(filtered).with(Identity::new());
    ::tracing::subscriber::with_default(subscriber, || {
        let _outer = info_span!("outer").entered();
        let hidden = debug_span!("hidden");
        let _hidden = hidden.clone().entered();
        ::tracing::debug!("hidden");
        drop(info_span!("inner"));
        drop(info_span!(parent: &hidden, "below hidden"));
    });
    let spans = tracer.take_finished();
    assert_eq!(tree(&spans), [("inner", "outer"), ("below hidden", "outer"), ("outer", "")]);
    assert!(spans[2].events.is_empty());
}

/// TRC-20
#[test]
fn a_trace_that_is_not_sampled_is_recorded_nowhere_also_on_other_threads() {
    let none_but_kept = SamplerConfig {
        root: RootSampler::Ratio(0.0),
        per_name: vec![("kept".to_owned(), 1.0)],
        ..SamplerConfig::default()
    };
    let tracer = Tracer::builder().sampler(Sampler::new(&none_but_kept)).keep_finished().build();
    let spans = recorded_by(
        &tracer,
        |layer| layer,
        |tracer| {
            let _root = info_span!("root", x = 1).entered();
            let child = info_span!("child");
            let dispatch = ::tracing::dispatcher::get_default(Clone::clone);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    ::tracing::dispatcher::with_default(&dispatch, || {
                        child.in_scope(|| {
                            info!("x");
                            drop(info_span!("kept"));
                            drop(span!(tracer, "kept"));
                        });
                    });
                });
            });
            child.record("x", 1);
        },
    );
    assert!(spans.is_empty(), "{spans:?}");
    assert!(
        recorded_by(&Tracer::off(), |layer| layer, |_| info_span!("x").in_scope(|| info!("y"))).is_empty()
    );
}

/// Prints more than anyone wants, and uses `tracing` meanwhile.
struct Hostile;

impl Debug for Hostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let _inner = info_span!("printing", x = ?1).entered();
        info!("printing");
        for _ in 0..1_000_000 {
            f.write_str("ääääääääää")?;
        }
        Ok(())
    }
}

/// Fails to print.
struct Broken;

impl Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half")?;
        Err(fmt::Error)
    }
}

/// TRC-20
#[test]
fn hostile_fields_are_cut_and_may_use_tracing_while_they_are_printed() {
    let limits = SpanLimits { value_bytes: 99, ..SpanLimits::default() };
    let tracer = Tracer::builder().limits(limits).keep_finished().build();
    let long = "x".repeat(1_000);
    let mut spans = recorded_by(
        &tracer,
        |layer| layer,
        |_| {
            let span = info_span!("x", x.a = ?Hostile, x.b = ?Broken, x.c = Empty, x.d = long).entered();
            span.record("x.c", ::tracing::field::debug(Hostile));
            info!(x.e = ?Hostile, x.f = long, "{:?}", Hostile);
        },
    );
    let span = spans.pop().unwrap();
    let length = |key: &str| span.attribute(key).and_then(|v| v.as_str()).map(str::len);
    assert_eq!(["x.a", "x.b", "x.c", "x.d"].map(length), [Some(98), Some(4), Some(98), Some(99)]);
    let event = &span.events[span.events.len() - 1];
    assert_eq!(event.name.len(), 98);
    let lengths: Vec<_> = event.attributes.iter().filter_map(|(_, v)| v.as_str().map(str::len)).collect();
    assert_eq!(lengths[2..], [98, 99]);
    assert!(spans.iter().all(|s| s.name == "printing"));
}

#[test]
fn a_span_that_outlives_its_subscriber_ends_with_it() {
    let tracer = Tracer::for_tests();
    let subscriber = tracing_subscriber::registry().with(layer(tracer.clone()));
    let span = ::tracing::subscriber::with_default(subscriber, || info_span!("x"));
    drop(span);
    assert_eq!(tracer.take_finished().len(), 1);
}
