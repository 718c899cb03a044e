//! Two threads make traces at once: what each of them takes for a trace, beside one thread alone.
//!
//! It is the CPU time of each thread, so that the background, which shares the processors with them, is not in it.

use crate::spans::group::{Candidate, Group, OURS};
use crate::spans::library::{Library, SPANS};
use crate::spans::ours::Ours;
use crate::spans::rivals::fastrace::Fastrace;
use crate::spans::rivals::sdk::Sdk;
use crate::spans::sample::{Sample, median};
use crate::{Answer, cpu};
use std::sync::Barrier;
use std::thread;

/// Traces that each thread makes back to back.
const BURST: u64 = 500;
/// Bursts that are not counted.
const WARM_UP: usize = 3;

pub(super) const GROUP: Group = Group {
    name: "two-threads",
    candidates: &[
        Candidate { name: OURS, measure: |n| measure(&Ours::start()?, n) },
        Candidate { name: "fastrace", measure: |n| measure(&Fastrace::quick(), n) },
        Candidate { name: "opentelemetry_sdk", measure: |n| measure(&Sdk::roomy(), n) },
    ],
    figure: |s| s.median_ns,
    beside: None,
    judge: |rows, findings| {
        rows.at_most(findings, "a thread of two takes, of one alone,", |s| s.median_ns, None, 1.15);
    },
};

fn measure(library: &dyn Library, traces: u64) -> Answer<Sample> {
    let mut made = 0;
    let bursts = traces.div_ceil(BURST) as usize;
    let base_ns = bursts_of(1, library, bursts, &mut made)?;
    let median_ns = bursts_of(2, library, bursts, &mut made)?;
    Ok(Sample { median_ns, base_ns, ..Sample::default() })
}

/// The median of what a thread takes for a trace while so many make traces.
fn bursts_of(threads: u64, library: &dyn Library, bursts: usize, made: &mut u64) -> Answer<Option<f64>> {
    let mut times = Vec::new();
    // Two meetings a burst: all threads begin together, and none goes on before everything was delivered.
    let (begin, end) = (Barrier::new(threads as usize + 1), Barrier::new(threads as usize + 1));
    let (begin, end) = (&begin, &end);
    thread::scope(|scope| {
        let started: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(move || {
                    let mut times = Vec::with_capacity(bursts);
                    for burst in 0..(WARM_UP + bursts) as u64 {
                        begin.wait();
                        let start = cpu::time_of_thread();
                        library.traces(burst * BURST..(burst + 1) * BURST);
                        let took = cpu::time_of_thread().saturating_sub(start);
                        times.push(took.as_nanos() as f64 / BURST as f64);
                        end.wait();
                    }
                    times.split_off(WARM_UP)
                })
            })
            .collect();
        let mut outcome = Ok(());
        for _ in 0..WARM_UP + bursts {
            begin.wait();
            end.wait();
            *made += threads * BURST;
            // The threads wait for each other to the end even if a burst does not arrive.
            outcome = outcome.and_then(|()| library.wait(*made * SPANS));
        }
        for thread in started {
            times.extend(thread.join().unwrap_or_default());
        }
        outcome
    })?;
    Ok(median(times))
}
