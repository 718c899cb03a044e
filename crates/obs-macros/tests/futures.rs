//! `#[traced]` on functions that give futures: the span is that of the future.

use async_trait::async_trait;
use obs_core::active;
use obs_trace::{FutureExt, Outcome, SpanRecord, Tracer, Value, span, traced};
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

fn only(tracer: &Tracer) -> SpanRecord {
    let mut spans = tracer.take_finished();
    assert_eq!(spans.len(), 1, "{spans:?}");
    spans.remove(0)
}

fn status(span: &SpanRecord) -> Option<&str> {
    span.attribute("acm.status").and_then(Value::as_str)
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// What the future gives when it is polled until it is done.
fn finish<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = poll(future.as_mut()) {
            return value;
        }
    }
}

/// Waits once.
async fn wait() {
    let mut waited = false;
    poll_fn(|_| if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

#[traced("load.data", tracer = tracer)]
async fn load(tracer: &Tracer, name: &str, mut rows: u32) -> Result<u32, std::num::ParseIntError> {
    let _query = span!(tracer, "sql.query").detach();
    wait().await;
    drop(span!(tracer, "load.clean"));
    rows += name.parse::<u32>()?;
    if rows == 0 {
        return Ok(100);
    }
    Ok(rows)
}

/// TRC-01, SB-10
#[test]
fn the_span_of_an_async_function_lasts_as_long_as_its_work() {
    let tracer = Tracer::for_tests();
    let mut future = Box::pin(load(&tracer, "1", 2));
    assert!(tracer.take_finished().is_empty(), "nothing has begun");
    assert!(poll(future.as_mut()).is_pending());
    assert_eq!(active::span(), None, "between polls it is nobody's");
    assert!(tracer.take_finished().is_empty(), "it goes on");
    assert_eq!(poll(future.as_mut()), Poll::Ready(Ok(3)));
    let spans = tracer.take_finished();
    assert_eq!([&spans[0].name, &spans[1].name, &spans[2].name], ["load.clean", "sql.query", "load.data"]);
    assert!(spans[..2].iter().all(|span| span.parent == Some(spans[2].span_id)), "{spans:?}");
    assert_eq!((spans[2].parent, status(&spans[2])), (None, Some("success")));
    assert_eq!(spans[2].attribute("arg.rows"), Some(&Value::I64(2)));
    assert_eq!(spans[2].attribute("arg.name"), Some(&Value::from("1")));
}

/// TRC-03
#[test]
fn an_async_function_fails_and_succeeds_as_others_do() {
    let tracer = Tracer::for_tests();
    finish(load(&tracer, "x", 1)).unwrap_err();
    assert_eq!(finish(load(&tracer, "0", 0)), Ok(100));
    let spans = tracer.take_finished();
    assert_eq!((status(&spans[2]), spans[2].outcome), (Some("error"), Outcome::Fail));
    let message = Value::from("invalid digit found in string");
    assert_eq!(spans[2].attribute("error.message"), Some(&message));
    assert_eq!((status(&spans[5]), spans[5].outcome), (Some("success"), Outcome::Success));
}

#[test]
fn a_future_that_is_dropped_before_its_end_is_cancelled() {
    let tracer = Tracer::for_tests();
    let mut future = Box::pin(load(&tracer, "1", 1));
    assert!(poll(future.as_mut()).is_pending());
    drop(future);
    let spans = tracer.take_finished();
    assert_eq!((spans[1].name.as_ref(), status(&spans[1])), ("load.data", Some("cancelled")));
    drop(load(&tracer, "1", 1));
    assert!(tracer.take_finished().is_empty(), "never polled, never begun");
}

/// TRC-03
#[test]
fn a_panic_in_a_future_fails_its_span() {
    #[traced(tracer = tracer)]
    async fn stop(tracer: &Tracer) {
        wait().await;
        std::panic::resume_unwind(Box::new("stopped"))
    }
    let tracer = Tracer::for_tests();
    let stopped = catch_unwind(AssertUnwindSafe(|| finish(stop(&tracer)))).unwrap_err();
    assert_eq!(stopped.downcast_ref(), Some(&"stopped"));
    let span = only(&tracer);
    assert_eq!((status(&span), span.outcome), (Some("error"), Outcome::Fail));
}

struct Store {
    tracer: Tracer,
}

trait Source {
    fn read(&mut self, rows: u32) -> impl Future<Output = Result<u32, String>> + Send;

    fn peek(&self) -> BoxFuture<'_, u32>;
}

impl Source for Store {
    #[traced(tracer = self.tracer)]
    async fn read(&mut self, rows: u32) -> Result<u32, String> {
        wait().await;
        self.tracer = Tracer::off();
        rows.checked_sub(1).ok_or_else(|| "no rows".to_owned())
    }

    #[traced(tracer = self.tracer)]
    fn peek(&self) -> BoxFuture<'_, u32> {
        Box::pin(async {
            drop(span!(self.tracer, "sql.query"));
            wait().await;
            7
        })
    }
}

#[async_trait]
trait Sink {
    async fn write(
        &self,
        name: &str,
        rows: Vec<u32>,
    ) -> Result<usize, Box<dyn std::error::Error + Send + Sync>>;

    async fn close(&self, tracer: &Tracer, force: bool) -> bool;
}

#[async_trait]
impl Sink for Store {
    #[traced("persist.rows", tracer = self.tracer)]
    async fn write(
        &self,
        name: &str,
        rows: Vec<u32>,
    ) -> Result<usize, Box<dyn std::error::Error + Send + Sync>> {
        wait().await;
        drop(span!(self.tracer, "sql.insert"));
        let first: u32 = name.parse()?;
        Ok(first as usize + rows.len())
    }

    #[traced(tracer = tracer)]
    async fn close(&self, tracer: &Tracer, force: bool) -> bool {
        wait().await;
        force
    }
}

/// TRC-01
#[test]
fn methods_of_traits_have_spans() {
    let tracer = Tracer::for_tests();
    let mut store = Store { tracer: tracer.clone() };
    assert_eq!(finish(store.peek()), 7);
    assert_eq!(finish(store.read(0)), Err("no rows".to_owned()));
    let spans = tracer.take_finished();
    assert_eq!([&spans[0].name, &spans[1].name, &spans[2].name], ["sql.query", "peek", "read"]);
    assert_eq!(spans[0].parent, Some(spans[1].span_id));
    assert_eq!((status(&spans[1]), status(&spans[2])), (Some("success"), Some("error")));
}

/// TRC-01
#[test]
fn methods_that_async_trait_makes_have_spans() {
    let tracer = Tracer::for_tests();
    let store: Box<dyn Sink> = Box::new(Store { tracer: tracer.clone() });
    assert_eq!(finish(store.write("2", vec![1, 2])).unwrap(), 4);
    finish(store.write("x", Vec::new())).unwrap_err();
    assert!(finish(store.close(&tracer, true)));
    let spans = tracer.take_finished();
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_ref()).collect();
    assert_eq!(names, ["sql.insert", "persist.rows", "sql.insert", "persist.rows", "close"]);
    assert_eq!(spans[0].parent, Some(spans[1].span_id));
    assert_eq!(spans[1].attribute("arg.name"), Some(&Value::from("2")));
    assert_eq!(spans[4].attribute("arg.force"), Some(&Value::Bool(true)));
    assert_eq!((status(&spans[1]), status(&spans[3])), (Some("success"), Some("error")));
    let kind = spans[3].attribute("error.type").and_then(Value::as_str).unwrap();
    assert!(kind.starts_with("dyn core::error::Error"), "{kind}");
}

