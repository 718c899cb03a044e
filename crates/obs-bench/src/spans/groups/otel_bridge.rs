//! Spans of the `opentelemetry` API: to us through our bridge, beside the SDK. Both run the same program.

use crate::Answer;
use crate::spans::bursts::{Arrives, measure};
use crate::spans::group::{Candidate, Group, OURS};
use crate::spans::library::Library;
use crate::spans::ours::Ours;
use crate::spans::rivals::sdk::{self, Sdk};
use obs_trace::bridge::otel::{Tracer, TracerProvider};
use opentelemetry::trace::TracerProvider as _;
use std::ops::Range;

const BESIDE: &str = "opentelemetry_sdk";

pub(super) const GROUP: Group = Group {
    name: "otel-bridge",
    candidates: &[
        Candidate { name: OURS, measure: |n| measure(&Bridge::start()?, n, Arrives::All) },
        Candidate { name: BESIDE, measure: |n| measure(&Sdk::roomy(), n, Arrives::All) },
    ],
    figure: |s| s.median_ns,
    beside: Some(BESIDE),
    judge: |rows, findings| {
        rows.at_most(findings, "the caller waits", |s| s.median_ns, Some(BESIDE), 1.0);
        rows.at_most(findings, "CPU time", |s| s.cpu_ns, Some(BESIDE), 1.0);
    },
};

/// `obs` behind the API.
struct Bridge {
    ours: Ours,
    tracer: Tracer,
}

impl Bridge {
    fn start() -> Answer<Self> {
        let ours = Ours::start()?;
        let tracer = TracerProvider::new(ours.tracer.clone()).tracer("bench");
        Ok(Self { ours, tracer })
    }
}

impl Library for Bridge {
    fn traces(&self, numbers: Range<u64>) {
        sdk::traces(&self.tracer, numbers);
    }

    fn flush(&self) -> Answer<()> {
        self.ours.flush()
    }

    fn delivered(&self) -> u64 {
        self.ours.delivered()
    }
}
