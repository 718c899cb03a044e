//! [`Fastrace`]: `fastrace` with local spans, by itself and with `fastrace-opentelemetry`.

use super::sdk::Discard;
use crate::Answer;
use crate::spans::library::{Delivered, Holds, Library, PAIRS, TEXT};
use fastrace::collector::{Config, Reporter, SpanRecord};
use fastrace::future::FutureExt;
use fastrace::prelude::{Event, LocalSpan, Span, SpanContext};
use fastrace_opentelemetry::OpenTelemetryReporter;
use opentelemetry::InstrumentationScope;
use opentelemetry_sdk::Resource;
use std::borrow::Cow;
use std::hint::black_box;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// How often the collector looks, where a measurement waits for it; by default a second.
const INTERVAL: Duration = Duration::from_millis(10);

/// `fastrace` with a reporter that counts.
#[derive(Debug, Default)]
pub(in crate::spans) struct Fastrace {
    arrived: Arc<Delivered>,
    sampled: bool,
}

struct Count(Arc<Delivered>);

impl Reporter for Count {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        self.0.add(spans.len());
    }
}

impl Fastrace {
    /// Its collector looks often, so that a burst need not wait a second for its delivery.
    pub(in crate::spans) fn quick() -> Self {
        Self::start(Config::default().report_interval(INTERVAL))
    }

    /// As it is by default.
    pub(in crate::spans) fn with_defaults() -> Self {
        Self::start(Config::default())
    }

    fn start(config: Config) -> Self {
        let this = Self { arrived: Arc::default(), sampled: true };
        fastrace::set_reporter(Count(Arc::clone(&this.arrived)), config);
        this
    }

    /// Through the OpenTelemetry reporter, to an exporter that counts.
    pub(in crate::spans) fn with_opentelemetry(config: Config) -> Self {
        let this = Self { arrived: Arc::default(), sampled: true };
        let exporter = Discard(Arc::clone(&this.arrived));
        let resource = Cow::Owned(Resource::builder().with_service_name("bench").build());
        let scope = InstrumentationScope::builder("bench").build();
        fastrace::set_reporter(OpenTelemetryReporter::new(exporter, resource, scope), config);
        this
    }

    /// As [`Fastrace::quick`], through the OpenTelemetry reporter.
    pub(in crate::spans) fn quick_with_opentelemetry() -> Self {
        Self::with_opentelemetry(Config::default().report_interval(INTERVAL))
    }

    /// With a reporter, for traces that are not sampled.
    pub(in crate::spans) fn unsampled() -> Self {
        Self { sampled: false, ..Self::quick() }
    }

    /// Without a reporter.
    pub(in crate::spans) fn off() -> Self {
        Self { arrived: Arc::default(), sampled: true }
    }
}

impl Fastrace {
    /// `future`, with a span active in each of its polls.
    pub(in crate::spans) fn in_span<F: Future<Output = ()>>(
        &self,
        future: F,
    ) -> impl Future<Output = ()> + use<F> {
        let span = Span::root("pipeline.run", SpanContext::random().sampled(self.sampled));
        FutureExt::in_span(future, span)
    }
}

/// An integer, which is text here, and a text that need not be copied.
fn attributes(key: &'static str, n: u64, other: &'static str) -> [(&'static str, Cow<'static, str>); 2] {
    [(key, Cow::Owned(n.to_string())), (other, Cow::Borrowed(black_box(TEXT)))]
}

impl Library for Fastrace {
    fn traces(&self, numbers: Range<u64>) {
        for number in numbers {
            let root = Span::root("pipeline.run", SpanContext::random().sampled(self.sampled))
                .with_properties(|| attributes("n_chunks", number, "equipment"));
            let _root = root.set_local_parent();
            for pair in 0..PAIRS {
                let n = black_box(number + pair);
                {
                    let _fit = LocalSpan::enter_with_local_parent("fit.pca")
                        .with_properties(|| attributes("n_samples", n, "detector"));
                }
                {
                    let _score = LocalSpan::enter_with_local_parent("score.pca")
                        .with_properties(|| attributes("n_rows", n, "detector"));
                }
            }
        }
    }

    fn flush(&self) -> Answer<()> {
        fastrace::flush();
        Ok(())
    }

    fn delivered(&self) -> u64 {
        self.arrived.count()
    }

    fn wait(&self, spans: u64) -> Answer<()> {
        self.arrived.wait(spans)
    }
}

impl Holds for Fastrace {
    fn with_open(&self, spans: u64, look: &mut dyn FnMut() -> Answer<()>) -> Answer<()> {
        let root = Span::root("pipeline.run", SpanContext::random());
        let mut open = Vec::with_capacity(spans as usize);
        for n in 0..spans {
            open.push(
                Span::enter_with_parent("fit.pca", &root)
                    .with_properties(|| attributes("n_samples", n, "detector")),
            );
        }
        look()
    }

    fn with_events(&self, events: u64, look: &mut dyn FnMut() -> Answer<()>) -> Answer<()> {
        let root = Span::root("pipeline.run", SpanContext::random());
        for n in 0..events {
            root.add_event(Event::new("tick").with_property(|| ("n", n.to_string())));
        }
        look()
    }
}
