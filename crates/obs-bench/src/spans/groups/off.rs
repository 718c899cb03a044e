//! Tracing is compiled in and off by configuration.

use crate::spans::bursts::{Arrives, measure};
use crate::spans::group::{Candidate, Group, OURS};
use crate::spans::ours::Ours;
use crate::spans::rivals::fastrace::Fastrace;
use crate::spans::rivals::tracing::Tracing;

const BESIDE: &str = "tracing";

pub(super) const GROUP: Group = Group {
    name: "off",
    candidates: &[
        Candidate { name: OURS, measure: |n| measure(&Ours::off()?, n, Arrives::Nothing) },
        Candidate { name: BESIDE, measure: |n| measure(&Tracing::off()?, n, Arrives::Nothing) },
        Candidate { name: "fastrace", measure: |n| measure(&Fastrace::off(), n, Arrives::Nothing) },
    ],
    figure: |s| s.median_ns,
    beside: Some(BESIDE),
    judge: |rows, findings| {
        rows.at_most(findings, "the caller waits", |s| s.median_ns, Some(BESIDE), 1.0);
    },
};
