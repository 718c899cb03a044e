//! Traces back to back, for longer than any queue holds, with every library's default queue: how many arrive, and for how
//! much CPU time.

use crate::spans::group::{Candidate, Group, OURS};
use crate::spans::library::{Library, SPANS};
use crate::spans::ours::Ours;
use crate::spans::rivals::fastrace::Fastrace;
use crate::spans::rivals::sdk::Sdk;
use crate::spans::rivals::tracing::Tracing;
use crate::spans::sample::Sample;
use crate::{Answer, cpu};
use fastrace::collector::Config;
use obs_core::Clock;

/// How many times the traces of a timed burst.
const TIMES: u64 = 5;
/// Traces before the load, so that threads and buffers are there.
const WARM_UP: u64 = 100;

pub(super) const GROUP: Group = Group {
    name: "saturated",
    candidates: &[
        Candidate { name: OURS, measure: |n| measure(&Ours::start()?, n) },
        Candidate { name: "fastrace", measure: |n| measure(&Fastrace::with_defaults(), n) },
        Candidate {
            name: "fastrace-opentelemetry",
            measure: |n| measure(&Fastrace::with_opentelemetry(Config::default()), n),
        },
        Candidate { name: "opentelemetry_sdk", measure: |n| measure(&Sdk::with_defaults(), n) },
        Candidate {
            name: "tracing-opentelemetry",
            measure: |n| measure(&Tracing::to_opentelemetry(Sdk::with_defaults())?, n),
        },
    ],
    figure: |s| s.spans_of_cpu_second,
    beside: Some("fastrace"),
    judge: |rows, findings| {
        let speed: fn(&Sample) -> Option<f64> = |s| s.spans_of_cpu_second;
        for (rival, _) in rows.medians().filter(|(name, _)| *name != OURS) {
            let ratio = rows.ratio(OURS, Some(rival), speed).unwrap_or_default();
            let what = format!("saturated: more spans arrive for a CPU second than from {rival}; {ratio:.2}");
            findings.bar(what, ratio > 1.0);
        }
        let uncounted = rows.median(OURS, |s| s.uncounted).unwrap_or(f64::INFINITY);
        findings.bar(
            format!("saturated: what is dropped is counted; {uncounted} spans are not"),
            uncounted == 0.0,
        );
    },
};

fn measure(library: &dyn Library, traces: u64) -> Answer<Sample> {
    library.traces(0..WARM_UP);
    library.flush()?;
    let (arrived, clock, traces) = (library.delivered(), Clock::system(), traces * TIMES);
    let start = clock.now();
    let (cpu, outcome) = cpu::spent(|| {
        library.traces(0..traces);
        let made_ns = clock.now() - start;
        library.flush().map(|()| made_ns)
    });
    let made_ns = outcome?;
    let (made, arrived) = (traces * SPANS, library.delivered() - arrived);
    Ok(Sample {
        median_ns: Some(made_ns as f64 / traces as f64),
        cpu_ns: Some(cpu.as_nanos() as f64 / traces as f64),
        delivered: Some(arrived as f64 / made as f64),
        uncounted: Some(made.saturating_sub(arrived).saturating_sub(library.dropped()) as f64),
        spans_of_cpu_second: Some(arrived as f64 / cpu.as_secs_f64()),
        ..Sample::default()
    })
}
