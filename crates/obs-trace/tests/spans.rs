//! What a tracer records: names, kinds, parents, attributes, outcomes.

use obs_core::{Baggage, BaggagePolicy, Clock, Ids, RunContext, ServiceIdentity, active, keys};
use obs_trace::{Outcome, SpanRecord, Status, Tracer, Value, span};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

fn identity() -> ServiceIdentity {
    ServiceIdentity { name: "acm-pipeline".into(), ..ServiceIdentity::default() }
}

fn attributes(span: &SpanRecord) -> BTreeMap<String, Value<'static>> {
    let mut all = BTreeMap::new();
    for (key, value) in &span.attributes {
        assert!(all.insert(key.clone().into_owned(), value.clone()).is_none(), "{key} twice");
    }
    all
}

fn only(tracer: &Tracer) -> SpanRecord {
    let mut spans = tracer.take_finished();
    assert_eq!(spans.len(), 1);
    spans.remove(0)
}

/// CTX-05: only what a policy names.
#[test]
fn allowed_baggage_is_on_every_span_and_the_rest_is_not() {
    let tracer = Tracer::for_tests();
    let (baggage, _) = Baggage::parse("tenant=north,session=5f2c");
    let policy = BaggagePolicy { allow: vec!["tenant".into()] };
    {
        let context = RunContext::default().with_baggage(baggage, &policy);
        let _context = active::attach_context(Some(context.share()));
        drop(span!(tracer, "fit.pca", tenant = "south"));
        let mut own = span!(tracer, "score.pca");
        own.set("baggage.tenant", "east");
        drop(own);
    }
    let [span, own] = tracer.take_finished().try_into().unwrap();
    assert_eq!(attributes(&own)["baggage.tenant"], Value::from("east"));
    let attributes = attributes(&span);
    assert_eq!(attributes["baggage.tenant"], Value::from("north"));
    assert_eq!(attributes["acm.tenant"], Value::from("south"));
    assert!(!format!("{span:?}").contains("5f2c"));
}

/// TST-04, NAME-20, NAME-21
#[test]
fn category_and_service_are_on_every_span() {
    let tracer = Tracer::builder().identity(identity()).keep_finished().build();
    drop(span!(tracer, "test.span"));
    let attributes = attributes(&only(&tracer));
    assert_eq!(attributes[keys::CATEGORY], Value::from("test"));
    assert_eq!(attributes[keys::SERVICE], Value::from("acm-pipeline"));
}

/// NAME-17..19, NAME-23, CTX-01, CTX-02, CTX-08
#[test]
fn the_run_context_is_on_every_span_with_its_types() {
    let tracer = Tracer::for_tests();
    let run_id = Ids::Random.run_id();
    let context = RunContext {
        run_id: Some(run_id),
        equipment: Some("FD_FAN".into()),
        equip_id: Some(7),
        batch_num: Some(2),
        batch_total: Some(5),
        ..RunContext::default()
    };
    {
        let _context = active::attach_context(Some(context.share()));
        drop(span!(tracer, "fit.pca"));
    }
    let inside = attributes(&only(&tracer));
    assert_eq!(inside[keys::RUN_ID], Value::from(run_id.to_string()));
    assert_eq!(inside[keys::EQUIPMENT], Value::from("FD_FAN"));
    assert_eq!(inside[keys::EQUIP_ID], Value::I64(7));
    assert_eq!(inside[keys::BATCH_NUM], Value::I64(2));
    assert_eq!(inside[keys::BATCH_TOTAL], Value::I64(5));
    drop(span!(tracer, "fit.pca"));
    let outside = attributes(&only(&tracer));
    assert!(!outside.contains_key(keys::BATCH_NUM), "absent, not zero");
    assert!(!outside.contains_key(keys::RUN_ID), "a changed context affects only later spans");
}

/// NAME-24..26
#[test]
fn own_attributes_get_the_prefix_unless_they_have_a_dot() {
    let tracer = Tracer::for_tests();
    let mut fit =
        span!(tracer, "fit.pca", n_samples = 10_usize, detector = "pca", "db.system.name" = "sqlite");
    fit.set("acm.n_features", 9);
    fit.set("n_samples", 11_usize);
    drop(fit);
    let attributes = attributes(&only(&tracer));
    assert_eq!(attributes[keys::N_SAMPLES], Value::I64(11), "set again: the last value wins");
    assert_eq!(attributes[keys::N_FEATURES], Value::I64(9));
    assert_eq!(attributes[keys::DETECTOR], Value::from("pca"));
    assert_eq!(attributes["db.system.name"], Value::from("sqlite"));
}

/// NAME-27, NAME-28
#[test]
fn the_outcome_follows_from_what_happened() {
    let tracer = Tracer::for_tests();
    drop(span!(tracer, "drift"));
    assert_eq!(only(&tracer).outcome, Outcome::Success);

    let mut span = span!(tracer, "drift");
    span.outcome(Outcome::Noop);
    drop(span);
    assert_eq!(only(&tracer).outcome, Outcome::Noop);

    let mut span = span!(tracer, "drift");
    let result = span.record_result("x".parse::<i32>());
    drop(span);
    assert!(result.is_err(), "the error passes through");
    let failed = only(&tracer);
    assert_eq!(failed.outcome, Outcome::Fail);
    assert_eq!(attributes(&failed)[keys::ERROR_TYPE], Value::from("core::num::error::ParseIntError"));
    assert_eq!(failed.status, Status::Error("invalid digit found in string".into()));
    assert_eq!(failed.events[0].name, "exception");

    let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _span = span!(tracer, "drift");
        std::panic::resume_unwind(Box::new("boom"));
    }));
    assert!(unwound.is_err());
    assert_eq!(only(&tracer).outcome, Outcome::Fail);
    assert_eq!(active::span(), None, "unwinding restores the slot");
}

