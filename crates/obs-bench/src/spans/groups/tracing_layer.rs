//! Spans of `tracing`: through the layer of ours, and through `tracing-opentelemetry`.

use crate::spans::bridged;
use crate::spans::bursts::{Arrives, measure};
use crate::spans::group::{Candidate, Group, OURS};
use crate::spans::rivals::sdk::Sdk;
use crate::spans::rivals::tracing::Tracing;

const BESIDE: &str = "tracing-opentelemetry";

pub(super) const GROUP: Group = Group {
    name: "tracing-layer",
    candidates: &[
        Candidate { name: OURS, measure: |n| measure(&bridged::tracing()?, n, Arrives::All) },
        Candidate {
            name: BESIDE,
            measure: |n| measure(&Tracing::to_opentelemetry(Sdk::roomy())?, n, Arrives::All),
        },
    ],
    figure: |s| s.median_ns,
    beside: Some(BESIDE),
    judge: |rows, findings| {
        rows.at_most(findings, "the caller waits", |s| s.median_ns, Some(BESIDE), 0.5);
    },
};
