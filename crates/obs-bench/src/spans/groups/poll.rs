//! What it adds to one poll of a future that a span is active in: nanoseconds for a poll, not for a trace.

use crate::spans::group::{Candidate, Group};
use crate::spans::rivals::fastrace::Fastrace;
use crate::spans::rivals::sdk::Sdk;
use crate::spans::rivals::tracing::{self, Tracing};
use crate::spans::sample::{Sample, median};
use obs_core::Clock;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// Polls timed together.
const POLLS: u64 = 1000;
/// Traces that as many polls stand for.
const POLLS_OF_A_TRACE: u64 = 10;

const BESIDE: &str = "fastrace";

pub(super) const GROUP: Group = Group {
    name: "poll",
    candidates: &[
        Candidate {
            name: "obs",
            measure: |n| {
                let o = crate::spans::ours::Ours::start()?;
                Ok(measure(n, o.in_span(Yields)))
            },
        },
        Candidate { name: BESIDE, measure: |n| Ok(measure(n, Fastrace::quick().in_span(Yields))) },
        Candidate { name: "opentelemetry_sdk", measure: |n| Ok(measure(n, Sdk::roomy().in_span(Yields))) },
        Candidate {
            name: "tracing-opentelemetry",
            measure: |n| {
                let _set_up = Tracing::to_opentelemetry(Sdk::roomy())?;
                Ok(measure(n, tracing::in_span(Yields)))
            },
        },
    ],
    figure: |s| s.median_ns,
    beside: Some(BESIDE),
    judge: |_, _| (),
};

/// A future that is never ready.
struct Yields;

impl Future for Yields {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        std::hint::black_box(context);
        Poll::Pending
    }
}

fn measure(traces: u64, future: impl Future<Output = ()>) -> Sample {
    let (mut plain, mut with_span) = (pin!(Yields), pin!(future));
    let mut added = Vec::new();
    for _ in 0..(traces * POLLS_OF_A_TRACE).div_ceil(POLLS) {
        let least = timed(plain.as_mut());
        added.push(timed(with_span.as_mut()) - least);
    }
    Sample { median_ns: median(added), ..Sample::default() }
}

/// Nanoseconds of one poll.
fn timed(mut future: Pin<&mut impl Future<Output = ()>>) -> f64 {
    let (clock, mut context) = (Clock::system(), Context::from_waker(Waker::noop()));
    let start = clock.now();
    for _ in 0..POLLS {
        let _ = future.as_mut().poll(&mut context);
    }
    (clock.now() - start) as f64 / POLLS as f64
}
