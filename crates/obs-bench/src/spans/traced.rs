//! [`Traced`]: the same traces, made by functions with `#[traced]`: plain ones, or `async` ones.

use super::library::{Library, PAIRS, TEXT};
use super::ours::Ours;
use crate::Answer;
use obs_trace::{Tracer, traced};
use std::hint::black_box;
use std::ops::Range;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// What functions the traces come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `fn`.
    Plain,
    /// `async fn`. The futures wait for nothing, so that what is measured is the spans.
    Async,
}

/// `obs`, with spans from `#[traced]`.
#[derive(Debug)]
pub(super) struct Traced {
    kind: Kind,
    ours: Ours,
}

impl Traced {
    /// Everything is recorded.
    pub(super) fn start(kind: Kind) -> Answer<Self> {
        Ok(Self { kind, ours: Ours::start()? })
    }
}

#[traced("pipeline.run", skip_all, fields(n_chunks = number, equipment = black_box(TEXT)), tracer = tracer)]
fn run(tracer: &Tracer, number: u64) {
    for pair in 0..PAIRS {
        let n = black_box(number + pair);
        fit(tracer, n);
        score(tracer, n);
    }
}

#[traced("fit.pca", skip_all, fields(n_samples = n, detector = black_box(TEXT)), tracer = tracer)]
fn fit(tracer: &Tracer, n: u64) {
    black_box(n);
}

#[traced("score.pca", skip_all, fields(n_rows = n, detector = black_box(TEXT)), tracer = tracer)]
fn score(tracer: &Tracer, n: u64) {
    black_box(n);
}

#[traced("pipeline.run", skip_all, fields(n_chunks = number, equipment = black_box(TEXT)), tracer = tracer)]
async fn run_async(tracer: &Tracer, number: u64) {
    for pair in 0..PAIRS {
        let n = black_box(number + pair);
        fit_async(tracer, n).await;
        score_async(tracer, n).await;
    }
}

#[traced("fit.pca", skip_all, fields(n_samples = n, detector = black_box(TEXT)), tracer = tracer)]
async fn fit_async(tracer: &Tracer, n: u64) {
    black_box(n);
}

#[traced("score.pca", skip_all, fields(n_rows = n, detector = black_box(TEXT)), tracer = tracer)]
async fn score_async(tracer: &Tracer, n: u64) {
    black_box(n);
}

/// Polls a future to its end, which is the first poll of one that waits for nothing.
fn finish(future: impl Future<Output = ()>) {
    let (mut future, mut context) = (pin!(future), Context::from_waker(Waker::noop()));
    while future.as_mut().poll(&mut context) == Poll::Pending {}
}

impl Library for Traced {
    fn traces(&self, numbers: Range<u64>) {
        let tracer = &self.ours.tracer;
        match self.kind {
            Kind::Plain => numbers.for_each(|number| run(tracer, number)),
            Kind::Async => numbers.for_each(|number| finish(run_async(tracer, number))),
        }
    }

    fn flush(&self) -> Answer<()> {
        self.ours.flush()
    }

    fn delivered(&self) -> u64 {
        self.ours.delivered()
    }

    fn dropped(&self) -> u64 {
        self.ours.dropped()
    }
}
