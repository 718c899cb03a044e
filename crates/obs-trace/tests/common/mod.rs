//! [`Rig`]: a tracer whose spans go through an engine to a collector.

use obs_core::ledger::Account;
use obs_core::{Clock, Diag, Ids, Ledger, Signal};
use obs_export::{Engine, Limits};
use obs_testing::SpanCollector;
use obs_trace::{Tracer, TracerBuilder};
use opentelemetry_proto::tonic::trace::v1::Span;
use std::sync::Arc;
use std::time::Duration;

/// When every rig begins, nanoseconds since the Unix epoch.
pub(crate) const BEGINNING: u64 = 1_767_225_600_000_000_000;

/// A tracer whose time stands still until it is moved, and where its spans arrive.
pub(crate) struct Rig {
    pub(crate) tracer: Tracer,
    pub(crate) clock: Clock,
    ledger: Arc<Ledger>,
    engine: Engine,
    collector: SpanCollector,
}

impl Rig {
    pub(crate) fn new(configure: impl FnOnce(TracerBuilder) -> TracerBuilder) -> Self {
        let (collector, ledger) = (SpanCollector::default(), Arc::new(Ledger::default()));
        let engine = Engine::new(Arc::clone(&ledger), Clock::system(), Diag::stderr());
        let stream = engine.stream(Signal::Trace, vec![Box::new(collector.clone())], Limits::default());
        let clock = Clock::manual(BEGINNING);
        let tracer = Tracer::builder()
            .clock(clock.clone())
            .ids(Ids::sequential())
            .export(Arc::clone(&ledger), stream)
            .keep_finished();
        Self { tracer: configure(tracer).build(), clock, ledger, engine, collector }
    }

    /// What arrived since the last time, with everything that has ended so far; and the account.
    pub(crate) fn deliver(&self) -> (Vec<Span>, Account) {
        self.tracer.flush();
        let report = self.engine.flush(Duration::from_secs(20));
        assert!(report.waiting.is_empty() && report.failed.is_empty(), "{report:?}");
        (self.collector.take(), self.ledger.snapshot().trace.account)
    }

    /// Closes everything; what arrived since the last time, and the account, which must balance.
    pub(crate) fn close(self) -> (Vec<Span>, Account) {
        self.tracer.close();
        let report = self.engine.shutdown(Duration::from_secs(20));
        assert!(report.signals.is_balanced(), "{:?}", report.signals.trace);
        (self.collector.take(), report.signals.trace.account)
    }
}
