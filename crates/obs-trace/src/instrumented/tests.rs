//! Clients whose calls are spans.

use super::*;
use crate::record::{Outcome, SpanRecord};
use futures_executor::block_on;
use std::fmt;

/// A client of which every call can go wrong.
#[derive(Debug, Default)]
struct Lake {
    /// Fewer rows than these are an error.
    least: i32,
}

impl Lake {
    fn rows(&self, n: i32) -> Result<i32, fmt::Error> {
        if n < self.least { Err(fmt::Error) } else { Ok(n) }
    }

    async fn rows_later(&self, n: i32) -> Result<i32, fmt::Error> {
        std::future::ready(()).await;
        self.rows(n)
    }
}

fn lake() -> (Tracer, Instrumented<Lake>) {
    let tracer = Tracer::for_tests();
    (tracer.clone(), Instrumented::new(Lake::default(), tracer, "lake"))
}

fn ended(tracer: &Tracer) -> Vec<(String, Outcome)> {
    let told = |span: SpanRecord| {
        assert_eq!(span.attribute("peer.service").and_then(|v| v.as_str()), Some("lake"));
        (span.name.into_owned(), span.outcome)
    };
    tracer.take_finished().into_iter().map(told).collect()
}

/// CORE-11
#[test]
fn each_call_is_one_span_with_the_operations_name_whatever_becomes_of_it() {
    let (tracer, mut lake) = lake();
    assert_eq!(lake.call("sql.query", |lake| lake.rows(1)), Ok(1));
    lake.call_mut("sql.bulk_insert", |lake| lake.least = 1);
    assert_eq!(lake.call_result("sql.query", |lake| lake.rows(-1)), Err(fmt::Error));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        lake.call("sql.query", |_| std::panic::resume_unwind(Box::new("gone")));
    }));
    assert!(panicked.is_err());
    let expected = [
        ("sql.query".to_owned(), Outcome::Success),
        ("sql.bulk_insert".to_owned(), Outcome::Success),
        ("sql.query".to_owned(), Outcome::Fail),
        ("sql.query".to_owned(), Outcome::Fail),
    ];
    assert_eq!(ended(&tracer), expected);
    assert_eq!((lake.least, lake.into_inner().least), (1, 1), "the rest of the client is there");
}

/// CORE-11
#[test]
fn a_future_runs_within_its_span_and_its_error_is_recorded() {
    let (tracer, lake) = lake();
    let caller = tracer.start_named("pipeline.run");
    let here = active::span();
    let inside = block_on(lake.call_async("sql.query", |_| async { active::span() }));
    assert_eq!(block_on(lake.call_result_async("sql.query", |lake| lake.rows_later(2))), Ok(2));
    assert_eq!(block_on(lake.call_result_async("sql.query", |lake| lake.rows_later(-2))), Err(fmt::Error));
    assert_eq!(active::span(), here, "the thread is back where it was");
    drop(lake.call_async("sql.query", |lake| lake.rows_later(3)));
    drop(caller);
    let spans = tracer.take_finished();
    let outcomes: Vec<_> = spans[..3].iter().map(|s| s.outcome).collect();
    assert_eq!(outcomes, [Outcome::Success, Outcome::Success, Outcome::Fail]);
    assert_eq!(inside.map(|a| a.span_id), Some(spans[0].span_id));
    assert_eq!(spans.len(), 4, "a future that was never polled never called");
    assert!(spans[..3].iter().all(|s| s.parent == Some(spans[3].span_id)));
}

#[test]
fn a_client_moves_to_another_thread_in_the_midst_of_a_call() {
    fn sends<T: Send>(value: T) -> T {
        value
    }
    let (tracer, lake) = lake();
    let call = sends(lake.call_result_async("sql.query", |lake| lake.rows_later(1)));
    std::thread::scope(|scope| assert_eq!(scope.spawn(|| block_on(call)).join().unwrap(), Ok(1)));
    assert_eq!(ended(&tracer), [("sql.query".to_owned(), Outcome::Success)]);
}

#[test]
fn without_a_tracer_of_the_process_calls_go_through_unrecorded() {
    let lake = instrument(Lake::default());
    assert_eq!(lake.call_result("sql.query", |lake| lake.rows(7)), Ok(7));
}
