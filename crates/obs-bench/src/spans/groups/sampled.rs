//! Every trace is recorded and delivered, in bursts that no queue overflows at.

use crate::spans::bursts::{Arrives, measure};
use crate::spans::group::{Candidate, Group, OURS};
use crate::spans::library::SPANS;
use crate::spans::ours::Ours;
use crate::spans::rivals::fastrace::Fastrace;
use crate::spans::rivals::floor::Floor;
use crate::spans::rivals::sdk::Sdk;
use crate::spans::rivals::tracing::Tracing;

const BESIDE: &str = "fastrace";
/// Allocations of one span: what a batch of hundreds allocates is a hundredth of one.
const ALLOCS: f64 = 0.01;

pub(super) const GROUP: Group = Group {
    name: "sampled",
    candidates: &[
        Candidate { name: OURS, measure: |n| measure(&Ours::start()?, n, Arrives::All) },
        Candidate { name: BESIDE, measure: |n| measure(&Fastrace::quick(), n, Arrives::All) },
        Candidate {
            name: "fastrace-opentelemetry",
            measure: |n| measure(&Fastrace::quick_with_opentelemetry(), n, Arrives::All),
        },
        Candidate { name: "opentelemetry_sdk", measure: |n| measure(&Sdk::roomy(), n, Arrives::All) },
        Candidate {
            name: "tracing-opentelemetry",
            measure: |n| measure(&Tracing::to_opentelemetry(Sdk::roomy())?, n, Arrives::All),
        },
        Candidate { name: "floor", measure: |n| measure(&Floor::default(), n, Arrives::All) },
    ],
    figure: |s| s.median_ns,
    beside: Some(BESIDE),
    judge: |rows, findings| {
        rows.at_most(findings, "the caller waits", |s| s.median_ns, Some(BESIDE), 0.35);
        rows.at_most(findings, "CPU time", |s| s.cpu_ns, Some(BESIDE), 0.6);
        let allocs = rows.median(OURS, |s| s.allocs).unwrap_or(f64::INFINITY) / SPANS as f64;
        findings.bar(format!("sampled: no allocation for a span; {allocs:.3}"), allocs < ALLOCS);
    },
};
