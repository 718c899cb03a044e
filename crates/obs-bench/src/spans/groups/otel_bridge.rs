//! Spans of the `opentelemetry` API: from the provider of ours, and from that of the SDK.

use crate::spans::bridged;
use crate::spans::bursts::{Arrives, measure};
use crate::spans::group::{Candidate, Group, OURS};
use crate::spans::rivals::sdk::Sdk;

const BESIDE: &str = "opentelemetry_sdk";

pub(super) const GROUP: Group = Group {
    name: "otel-bridge",
    candidates: &[
        Candidate { name: OURS, measure: |n| measure(&bridged::opentelemetry()?, n, Arrives::All) },
        Candidate { name: BESIDE, measure: |n| measure(&Sdk::roomy(), n, Arrives::All) },
    ],
    figure: |s| s.median_ns,
    beside: Some(BESIDE),
    judge: |rows, findings| {
        rows.at_most(findings, "the caller waits", |s| s.median_ns, Some(BESIDE), 1.0);
    },
};
