//! Operations of a service's own, and the helpers that use the tracer of the process.

use crate::{only, own, text};
use obs_core::{Ids, active, keys};
use obs_trace::{Outcome, Tracer, operations};

/// TRC-16
#[test]
fn an_operation_says_what_it_does_to_what_and_for_whom() {
    let tracer = Tracer::for_tests();
    drop(operations::operation(&tracer, "scenario", "create").id("42").tenant("t1").request("r9").start());
    let span = only(&tracer);
    assert_eq!(span.name, "scenario.create");
    assert_eq!(own(&span), [("acm.scenario_id", text("42"))].into());
    assert_eq!(span.attribute(keys::OPERATION), Some(&text("create")));
    assert_eq!(span.attribute(keys::TENANT_ID), Some(&text("t1")));
    assert_eq!(span.attribute(keys::REQUEST_ID), Some(&text("r9")));
}

/// TRC-16: a run instead of a tenant, around a future.
#[test]
fn an_operation_is_the_scope_of_a_future() {
    let tracer = Tracer::for_tests();
    let run_id = Ids::Random.run_id();
    let operation = operations::operation(&tracer, "scenario", "run").id("42").run(run_id).set("steps", 3);
    let (inside, context) = futures_executor::block_on(operation.scope(async {
        tokio::task::yield_now().await;
        (active::span(), active::context())
    }));
    let span = only(&tracer);
    assert_eq!(inside.map(|s| s.span_id), Some(span.span_id));
    assert_eq!(context.and_then(|c| c.run_id), Some(run_id));
    assert_eq!(span.attribute(keys::RUN_ID), Some(&run_id.to_string().into()));
    assert_eq!(own(&span)["acm.steps"], 3.into());
    assert!(active::span().is_none() && active::context().is_none());
}

#[test]
fn a_future_that_is_dropped_half_way_drops_what_it_holds_within_its_work() {
    struct Last(Tracer);
    impl Drop for Last {
        fn drop(&mut self) {
            drop(operations::cache(&self.0, "delete", "scenario", 1).start());
        }
    }
    let tracer = Tracer::for_tests();
    let held = Last(tracer.clone());
    let mut scope = Box::pin(operations::operation(&tracer, "scenario", "run").scope(async move {
        let _held = held;
        std::future::pending::<()>().await;
    }));
    let mut polled = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(scope.as_mut().poll(&mut polled).is_pending());
    drop(scope);
    let spans = tracer.take_finished();
    assert_eq!((spans[0].name.as_ref(), spans[0].parent), ("cache.delete", Some(spans[1].span_id)));
    assert_eq!(spans[1].outcome, Outcome::Fail);
    assert_eq!(spans[1].attribute("error.type"), Some(&text("cancelled")));
}

/// TRC-16..18: as services call them; without a tracer of the process they do nothing.
#[test]
fn the_short_forms_are_callable_before_there_is_a_tracer() {
    let _operation = obs_trace::operation("scenario", "create").id("42").tenant("t1").start();
    let mut insert = obs_trace::db_query("insert", "scenario").start();
    insert.rows(1);
    let key = String::from("scenario:42");
    obs_trace::cache_op("set", "scenario", &key).start().hit(true);
    assert!(!insert.is_recording());
}
