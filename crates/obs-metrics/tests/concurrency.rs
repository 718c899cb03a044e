//! Updating and collecting at the same time loses nothing, and every reading holds together.

use obs_metrics::{Metrics, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const THREADS: u64 = 4;
const UPDATES: u64 = 200_000;

#[test]
fn no_update_is_lost_and_no_reading_contradicts_itself() {
    let metrics = Metrics::new(obs_core::ServiceIdentity::default(), Arc::default());
    let counter = metrics.counter_with("c", "C.", ["thread"]).unwrap();
    let shared = metrics.counter("shared", "Shared.").unwrap();
    let histogram = metrics.histogram("h", "H.", &[1.0, 2.0, 3.0]).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..THREADS)
            .map(|t| {
                let (counter, shared, histogram) = (counter.clone(), shared.clone(), histogram.clone());
                scope.spawn(move || {
                    for i in 0..UPDATES {
                        counter.with([&t.to_string()]).inc();
                        shared.inc();
                        histogram.observe((i % 5) as f64);
                    }
                })
            })
            .collect();
        let reader = scope.spawn(|| {
            let (mut last, mut readings) = (0, 0);
            while !done.load(Ordering::Acquire) || readings == 0 {
                let snapshot = metrics.snapshot();
                let Value::Histogram(h) = &snapshot.family("h").unwrap().series[0].value else { panic!() };
                // Each count was preceded by its value in the sum; at most one update per thread is under way.
                assert!(h.count() >= last, "{} after {last}", h.count());
                let least = h.counts[1] as f64 * 2.0 + h.counts[2] as f64 * 3.0 + h.counts[3] as f64 * 4.0;
                assert!(h.sum >= least, "sum {} of {:?}", h.sum, h.counts);
                last = h.count();
                readings += 1;
            }
        });
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Ordering::Release);
        reader.join().unwrap();
    });
    assert_eq!(shared.get(), THREADS * UPDATES);
    for t in 0..THREADS {
        assert_eq!(counter.with([&t.to_string()]).get(), UPDATES);
    }
    assert_eq!(histogram.count(), THREADS * UPDATES);
    assert_eq!(histogram.sum() as u64, THREADS * UPDATES / 5 * 10);
}
