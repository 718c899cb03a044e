//! Memory: at rest, with open spans, and with one span that events never stop coming to.
//!
//! "kB" is by how much the resident set of the process grew, "heap kB" what was allocated meanwhile and is still held;
//! the larger one counts.

use crate::spans::group::{Candidate, Group, OURS};
use crate::spans::library::{Holds, Library, SPANS};
use crate::spans::ours::Ours;
use crate::spans::rivals::fastrace::Fastrace;
use crate::spans::rivals::sdk::Sdk;
use crate::spans::rows::Rows;
use crate::spans::sample::Sample;
use crate::{Answer, Findings, allocations, memory};

const BESIDE: &str = "fastrace";
const SDK: &str = "opentelemetry_sdk";
/// Traces before open spans are looked at, so that threads and buffers are there.
const WARM_UP: u64 = 500;
/// Events on one span.
const EVENTS: u64 = 1_000_000;

pub(super) const IDLE: Group = Group {
    name: "idle",
    candidates: &[
        Candidate { name: OURS, measure: |_| idle(Ours::start) },
        Candidate { name: BESIDE, measure: |_| idle(|| Ok(Fastrace::with_defaults())) },
        Candidate { name: SDK, measure: |_| idle(|| Ok(Sdk::with_defaults())) },
    ],
    figure: Sample::held,
    beside: Some(BESIDE),
    judge: |rows, findings| below(rows, findings, "after it was set up", 4e6),
};

pub(super) const THOUSAND: Group = Group {
    name: "1,000 open",
    candidates: &[
        Candidate { name: OURS, measure: |_| open(&Ours::boundless()?, 1000) },
        Candidate { name: BESIDE, measure: |_| open(&Fastrace::quick(), 1000) },
        Candidate { name: SDK, measure: |_| open(&Sdk::roomy(), 1000) },
    ],
    figure: Sample::held,
    beside: Some(BESIDE),
    judge: |rows, findings| below(rows, findings, "while the spans are open", 0.5e6),
};

pub(super) const HUNDRED_THOUSAND: Group = Group {
    name: "100,000 open",
    candidates: &[
        Candidate { name: OURS, measure: |_| open(&Ours::boundless()?, 100_000) },
        Candidate { name: BESIDE, measure: |_| open(&Fastrace::quick(), 100_000) },
        Candidate { name: SDK, measure: |_| open(&Sdk::roomy(), 100_000) },
    ],
    figure: Sample::held,
    beside: Some(BESIDE),
    judge: |rows, findings| below(rows, findings, "while the spans are open", 40e6),
};

pub(super) const LONG_SPAN: Group = Group {
    name: "long span",
    candidates: &[
        Candidate { name: OURS, measure: |_| events(&Ours::start()?) },
        Candidate { name: BESIDE, measure: |_| events(&Fastrace::quick()) },
        Candidate { name: SDK, measure: |_| events(&Sdk::roomy()) },
    ],
    figure: Sample::held,
    beside: Some(BESIDE),
    judge: |rows, findings| below(rows, findings, "with a million events on one span", 1e6),
};

fn below(rows: &Rows<'_>, findings: &mut Findings, when: &str, bar: f64) {
    let bytes = rows.median(OURS, Sample::held).unwrap_or(f64::INFINITY);
    let (name, bar_mb, mb) = (rows.group.name, bar / 1e6, bytes / 1e6);
    findings.bar(format!("{name}: at most {bar_mb} MB {when}; {mb:.2}"), bytes <= bar);
}

fn idle<T>(start: impl FnOnce() -> Answer<T>) -> Answer<Sample> {
    let mut library = None;
    grown(|look| {
        library = Some(start()?);
        look()
    })
}

fn open(library: &(impl Library + Holds), spans: u64) -> Answer<Sample> {
    library.traces(0..WARM_UP);
    library.wait(WARM_UP * SPANS)?;
    grown(|look| library.with_open(spans, look))
}

fn events(library: &(impl Library + Holds)) -> Answer<Sample> {
    library.traces(0..WARM_UP);
    library.wait(WARM_UP * SPANS)?;
    grown(|look| library.with_events(EVENTS, look))
}

/// By how much the memory has grown when `f` looks.
fn grown(f: impl FnOnce(&mut dyn FnMut() -> Answer<()>) -> Answer<()>) -> Answer<Sample> {
    let before = memory::resident()?;
    let mut now = None;
    let counting = allocations::start();
    f(&mut || {
        now = Some((counting.so_far().live_bytes, memory::resident()?));
        Ok(())
    })?;
    let (heap, resident) = now.ok_or("nobody looked at the memory")?;
    let bytes = Some(resident.saturating_sub(before) as f64);
    Ok(Sample { bytes, heap_bytes: Some(heap as f64), ..Sample::default() })
}
