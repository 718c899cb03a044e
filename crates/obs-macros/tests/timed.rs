//! `#[timed]` measures calls however they end, whatever the function looks like.

use obs_core::{Clock, ServiceIdentity};
use obs_metrics::{Metrics, Value, timed};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

fn metrics() -> (Metrics, Clock) {
    let clock = Clock::manual(0);
    (Metrics::with_clock(ServiceIdentity::default(), Arc::default(), clock.clone()), clock)
}

/// Calls of a function that were measured, and their seconds in all.
fn seen(metrics: &Metrics, function: &str) -> (u64, f64) {
    let snapshot = metrics.snapshot();
    let family = snapshot.families.iter().find(|f| f.name == "acm_function_duration_seconds");
    let series = family.and_then(|f| f.series.iter().find(|s| s.labels.values[..] == [function.to_owned()]));
    match series.map(|s| &s.value) {
        Some(Value::Histogram(h)) => (h.counts.iter().sum(), h.sum),
        _ => (0, 0.0),
    }
}

/// What the future gives when it is polled until it is done.
fn finish<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}

/// Waits for two seconds of the clock, one at each poll.
async fn two_seconds(clock: &Clock) {
    let mut polls = 0;
    std::future::poll_fn(|_| {
        clock.advance(Duration::from_secs(1));
        polls += 1;
        if polls == 2 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

#[timed("batch.process", metrics = metrics)]
fn process(metrics: &Metrics, clock: &Clock, rows: Option<u32>) -> Result<u32, String> {
    clock.advance(Duration::from_secs(2));
    let rows = rows.ok_or("no rows")?;
    if rows == 0 {
        return Ok(0);
    }
    assert!(rows < 100, "too many");
    Ok(rows)
}

/// TRC-05
#[test]
fn a_call_is_measured_in_seconds_however_it_ends() {
    let (metrics, clock) = metrics();
    assert_eq!(process(&metrics, &clock, Some(7)), Ok(7));
    assert_eq!(process(&metrics, &clock, Some(0)), Ok(0));
    assert_eq!(process(&metrics, &clock, None), Err("no rows".to_owned()));
    catch_unwind(AssertUnwindSafe(|| process(&metrics, &clock, Some(100)))).unwrap_err();
    assert_eq!(seen(&metrics, "batch.process"), (4, 8.0));
}

struct Batch {
    metrics: Metrics,
    clock: Clock,
}

impl Batch {
    #[timed(metrics = self.metrics)]
    fn r#score(&mut self) -> &Clock {
        self.clock.advance(Duration::from_secs(1));
        &self.clock
    }

    #[timed(name = "batch.fit", metrics = self.metrics)]
    async fn fit(&self, mut rows: u32) -> Result<u32, std::num::ParseIntError> {
        two_seconds(&self.clock).await;
        rows += "1".parse::<u32>()?;
        Ok(rows)
    }

    #[timed(metrics = self.metrics)]
    fn load(&self, early: bool) -> impl Future<Output = bool> + Send {
        if early {
            self.clock.advance(Duration::from_secs(5));
        }
        async move {
            two_seconds(&self.clock).await;
            early
        }
    }

    #[timed(metrics = self.metrics)]
    fn save<'a>(&'a self, name: &'a str) -> Pin<Box<dyn Future<Output = &'a str> + Send + 'a>> {
        Box::pin(async move {
            two_seconds(&self.clock).await;
            name
        })
    }
}

#[test]
fn a_method_without_a_name_goes_by_its_own() {
    let (metrics, clock) = metrics();
    let mut batch = Batch { metrics: metrics.clone(), clock };
    assert_eq!(batch.score().now(), 1_000_000_000);
    assert_eq!(seen(&metrics, "score"), (1, 1.0));
}

/// SB-10
#[test]
fn a_future_is_measured_until_it_is_done_or_dropped() {
    let (metrics, clock) = metrics();
    let batch = Batch { metrics: metrics.clone(), clock: clock.clone() };
    assert_eq!(finish(batch.fit(1)), Ok(2));
    assert_eq!(seen(&metrics, "batch.fit"), (1, 2.0));
    assert!(finish(batch.load(true)));
    assert_eq!(seen(&metrics, "load"), (1, 7.0));
    assert_eq!(finish(batch.save("a")), "a");
    assert_eq!(seen(&metrics, "save"), (1, 2.0));

    // Never polled, an `async fn` has not begun; a function that returns a future has.
    drop(batch.fit(1));
    drop(batch.save("a"));
    assert_eq!((seen(&metrics, "batch.fit").0, seen(&metrics, "save").0), (1, 2));
    let mut given_up = Box::pin(batch.fit(1));
    assert!(given_up.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(given_up);
    assert_eq!(seen(&metrics, "batch.fit"), (2, 3.0));
}

#[test]
fn futures_of_timed_functions_can_be_sent() {
    fn sendable(_: &impl Send) {}
    let (metrics, clock) = metrics();
    let batch = Batch { metrics, clock };
    sendable(&batch.fit(1));
    sendable(&batch.load(false));
    sendable(&batch.save("a"));
}

#[test]
fn without_metrics_of_the_process_the_function_just_runs() {
    #[timed("batch.alone")]
    fn alone(x: u32) -> u32 {
        x + 1
    }
    assert_eq!(alone(1), 2);
    assert_eq!(seen(&obs_metrics::global(), "batch.alone"), (0, 0.0));
}
