//! Slow queries.

use crate::{only, own};
use obs_core::{Clock, active};
use obs_trace::operations::{self, SlowQueries};
use obs_trace::{Sampler, Tracer};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn clocked(sampler: Sampler) -> (Clock, Tracer) {
    let clock = Clock::manual(1_000);
    (clock.clone(), Tracer::builder().clock(clock).sampler(sampler).keep_finished().build())
}

type Told = Arc<Mutex<Vec<String>>>;

fn telling(slow: SlowQueries) -> (Told, SlowQueries) {
    let told = Told::default();
    let tell = Arc::clone(&told);
    let slow = slow.on_slow(move |query| {
        assert_eq!(query.span, active::span());
        let (operation, table, rows) = (query.operation, query.table, query.rows);
        tell.lock().unwrap().push(format!("{operation} {table} {rows:?} {:?}", query.duration));
    });
    (told, slow)
}

/// TRC-19, CFG-19
#[test]
fn a_query_is_slow_from_one_second_on_unless_told_otherwise() {
    let (clock, tracer) = clocked(Sampler::ratio(1.0));
    for (millis, slow) in [(999, false), (1000, true), (5000, true)] {
        let query = operations::db(&tracer, "select", "t").start();
        clock.advance(Duration::from_millis(millis));
        drop(query);
        assert_eq!(own(&only(&tracer)).contains_key("acm.slow"), slow, "{millis} ms");
    }
    let query = operations::db(&tracer, "select", "t").slow_after(Duration::from_millis(5)).start();
    clock.advance(Duration::from_millis(5));
    drop(query);
    assert_eq!(own(&only(&tracer))["acm.slow"], true.into());
}

/// TRC-19
#[test]
fn whoever_wants_to_know_of_slow_queries_is_told_within_their_span() {
    let (clock, tracer) = clocked(Sampler::ratio(1.0));
    let (told, slow) = telling(SlowQueries::after(Duration::from_millis(20)));
    let tracer = tracer.with_slow_queries(slow);
    for millis in [19, 20] {
        let query = operations::db(&tracer, "insert", "scenario").start();
        clock.advance(Duration::from_millis(millis));
        drop(query);
    }
    let mut detached = operations::db(&tracer, "select", "").detached();
    detached.rows(2);
    clock.advance(Duration::from_secs(1));
    drop(detached);
    assert_eq!(*told.lock().unwrap(), ["INSERT scenario None 20ms", "SELECT  Some(2) 1s"]);
}

/// TRC-19: a slow query is told whatever the sampler thinks of its trace.
#[test]
fn slow_queries_are_told_when_they_are_not_sampled_and_when_traces_are_off() {
    let (clock, unsampled) = clocked(Sampler::ratio(0.0));
    for tracer in [unsampled, Tracer::off()] {
        let (told, slow) = telling(SlowQueries::default().clock(clock.clone()));
        let tracer = tracer.with_slow_queries(slow);
        let query =
            operations::db(&tracer, "select", "t").scope(async { clock.advance(Duration::from_secs(1)) });
        futures_executor::block_on(query);
        assert_eq!(told.lock().unwrap().len(), 1);
        assert!(tracer.take_finished().is_empty());
    }
}

/// CFG-19
#[test]
fn nothing_is_slow_where_slow_queries_are_not_looked_for() {
    let (clock, tracer) = clocked(Sampler::ratio(1.0));
    let (told, slow) = telling(SlowQueries::off());
    let tracer = tracer.with_slow_queries(slow);
    let query = operations::db(&tracer, "select", "t").start();
    clock.advance(Duration::from_hours(1));
    drop(query);
    assert!(told.lock().unwrap().is_empty() && !own(&only(&tracer)).contains_key("acm.slow"));
}
