//! The sampler takes no trace.

use crate::spans::bursts::{Arrives, measure};
use crate::spans::group::{Candidate, Group, OURS};
use crate::spans::ours::Ours;
use crate::spans::rivals::fastrace::Fastrace;
use crate::spans::rivals::sdk::Sdk;

const BESIDE: &str = "fastrace";

pub(super) const GROUP: Group = Group {
    name: "unsampled",
    candidates: &[
        Candidate { name: OURS, measure: |n| measure(&Ours::unsampled()?, n, Arrives::Nothing) },
        Candidate { name: BESIDE, measure: |n| measure(&Fastrace::unsampled(), n, Arrives::Nothing) },
        Candidate { name: "opentelemetry_sdk", measure: |n| measure(&Sdk::unsampled(), n, Arrives::Nothing) },
    ],
    figure: |s| s.median_ns,
    beside: Some(BESIDE),
    judge: |rows, findings| {
        rows.at_most(findings, "the caller waits", |s| s.median_ns, Some(BESIDE), 0.6);
    },
};
