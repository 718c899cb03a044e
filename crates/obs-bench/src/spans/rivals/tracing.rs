//! [`Tracing`]: spans of `tracing`, to OpenTelemetry through `tracing-opentelemetry`, to `obs` through its layer, or off by
//! their level.

use super::sdk::Sdk;
use crate::Answer;
use crate::spans::library::{Library, PAIRS, TEXT};
use crate::spans::ours::Ours;
use std::hint::black_box;
use std::ops::Range;
use tracing::level_filters::LevelFilter;
use tracing::{Instrument, info_span};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// `tracing` with a subscriber for the process.
pub(in crate::spans) struct Tracing {
    /// Where its spans go.
    to: Option<Box<dyn Library>>,
}

impl Tracing {
    /// Every span goes to the SDK; what the layer adds by itself (source location, thread, times busy and idle) is off,
    /// as no other candidate has it.
    pub(in crate::spans) fn to_opentelemetry(sdk: Sdk) -> Answer<Self> {
        let layer = tracing_opentelemetry::layer()
            .with_tracer(sdk.tracer().clone())
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false);
        tracing_subscriber::registry().with(layer).try_init()?;
        Ok(Self { to: Some(Box::new(sdk)) })
    }

    /// Every span goes to `obs`.
    pub(in crate::spans) fn to_ours(ours: Ours) -> Answer<Self> {
        let layer = obs_trace::bridge::tracing::layer(ours.tracer.clone());
        tracing_subscriber::registry().with(layer).try_init()?;
        Ok(Self { to: Some(Box::new(ours)) })
    }

    /// A subscriber whose level lets nothing through.
    pub(in crate::spans) fn off() -> Answer<Self> {
        tracing_subscriber::registry().with(LevelFilter::OFF).try_init()?;
        Ok(Self { to: None })
    }
}

/// `future`, with a span active in each of its polls.
pub(in crate::spans) fn in_span(future: impl Future<Output = ()>) -> impl Future<Output = ()> {
    future.instrument(info_span!("pipeline.run"))
}

/// Makes a trace for each number; whoever subscribes records them.
pub(in crate::spans) fn traces(numbers: Range<u64>) {
    for number in numbers {
        let _root = info_span!("pipeline.run", n_chunks = number, equipment = black_box(TEXT)).entered();
        for pair in 0..PAIRS {
            let n = black_box(number + pair);
            {
                let _fit = info_span!("fit.pca", n_samples = n, detector = black_box(TEXT)).entered();
            }
            {
                let _score = info_span!("score.pca", n_rows = n, detector = black_box(TEXT)).entered();
            }
        }
    }
}

impl Library for Tracing {
    fn traces(&self, numbers: Range<u64>) {
        traces(numbers);
    }

    fn flush(&self) -> Answer<()> {
        self.to.as_ref().map_or(Ok(()), |to| to.flush())
    }

    fn delivered(&self) -> u64 {
        self.to.as_ref().map_or(0, |to| to.delivered())
    }
}
