//! Spans of `tracing`: to us through our layer, beside `tracing-opentelemetry` with the SDK. Both run the same program.

use crate::spans::bursts::{Arrives, measure};
use crate::spans::group::{Candidate, Group, OURS};
use crate::spans::ours::Ours;
use crate::spans::rivals::sdk::Sdk;
use crate::spans::rivals::tracing::Tracing;

const BESIDE: &str = "tracing-opentelemetry";

pub(super) const GROUP: Group = Group {
    name: "tracing-layer",
    candidates: &[
        Candidate { name: OURS, measure: |n| measure(&Tracing::to_ours(Ours::start()?)?, n, Arrives::All) },
        Candidate {
            name: BESIDE,
            measure: |n| measure(&Tracing::to_opentelemetry(Sdk::roomy())?, n, Arrives::All),
        },
    ],
    figure: |s| s.median_ns,
    beside: Some(BESIDE),
    judge: |rows, findings| {
        rows.at_most(findings, "the caller waits", |s| s.median_ns, Some(BESIDE), 0.5);
        rows.at_most(findings, "CPU time", |s| s.cpu_ns, Some(BESIDE), 0.5);
    },
};