#[test]
fn parents_follow_scopes_and_captured_threads() {
    let tracer = Tracer::for_tests();
    {
        let _root = span!(tracer, "pipeline.run");
        drop(span!(tracer, "load.data"));
        let here = active::capture();
        std::thread::scope(|s| {
            s.spawn(|| {
                let _scope = here.attach();
                drop(span!(tracer, "fit.gmm"));
            });
        });
    }
    let spans = tracer.take_finished();
    let root = spans.last().unwrap();
    assert_eq!((root.name.as_ref(), root.parent), ("pipeline.run", None));
    for child in &spans[..2] {
        assert_eq!((child.trace_id, child.parent), (root.trace_id, Some(root.span_id)), "{}", child.name);
    }
}

/// NAME-05
#[test]
fn an_old_name_is_recorded_as_the_new_one() {
    let tracer = Tracer::for_tests();
    drop(tracer.start_named("train.detector_fit"));
    drop(tracer.start_named(String::from("load_data")));
    let names: Vec<_> = tracer.take_finished().into_iter().map(|s| s.name).collect();
    assert_eq!(names, ["models.fit", "load.data"]);
}

#[test]
fn times_come_from_the_injected_clock_and_never_run_backwards() {
    let clock = Clock::manual(1_000);
    let tracer = Tracer::builder().clock(clock.clone()).keep_finished().build();
    let span = span!(tracer, "drift");
    clock.advance(Duration::from_nanos(500));
    drop(span);
    let span = only(&tracer);
    assert_eq!((span.start, span.end), (1_000, 1_500));
}

#[test]
fn limits_hold_and_tell() {
    let tracer = Tracer::for_tests();
    let mut span = span!(tracer, "drift");
    let names: Vec<&'static str> = (0..200).map(|i| &*Box::leak(format!("k{i}").into_boxed_str())).collect();
    for name in &names {
        span.set(name, 1);
        span.event("tick", &[]);
    }
    drop(span);
    let span = only(&tracer);
    assert_eq!((span.events.len(), span.dropped_events), (128, 72));
    let own = span.attributes.iter().filter(|(k, _)| k.starts_with("acm.k")).count();
    assert_eq!((own, span.dropped_attributes), (128, 72));
}

/// CORE-09
#[test]
fn a_tracer_that_is_off_records_nothing_and_evaluates_nothing() {
    let tracer = Tracer::off();
    let evaluated = std::cell::Cell::new(false);
    let mut span = span!(
        tracer,
        "drift",
        n = {
            evaluated.set(true);
            1
        }
    );
    span.set("x", 1);
    span.record_error(&std::fmt::Error);
    assert!(!span.is_recording());
    drop(span);
    assert!(!evaluated.get());
    assert!(tracer.take_finished().is_empty());
}

/// CTX-05: W3C Trace Context, level 2.
#[test]
fn flags_say_sampled_random_and_remote() {
    let (counted, random) = (Tracer::for_tests(), Tracer::builder().keep_finished().build());
    drop(span!(counted, "drift"));
    assert_eq!(only(&counted).flags, 0x101);
    drop(span!(random, "drift"));
    assert_eq!(only(&random).flags, 0x103);
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03";
    let parent = obs_trace::propagation::SpanContext::from_traceparent(parent).unwrap();
    drop(counted.span("drift").parent(&parent).link(&parent).start());
    let span = only(&counted);
    assert_eq!((span.flags, span.links[0].flags), (0x303, 0x303));
}

/// NAME-29
#[test]
fn tracking_resources_costs_little() {
    let tracer = Tracer::builder().keep_finished().build();
    let costs = (0..200).map(|_| {
        let clock = Clock::system();
        let start = clock.now();
        let mut span = span!(tracer, "load.data");
        span.track_resources();
        drop(span);
        clock.now() - start
    });
    let cheapest = costs.min().unwrap();
    assert!(cheapest < 50_000, "{cheapest} ns");
}

/// PERF-02: start and end of a span, with its attributes.
#[test]
fn a_span_takes_less_than_a_tenth_of_a_millisecond() {
    let (tracer, clock) = (Tracer::builder().keep_finished().build(), Clock::system());
    let mut costs: Vec<u64> = (0..2_000)
        .map(|n| {
            let start = clock.now();
            drop(span!(tracer, "fit.pca", n_samples = n, detector = "pca"));
            clock.now() - start
        })
        .collect();
    costs.sort_unstable();
    assert!(costs[costs.len() * 99 / 100] < 100_000, "{costs:?}");
}

/// A scrape must not lag behind: what ended before it is seen by then. It ends with the tracer.
#[test]
fn whoever_catches_up_has_seen_every_span_that_ended() {
    let seen = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&seen);
    let tracer = Tracer::builder()
        .on_end(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
        })
        .build();
    let catch_up = tracer.catch_up();
    for ended in 1..=100 {
        drop(span!(tracer, "fit.pca"));
        catch_up();
        assert_eq!(seen.load(Ordering::SeqCst), ended);
    }
    drop(tracer);
    catch_up();
    assert_eq!(seen.load(Ordering::SeqCst), 100);
}
