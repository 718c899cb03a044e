//! [`Ours`]: `obs` as a program has it: an engine, OTLP requests that are built and thrown away, a run's context on every
//! span, and the stage-duration metric.

use super::library::{Delivered, Holds, LONG, Library, PAIRS, TEXT};
use crate::Answer;
use obs_core::active;
use obs_core::config::SpanLimits;
use obs_core::{Clock, Diag, Ids, Ledger, RunContext, ServiceIdentity, Signal};
use obs_export::http::HttpOptions;
use obs_export::otlp::OtlpClient;
use obs_export::{Batch, Encoder, Engine, Limits, Outcome, Sink};
use obs_metrics::{Metrics, StageTimes};
use obs_trace::otlp::write_export_request;
use obs_trace::sink::OtlpSink;
use obs_trace::{FutureExt, Sampler, SpanBatch, Tracer, span};
use std::hint::black_box;
use std::ops::Range;
use std::sync::Arc;

/// `obs`.
#[derive(Debug)]
pub(super) struct Ours {
    pub(super) tracer: Tracer,
    engine: Engine,
    arrived: Arc<Delivered>,
}

/// Builds the request of each batch as the OTLP sink does, and throws it away.
#[derive(Debug)]
struct Discard {
    otlp: OtlpSink,
    request: Vec<u8>,
    arrived: Arc<Delivered>,
}

impl Sink<SpanBatch> for Discard {
    fn name(&self) -> &'static str {
        "otlp"
    }

    fn encoder(&self) -> Arc<dyn Encoder<SpanBatch>> {
        self.otlp.encoder()
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        let spans = batch.records.iter().map(|record| record.bytes);
        write_export_request(&mut self.request, batch.context, spans);
        black_box(&self.request);
        self.arrived.add(batch.count() as usize);
        Outcome::Delivered
    }
}

impl Ours {
    /// Everything is recorded.
    pub(super) fn start() -> Answer<Self> {
        Self::with(1.0, SpanLimits::default())
    }

    /// Nothing is recorded: no trace is sampled.
    pub(super) fn unsampled() -> Answer<Self> {
        Self::with(0.0, SpanLimits::default())
    }

    /// Everything is recorded, however many spans a trace has.
    pub(super) fn boundless() -> Answer<Self> {
        Self::with(1.0, SpanLimits { spans_per_trace: 0, ..SpanLimits::default() })
    }

    /// Off by configuration.
    pub(super) fn off() -> Answer<Self> {
        Ok(Self { tracer: Tracer::off(), ..Self::start()? })
    }

    fn with(ratio: f64, limits: SpanLimits) -> Answer<Self> {
        active::set_context(RunContext {
            run_id: Some(Ids::Random.run_id()),
            equipment: Some("FD_FAN".to_owned()),
            equip_id: Some(1),
            batch_num: Some(1),
            batch_total: Some(1),
            ..RunContext::default()
        });
        let (ledger, clock) = (Arc::new(Ledger::default()), Clock::system());
        let identity = ServiceIdentity::default();
        let arrived = Arc::<Delivered>::default();
        let client = OtlpClient::new(
            &"http://localhost:4318".parse()?,
            "/v1/traces",
            "spans",
            &HttpOptions::default(),
        )?;
        let otlp = OtlpSink::new(client, identity.clone());
        let sink = Discard { otlp, request: Vec::new(), arrived: Arc::clone(&arrived) };
        let engine = Engine::new(Arc::clone(&ledger), clock.clone(), Diag::stderr());
        let spans = engine.stream(Signal::Trace, vec![Box::new(sink)], Limits::default());
        let metrics = Metrics::with_clock(identity, Arc::clone(&ledger), clock.clone());
        let mut stages = StageTimes::new(metrics);
        let tracer = Tracer::builder()
            .clock(clock)
            .sampler(Sampler::ratio(ratio))
            .limits(limits)
            .export(ledger, spans)
            .on_stage(move |stage| stages.observe(stage))
            .build();
        Ok(Self { tracer, engine, arrived })
    }
}

impl Ours {
    /// `future`, with a span active in each of its polls.
    pub(super) fn in_span<F: Future<Output = ()>>(&self, future: F) -> impl Future<Output = ()> + use<F> {
        FutureExt::in_span(future, span!(self.tracer, "pipeline.run"))
    }
}

impl Library for Ours {
    fn traces(&self, numbers: Range<u64>) {
        let tracer = &self.tracer;
        for number in numbers {
            let _root = span!(tracer, "pipeline.run", n_chunks = number, equipment = black_box(TEXT));
            for pair in 0..PAIRS {
                let n = black_box(number + pair);
                {
                    let _fit = span!(tracer, "fit.pca", n_samples = n, detector = black_box(TEXT));
                }
                {
                    let _score = span!(tracer, "score.pca", n_rows = n, detector = black_box(TEXT));
                }
            }
        }
    }

    fn flush(&self) -> Answer<()> {
        self.tracer.flush();
        let _ = self.engine.flush(LONG);
        Ok(())
    }

    fn delivered(&self) -> u64 {
        self.arrived.count()
    }

    fn dropped(&self) -> u64 {
        self.engine.ledger().snapshot().signal(Signal::Trace).account.dropped_total()
    }
}

impl Holds for Ours {
    fn with_open(&self, spans: u64, look: &mut dyn FnMut() -> Answer<()>) -> Answer<()> {
        let _root = span!(self.tracer, "pipeline.run");
        let mut open = Vec::with_capacity(spans as usize);
        for n in 0..spans {
            open.push(span!(self.tracer, "fit.pca", n_samples = n, detector = black_box(TEXT)));
        }
        let outcome = look();
        // The last one is the active one.
        while open.pop().is_some() {}
        outcome
    }

    fn with_events(&self, events: u64, look: &mut dyn FnMut() -> Answer<()>) -> Answer<()> {
        let mut span = span!(self.tracer, "pipeline.run");
        for n in 0..events {
            span.event("tick", &[("n", n.into())]);
        }
        look()
    }
}
