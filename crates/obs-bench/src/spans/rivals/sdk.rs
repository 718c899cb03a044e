//! [`Sdk`]: `opentelemetry_sdk` with its batch processor; [`Discard`]: an exporter that counts.

use crate::Answer;
use crate::spans::library::{Delivered, Holds, Library, PAIRS, TEXT};
use opentelemetry::context::FutureExt;
use opentelemetry::trace::{Span, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider, SpanData, SpanExporter,
};
use std::hint::black_box;
use std::ops::Range;
use std::sync::Arc;

/// Room for all spans of a burst; 2,048 by default.
const QUEUE: usize = 1 << 14;

/// Counts spans and throws them away.
#[derive(Debug)]
pub(super) struct Discard(pub(super) Arc<Delivered>);

impl SpanExporter for Discard {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.add(black_box(batch).len());
        Ok(())
    }
}

/// `opentelemetry_sdk`.
#[derive(Debug)]
pub(in crate::spans) struct Sdk {
    arrived: Arc<Delivered>,
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl Sdk {
    /// With a queue that holds a burst.
    pub(in crate::spans) fn roomy() -> Self {
        Self::start(BatchConfigBuilder::default().with_max_queue_size(QUEUE), Sampler::AlwaysOn)
    }

    /// As it is by default.
    pub(in crate::spans) fn with_defaults() -> Self {
        Self::start(BatchConfigBuilder::default(), Sampler::AlwaysOn)
    }

    /// Its sampler takes nothing.
    pub(in crate::spans) fn unsampled() -> Self {
        Self::start(BatchConfigBuilder::default(), Sampler::AlwaysOff)
    }

    fn start(batch: BatchConfigBuilder, sampler: Sampler) -> Self {
        let arrived = Arc::<Delivered>::default();
        let processor = BatchSpanProcessor::builder(Discard(Arc::clone(&arrived)))
            .with_batch_config(batch.build())
            .build();
        let provider =
            SdkTracerProvider::builder().with_span_processor(processor).with_sampler(sampler).build();
        let tracer = provider.tracer("bench");
        Self { arrived, provider, tracer }
    }

    /// `future`, with a span active in each of its polls.
    pub(in crate::spans) fn in_span<F: Future<Output = ()>>(
        &self,
        future: F,
    ) -> impl Future<Output = ()> + use<F> {
        let span = self.tracer.start_with_context("pipeline.run", &Context::new());
        future.with_context(Context::new().with_span(span))
    }

    /// What spans are made with.
    pub(super) fn tracer(&self) -> &SdkTracer {
        &self.tracer
    }
}

fn attributes(key: &'static str, n: u64, other: &'static str) -> [KeyValue; 2] {
    [KeyValue::new(key, n as i64), KeyValue::new(other, black_box(TEXT))]
}

/// Makes a trace for each number, with any tracer of this API.
pub(in crate::spans) fn traces<T: Tracer<Span: Send + Sync + 'static>>(tracer: &T, numbers: Range<u64>) {
    for number in numbers {
        let root = Context::new().with_span(tracer.start_with_context("pipeline.run", &Context::new()));
        for pair in 0..PAIRS {
            let n = black_box(number + pair);
            let fit = attributes("n_samples", n, "detector");
            let builder = tracer.span_builder("fit.pca").with_attributes(fit);
            drop(tracer.build_with_context(builder, &root));
            let score = attributes("n_rows", n, "detector");
            let builder = tracer.span_builder("score.pca").with_attributes(score);
            drop(tracer.build_with_context(builder, &root));
        }
    }
}

impl Library for Sdk {
    fn traces(&self, numbers: Range<u64>) {
        traces(&self.tracer, numbers);
    }

    fn flush(&self) -> Answer<()> {
        Ok(self.provider.force_flush()?)
    }

    fn delivered(&self) -> u64 {
        self.arrived.count()
    }
}

impl Holds for Sdk {
    fn with_open(&self, spans: u64, look: &mut dyn FnMut() -> Answer<()>) -> Answer<()> {
        let root = Context::new().with_span(self.tracer.start_with_context("pipeline.run", &Context::new()));
        let mut open = Vec::with_capacity(spans as usize);
        for n in 0..spans {
            let fit = attributes("n_samples", n, "detector");
            let builder = self.tracer.span_builder("fit.pca").with_attributes(fit);
            open.push(self.tracer.build_with_context(builder, &root));
        }
        look()
    }

    fn with_events(&self, events: u64, look: &mut dyn FnMut() -> Answer<()>) -> Answer<()> {
        let mut span = self.tracer.start_with_context("pipeline.run", &Context::new());
        for n in 0..events {
            span.add_event("tick", vec![KeyValue::new("n", n as i64)]);
        }
        look()
    }
}
