//! Every span comes out once, with its parent and its outcome, whatever threads and tasks do at the same time: panic, are
//! cancelled, end spans of others, outlive their parents.
//!
//! `OBS_FIRE_SECONDS` says how long; one round without it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail their test"
)]

mod load;
mod model;

use load::{Load, serve};
use model::Model;
use obs_core::config::SpanLimits;
use obs_core::{Clock, Diag, Ledger, Signal};
use obs_export::{Engine, Limits};
use obs_testing::{SpanCollector, tree};
use obs_trace::Tracer;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

const THREADS: u64 = 8;
const TASKS: u64 = 10_000;

fn round(seed: u64) -> usize {
    let (collector, ledger) = (SpanCollector::default(), Arc::new(Ledger::default()));
    let engine = Engine::new(Arc::clone(&ledger), Clock::system(), Diag::stderr());
    // Room for all of a round: what is lost here is lost by mistake.
    let limits = Limits { queue_items: 50_000_000, queue_bytes: 4 << 30, ..Limits::default() };
    let stream = engine.stream(Signal::Trace, vec![Box::new(collector.clone())], limits);
    let tracer = Tracer::builder()
        .export(Arc::clone(&ledger), stream)
        .limits(SpanLimits { spans_per_trace: 0, ..SpanLimits::default() })
        .buffer_bytes(4 << 30)
        .build();

    let model = Arc::new(Model::default());
    let (jobs, queue) = mpsc::channel();
    let load = Load {
        tracer: tracer.clone(),
        model: Arc::clone(&model),
        jobs,
        panics: Arc::default(),
        cancelled: Arc::default(),
    };
    let (panics, cancelled) = (Arc::clone(&load.panics), Arc::clone(&load.cancelled));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    let queue = Mutex::new(queue);
    std::thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| serve(&queue));
        }
        for thread in 0..THREADS {
            let load = load.clone();
            s.spawn(move || {
                let mut rng = fastrand::Rng::with_seed(seed * 1_000 + thread);
                for _ in 0..1_000 {
                    let _ = catch_unwind(AssertUnwindSafe(|| load.work(&mut rng, 4, None)));
                    assert_eq!(obs_core::active::span(), None);
                }
            });
        }
        let all = runtime.block_on(async {
            let tasks = (0..TASKS).map(|n| {
                let rng = fastrand::Rng::with_seed(seed * 1_000_000 + n);
                tokio::spawn(load.task(rng, 3, None))
            });
            let tasks: Vec<_> = tasks.collect();
            let mut ended = 0;
            for task in tasks {
                // A task that panicked has ended, too.
                let _ = task.await;
                ended += 1;
            }
            ended
        });
        assert_eq!(all, TASKS);
        // Tasks of tasks that nobody waited for end here, done or cancelled.
        drop(runtime);
        drop(load);
    });
    tracer.close();
    let report = engine.shutdown(Duration::from_mins(1));

    let (made, spans) = (model.len(), collector.take());
    assert_eq!(tree::no_orphans(&spans), Ok(()), "seed {seed}");
    let differences = model.differences(&spans);
    assert!(
        differences.is_empty(),
        "seed {seed}: {made} made, {} came out\n{}",
        spans.len(),
        differences.join("\n")
    );
    let trace = &report.signals.trace.account;
    assert!(report.signals.is_balanced(), "{trace:?}");
    assert_eq!((trace.created, trace.delivered), (made as u64, made as u64), "{trace:?}");
    assert!(trace.dropped.is_empty(), "nothing was lost or left open: {trace:?}");
    assert!(panics.load(Ordering::Relaxed) > 100 && cancelled.load(Ordering::Relaxed) > 100);
    made
}

#[test]
fn the_forest_that_comes_out_is_the_one_that_was_made() {
    let seconds = std::env::var("OBS_FIRE_SECONDS").map_or(0, |s| s.parse().expect("whole seconds"));
    let (clock, mut rounds, mut spans) = (Clock::system(), 0, 0);
    let until = clock.now() + seconds * 1_000_000_000;
    loop {
        spans += round(rounds);
        rounds += 1;
        if clock.now() >= until {
            break;
        }
    }
    println!("{rounds} rounds, {spans} spans");
}
