//! [`Bridged`]: spans of another library's API that `obs` records, through its bridges.

use super::library::Library;
use super::ours::Ours;
use super::rivals::{sdk, tracing};
use crate::Answer;
use obs_trace::bridge;
use opentelemetry::trace::TracerProvider;
use std::ops::Range;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Spans of another library's API that `obs` records.
#[derive(Debug)]
pub(super) struct Bridged<M> {
    make: M,
    ours: Ours,
}

/// Spans of `tracing`, through the layer of `obs`, in a subscriber for the process.
pub(super) fn tracing() -> Answer<Bridged<impl Fn(Range<u64>) + Sync>> {
    let ours = Ours::start()?;
    tracing_subscriber::registry().with(bridge::tracing::layer(ours.tracer.clone())).try_init()?;
    Ok(Bridged { make: tracing::traces, ours })
}

/// Spans of the `opentelemetry` API, from the provider of `obs`.
pub(super) fn opentelemetry() -> Answer<Bridged<impl Fn(Range<u64>) + Sync>> {
    let ours = Ours::start()?;
    let tracer = bridge::otel::TracerProvider::new(ours.tracer.clone()).tracer("bench");
    Ok(Bridged { make: move |numbers| sdk::traces(&tracer, numbers), ours })
}

impl<M: Fn(Range<u64>) + Sync> Library for Bridged<M> {
    fn traces(&self, numbers: Range<u64>) {
        (self.make)(numbers);
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
