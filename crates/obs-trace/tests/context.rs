//! Spans have the right parents, and the run context of their maker, wherever work goes on. CTX-06

#![expect(clippy::unwrap_used, reason = "helpers of tests fail their test")]

use obs_core::{RunContext, active};
use obs_testing::{TestTelemetry, assert_span_tree};
use obs_trace::{FutureExt, Tracer, Value, carry, carry_each, span, task, thread};
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs `f` in the context of equipment 7.
fn with_context<R>(f: impl FnOnce() -> R) -> R {
    let context = RunContext { equip_id: Some(7), ..RunContext::default() };
    let _context = active::attach_context(Some(context.share()));
    f()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap()
}

/// A handler as the task structure has it: a query, then something that is computed from it.
async fn handle(tracer: Tracer) {
    let query = span!(tracer, "sql.query").detach();
    tokio::task::yield_now().in_span(query).await;
    drop(span!(tracer, "score.pca"));
}

/// CTX-06
#[test]
fn across_await_two_tasks_that_take_turns_on_one_thread_do_not_mix() {
    let t = TestTelemetry::new();
    let tracer = t.tracer().clone();
    let turns = tokio::runtime::Builder::new_current_thread().build().unwrap();
    turns.block_on(async {
        let request = |tracer: Tracer| {
            let span = tracer.span("http.request").detached();
            with_context(|| handle(tracer).in_span(span))
        };
        let (a, b) = (tokio::spawn(request(tracer.clone())), tokio::spawn(request(tracer.clone())));
        tokio::task::yield_now().await;
        assert_eq!((active::span(), active::context_id()), (None, 0), "tasks leave nothing on the thread");
        a.await.unwrap();
        b.await.unwrap();
    });
    assert_span_tree!(t.spans(), {
        "http.request" { "sql.query" (equip_id = 7) "score.pca" (equip_id = 7) }
        "http.request" { "sql.query" (equip_id = 7) "score.pca" (equip_id = 7) }
    });
}

/// CTX-06
#[test]
fn tokio_spawn_goes_on_in_the_span_of_the_spawner() {
    let t = TestTelemetry::new();
    let tracer = t.tracer().clone();
    runtime().block_on(async {
        let _run = span!(tracer, "pipeline.run");
        let inner = tracer.clone();
        let outer = with_context(|| {
            task::spawn(async move {
                let nested = inner.clone();
                let fit = span!(inner, "fit.pca").detach();
                async move { task::spawn(handle(nested)).await.unwrap() }.in_span(fit).await;
            })
        });
        outer.await.unwrap();
    });
    assert_span_tree!(t.spans(), {
        "pipeline.run" {
            "fit.pca" (equip_id = 7) { "sql.query" (equip_id = 7) "score.pca" (equip_id = 7) }
        }
    });
}

/// CTX-06
#[test]
fn spawn_blocking_goes_on_in_the_span_of_the_spawner() {
    let t = TestTelemetry::new();
    let tracer = t.tracer().clone();
    runtime().block_on(async {
        let request = span!(tracer, "http.request").detach();
        let inner = tracer.clone();
        async move {
            let insert = move || drop(span!(inner, "sql.insert"));
            with_context(|| task::spawn_blocking(insert)).await.unwrap();
        }
        .in_span(request)
        .await;
    });
    assert_span_tree!(t.spans(), { "http.request" { "sql.insert" (equip_id = 7) } });
}

/// CTX-06
#[test]
fn a_thread_goes_on_in_the_span_of_its_maker_and_so_do_threads_of_threads() {
    let t = TestTelemetry::new();
    {
        let _run = span!(t.tracer(), "pipeline.run");
        let tracer = t.tracer().clone();
        let fit = move || {
            let _fit = span!(tracer, "fit.pca");
            let tracer = tracer.clone();
            std::thread::scope(|s| s.spawn(carry(|| drop(span!(tracer, "sql.query")))).join().unwrap());
        };
        with_context(|| thread::spawn(fit)).join().unwrap();
    }
    assert_span_tree!(t.spans(), {
        "pipeline.run" { "fit.pca" (equip_id = 7) { "sql.query" (equip_id = 7) } }
    });
}

/// CTX-06
#[test]
fn parallel_iterators_and_joins_of_rayon_go_on_in_the_span_of_their_caller() {
    let t = TestTelemetry::new();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let here = AtomicUsize::new(0);
    with_context(|| {
        let _fit = span!(t.tracer(), "models.fit");
        let inside = carry(|| {
            let each = carry_each(|n: i64| {
                let _fit = span!(t.tracer(), "fit.pca", n = n);
                let query = carry(|| drop(span!(t.tracer(), "sql.query")));
                rayon::join(query, || here.fetch_add(1, Ordering::Relaxed));
            });
            (0..20).into_par_iter().for_each(each);
        });
        pool.install(inside);
    });
    let left = pool.broadcast(|_| (active::span(), active::context_id()));
    assert!(left.iter().all(|left| *left == (None, 0)), "threads of the pool are left as they were");
    let spans = t.spans();
    let root = t.span("models.fit");
    assert_eq!((spans.len(), here.into_inner()), (41, 20));
    for span in &spans {
        let parent = spans.iter().find(|s| Some(s.span_id) == span.parent);
        let name = match span.name.as_ref() {
            "fit.pca" => Some("models.fit"),
            "sql.query" => Some("fit.pca"),
            _ => None,
        };
        assert_eq!(parent.map(|p| p.name.as_ref()), name, "{span:?}");
        assert_eq!(span.trace_id, root.trace_id);
        assert_eq!(span.attribute("acm.equip_id").and_then(Value::as_i64), Some(7), "{span:?}");
    }
}

/// TRC-03
#[test]
fn a_future_that_panics_fails_its_span_and_those_around_it() {
    let t = TestTelemetry::new();
    let tracer = t.tracer().clone();
    runtime().block_on(async {
        let outer = tracer.span("http.request").detached();
        let inner = async move {
            let fit = tracer.span("fit.pca").detached();
            let boom = async {
                tokio::task::yield_now().await;
                std::panic::resume_unwind(Box::new("boom"));
            };
            boom.in_span(fit).await;
        };
        assert!(tokio::spawn(inner.in_span(outer)).await.unwrap_err().is_panic());
    });
    assert_span_tree!(t.spans(), {
        "http.request" (outcome = "fail", error_type = "panic") { "fit.pca" (outcome = "fail", error_type = "panic") }
    });
}

/// A future in a span that is not recorded stays in its trace on every thread.
#[test]
fn a_future_of_a_trace_that_is_not_sampled_begins_no_other() {
    let tracer = Tracer::builder().sampler(obs_trace::Sampler::ratio(0.0)).keep_finished().build();
    let root = span!(tracer, "pipeline.run");
    let (inner, trace) = (tracer.clone(), root.trace_id());
    let future = async move {
        drop(span!(inner, "fit.pca"));
        active::span().map(|s| (s.trace_id, s.sampled))
    }
    .in_span(span!(tracer, "models.fit"));
    let seen = std::thread::spawn(move || futures_executor::block_on(future)).join().unwrap();
    assert_eq!(seen, trace.map(|id| (id, false)));
}
