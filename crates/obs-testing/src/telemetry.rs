//! [`TestTelemetry`]: what the code under test records, kept for the test to look at.

use crate::tree::span_tree;
use obs_core::active::{self, ContextScope, SpanScope};
use obs_core::{Clock, Ids, Ledger, ServiceIdentity};
use obs_logs::{Level, LogLine, Logs};
use obs_metrics::Metrics;
use obs_trace::{DefaultGuard, SpanRecord, Tracer, TracerBuilder};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// When every [`TestTelemetry`] begins: 2026-01-01 00:00:00 UTC, in nanoseconds since the Unix epoch.
const BEGINNING: u64 = 1_767_225_600_000_000_000;

/// A tracer, logs and metrics that keep everything, for one test: nothing of it is global, nothing leaves the process, and no
/// thread is started, so that tests run side by side.
///
/// Time stands still until [`TestTelemetry::advance`] moves it, and ids count from 1: a run is like the one before. Cheap to
/// clone; clones are the same telemetry, on whatever thread.
///
/// ```
/// use obs_testing::{TestTelemetry, assert_span_tree};
/// use obs_trace::span;
/// use std::time::Duration;
///
/// let t = TestTelemetry::new();
/// {
///     let _run = span!(t.tracer(), "pipeline.run");
///     obs_logs::info!(t.logs().logger("acm.pipeline"), "began");
///     t.advance(Duration::from_secs(2));
/// }
/// assert_eq!(t.span("pipeline.run").seconds(), 2.0);
/// assert_eq!(t.lines()[0].span_id(), Some(t.span("pipeline.run").span_id));
/// assert_span_tree!(t.spans(), { "pipeline.run" [server] });
/// ```
#[derive(Clone, Debug)]
pub struct TestTelemetry(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    clock: Clock,
    ledger: Arc<Ledger>,
    tracer: Tracer,
    logs: Logs,
    metrics: Metrics,
    spans: Mutex<Vec<SpanRecord>>,
    lines: Arc<Mutex<Vec<LogLine>>>,
}

/// Calls `f` with telemetry of its own, and makes its tracer the one that `span!("…")` uses on this thread meanwhile.
///
/// ```
/// use obs_trace::span;
/// obs_testing::with_telemetry(|t| {
///     drop(span!("fit.pca", n_samples = 1500));
///     assert_eq!(t.span("fit.pca").attribute("acm.n_samples").and_then(|v| v.as_i64()), Some(1500));
/// });
/// ```
pub fn with_telemetry<R>(f: impl FnOnce(&TestTelemetry) -> R) -> R {
    let telemetry = TestTelemetry::new();
    let _entered = telemetry.enter();
    f(&telemetry)
}

/// The time in which a thread uses a [`TestTelemetry`]: see [`TestTelemetry::enter`]. `!Send`: it belongs to its thread.
#[must_use = "the thread's own telemetry comes back as soon as it drops"]
#[derive(Debug)]
pub struct Entered {
    _default: DefaultGuard,
    _span: SpanScope,
    _context: ContextScope,
}

impl Default for TestTelemetry {
    fn default() -> Self {
        Self::new()
    }
}

impl TestTelemetry {
    /// Telemetry of service `acm` that records everything, from TRACE on.
    pub fn new() -> Self {
        Self::with_tracer(|tracer| tracer)
    }

    /// The same with a tracer of other settings: its sampler, its limits, its names.
    pub fn with_tracer(configure: impl FnOnce(TracerBuilder) -> TracerBuilder) -> Self {
        let (clock, ledger) = (Clock::manual(BEGINNING), Arc::new(Ledger::default()));
        let identity = ServiceIdentity::default();
        let tracer = Tracer::builder().clock(clock.clone()).ids(Ids::sequential()).keep_finished();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let output = Arc::clone(&lines);
        let logs = Logs::builder(&identity)
            .level(Level::Trace)
            .clock(clock.clone())
            .ids(&Ids::sequential())
            .build(move |line| lock(&output).push(line));
        let metrics = Metrics::with_clock(identity, Arc::clone(&ledger), clock.clone());
        let tracer = configure(tracer).build();
        Self(Arc::new(Inner { clock, ledger, tracer, logs, metrics, spans: Mutex::default(), lines }))
    }

    /// Makes its tracer the one that `span!("…")` uses on this thread, outside of any span and run context, until the guard
    /// drops. Other threads know nothing of it: give them a clone, and enter it there.
    pub fn enter(&self) -> Entered {
        Entered {
            _default: obs_trace::set_default(&self.0.tracer),
            _span: active::enter(None),
            _context: active::attach_context(None),
        }
    }

    /// The tracer.
    pub fn tracer(&self) -> &Tracer {
        &self.0.tracer
    }

    /// Where loggers come from.
    pub fn logs(&self) -> &Logs {
        &self.0.logs
    }

    /// The metrics.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// The ledger that the metrics of delivery report.
    pub fn ledger(&self) -> &Arc<Ledger> {
        &self.0.ledger
    }