#[traced("fetch.rows", tracer = tracer)]
fn fetch<'a>(
    tracer: &'a Tracer,
    name: &'a str,
    early: bool,
) -> impl Future<Output = Result<&'a str, String>> + Send + 'a {
    drop(span!(tracer, "fetch.prepare"));
    let length = name.len();
    async move {
        drop(span!(tracer, "fetch.request"));
        wait().await;
        if early { Err(format!("{length} bytes")) } else { Ok(name) }
    }
}

/// TRC-01
#[test]
fn a_function_that_returns_a_future_begins_its_span_when_it_is_called() {
    let tracer = Tracer::for_tests();
    let outer = span!(tracer, "pipeline.run");
    let future = fetch(&tracer, "abc", false);
    let parent = outer.span_id();
    drop(outer);
    assert_eq!(finish(future), Ok("abc"));
    assert_eq!(finish(fetch(&tracer, "abc", true)), Err("3 bytes".to_owned()));
    let spans = tracer.take_finished();
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_ref()).collect();
    let expected = [
        "fetch.prepare",
        "pipeline.run",
        "fetch.request",
        "fetch.rows",
        "fetch.prepare",
        "fetch.request",
        "fetch.rows",
    ];
    assert_eq!(names, expected);
    assert_eq!((spans[0].parent, spans[2].parent), (Some(spans[3].span_id), Some(spans[3].span_id)));
    assert_eq!((spans[3].parent, status(&spans[3])), (parent, Some("success")));
    assert_eq!(status(&spans[6]), Some("error"));
}

#[test]
fn futures_of_traced_functions_can_be_sent_and_keep_their_span_elsewhere() {
    fn sendable<F: Send>(future: F) -> F {
        future
    }
    let tracer = Tracer::for_tests();
    let mut store = Store { tracer: tracer.clone() };
    drop(sendable(store.read(1)));
    drop(sendable(store.peek()));
    drop(sendable(fetch(&tracer, "a", true)));
    tracer.take_finished();
    let mut future = Box::pin(sendable(load(&tracer, "1", 1)));
    assert!(poll(future.as_mut()).is_pending());
    std::thread::scope(|scope| {
        scope.spawn(|| assert_eq!(finish(future), Ok(2)));
    });
    let spans = tracer.take_finished();
    let of = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    assert_eq!(of("load.clean").parent, Some(of("load.data").span_id));
}

/// An argument that the body does not use lives until the future is done, as without the attribute.
#[test]
fn arguments_live_as_long_as_the_future() {
    struct Told<'a>(&'a Tracer);
    impl Drop for Told<'_> {
        fn drop(&mut self) {
            drop(span!(self.0, "argument.dropped"));
        }
    }
    #[traced(tracer = tracer)]
    async fn hold(tracer: &Tracer, _held: Told<'_>) {
        wait().await;
        drop(span!(tracer, "body.done"));
    }
    let tracer = Tracer::for_tests();
    finish(hold(&tracer, Told(&tracer)));
    let names: Vec<String> = tracer.take_finished().into_iter().map(|span| span.name.into_owned()).collect();
    assert_eq!(names, ["body.done", "hold", "argument.dropped"]);
}

#[test]
fn with_a_tracer_that_is_off_futures_do_the_same() {
    let off = Tracer::off();
    assert_eq!(finish(load(&off, "1", 2)), Ok(3));
    assert_eq!(finish(fetch(&off, "abc", false)), Ok("abc"));
    assert_eq!(finish(Store { tracer: off }.peek()), 7);
}

#[test]
fn a_traced_future_may_run_within_another_span() {
    let tracer = Tracer::for_tests();
    assert_eq!(finish(load(&tracer, "1", 1).in_span(span!(tracer, "pipeline.run"))), Ok(2));
    let spans = tracer.take_finished();
    assert_eq!(spans[2].parent, Some(spans[3].span_id));
}