    /// The clock of all three.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Moves the clock on.
    pub fn advance(&self, by: Duration) {
        self.0.clock.advance(by);
    }

    /// Every span that has finished so far, in start order; the one that began first where the clock did not move.
    pub fn spans(&self) -> Vec<SpanRecord> {
        let mut spans = lock(&self.0.spans);
        spans.extend(self.0.tracer.take_finished());
        // Ids count up.
        spans.sort_by_key(|span| (span.start, span.span_id));
        spans.clone()
    }

    /// The finished span of this name.
    ///
    /// # Panics
    /// When there is none, or more than one; the message shows all spans.
    #[track_caller]
    pub fn span(&self, name: &str) -> SpanRecord {
        let mut spans = self.spans();
        let tree = span_tree(&spans);
        spans.retain(|span| span.name == name);
        let (count, span) = (spans.len(), spans.pop());
        match span {
            Some(span) if count == 1 => span,
            _ => fail(&format!("{count} spans are named {name:?}, not one, among\n{tree}")),
        }
    }

    /// The finished spans as text: see [`span_tree`].
    pub fn tree(&self) -> String {
        span_tree(&self.spans())
    }

    /// Every line that was logged so far.
    pub fn lines(&self) -> Vec<LogLine> {
        lock(&self.0.lines).clone()
    }
}

#[expect(clippy::panic, reason = "this is how a test fails")]
#[track_caller]
fn fail(message: &str) -> ! {
    panic!("{message}")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use obs_core::RunContext;
    use obs_trace::{Sampler, span};

    fn analyse() {
        let _analysis = span!("analysis.analyze_query", tables = 2);
        drop(span!("agent.call_optimizer"));
        drop(span!("detector.scan"));
    }

    /// TST-01, SB-09
    #[test]
    fn the_spans_of_a_run_are_there_with_their_parents_in_start_order() {
        with_telemetry(|t| {
            analyse();
            crate::assert_span_tree!(t.spans(), {
                "analysis.analyze_query" (tables = 2) { "agent.call_optimizer" "detector.scan" }
            });
            assert_eq!(t.tree().lines().count(), 3);
            assert_eq!(t.span("detector.scan").parent, Some(t.span("analysis.analyze_query").span_id));
        });
    }

    /// TST-11
    #[test]
    fn tests_that_run_side_by_side_see_their_own_spans_lines_and_metrics_with_the_same_ids() {
        let run = |n: usize| {
            with_telemetry(|t| {
                for _ in 0..n {
                    analyse();
                    obs_logs::info!(t.logs().root(), "analysed");
                    t.advance(Duration::from_millis(3));
                }
                t.metrics().counter("analyses", "Analyses.").unwrap().inc_by(n as u64);
                (t.spans(), t.lines().len(), t.metrics().text().contains(&format!("analyses_total {n}\n")))
            })
        };
        let all: Vec<_> = std::thread::scope(|s| {
            let threads: Vec<_> = (1..=8).map(|n| s.spawn(move || run(n))).collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        for (n, (spans, lines, counted)) in (1..=8).zip(&all) {
            assert_eq!((spans.len(), *lines, *counted), (3 * n, n, true));
            assert_eq!(spans[..3], all[0].0, "every run is like the others");
        }
    }

    #[test]
    fn other_threads_are_given_the_telemetry() {
        with_telemetry(|t| {
            std::thread::scope(|s| {
                s.spawn(|| drop(span!("load.data")));
                s.spawn(|| {
                    let _entered = t.enter();
                    drop(span!("fit.pca"));
                });
            });
            assert_eq!(t.tree(), "fit.pca [internal]\n");
        });
    }

    #[test]
    fn what_the_thread_was_in_does_not_get_in_and_comes_back() {
        let outer = Tracer::for_tests();
        let around = span!(outer, "pipeline.run");
        let context = RunContext { equip_id: Some(7), ..RunContext::default() };
        let _context = active::attach_context(Some(context.share()));
        with_telemetry(|t| {
            drop(span!("fit.pca"));
            let span = t.span("fit.pca");
            assert_eq!((span.parent, span.attribute("acm.equip_id")), (None, None));
        });
        assert_eq!(active::span(), around.active());
        assert_eq!(active::context().and_then(|c| c.equip_id), Some(7));
    }

    #[test]
    fn a_span_that_is_not_there_once_is_told_with_all_that_are() {
        with_telemetry(|t| {
            analyse();
            let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| t.span("fit.pca")));
            let message = caught.unwrap_err().downcast::<String>().unwrap();
            assert!(
                message.starts_with("0 spans are named \"fit.pca\", not one, among\nanalysis."),
                "{message}"
            );
        });
    }

    #[test]
    fn the_tracer_is_configured_as_asked() {
        let t = TestTelemetry::with_tracer(|tracer| tracer.sampler(Sampler::ratio(0.0)));
        drop(span!(t.tracer(), "fit.pca"));
        assert!(t.spans().is_empty());
    }
}
