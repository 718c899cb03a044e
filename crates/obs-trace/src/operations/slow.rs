//! [`SlowQueries`]: from when on a query is slow, and who is told.

use crate::span::Span;
use crate::tracer::Tracer;
use obs_core::Clock;
use obs_core::active::ActiveSpan;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// From when on a query is slow, unless something else is said: 1 s.
pub const SLOW_QUERY: Duration = Duration::from_secs(1);

type Observer = Box<dyn Fn(&SlowQuery<'_>) + Send + Sync>;

/// What a tracer does about slow queries: [`Tracer::with_slow_queries`].
///
/// ```
/// use obs_trace::operations::{self, SlowQueries};
/// use obs_trace::Tracer;
/// use std::time::Duration;
///
/// let slow = SlowQueries::after(Duration::ZERO).on_slow(|query| println!("{}: {:?}", query.table, query.duration));
/// let tracer = Tracer::for_tests().with_slow_queries(slow);
/// drop(operations::db(&tracer, "select", "scenario").start());
/// assert_eq!(tracer.take_finished()[0].attribute("acm.slow"), Some(&true.into()));
/// ```
#[must_use = "Tracer::with_slow_queries() puts it to use"]
pub struct SlowQueries {
    /// `None`: no query is slow.
    threshold: Option<Duration>,
    observer: Option<Observer>,
    clock: Clock,
}

impl Default for SlowQueries {
    /// After [`SLOW_QUERY`], and nobody is told.
    fn default() -> Self {
        Self::after(SLOW_QUERY)
    }
}

impl SlowQueries {
    /// Queries are slow that take as long as `threshold`, or longer; zero is every query.
    pub fn after(threshold: Duration) -> Self {
        Self { threshold: Some(threshold), observer: None, clock: Clock::system() }
    }

    /// No query is slow, unless it says so itself ([`Operation::<Db>::slow_after`](super::Operation::slow_after)).
    pub fn off() -> Self {
        Self { threshold: None, ..Self::default() }
    }

    /// Calls `observer` with each slow query, whether or not its span is recorded: on the thread that ends the query, within
    /// its span and run context. It must neither wait nor panic.
    pub fn on_slow(mut self, observer: impl Fn(&SlowQuery<'_>) + Send + Sync + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// What measures the queries of a tracer that is off; otherwise that is the tracer's clock. Default: the machine's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }
}

impl fmt::Debug for SlowQueries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlowQueries").field("threshold", &self.threshold).finish_non_exhaustive()
    }
}

/// A query that was slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlowQuery<'a> {
    /// The statement's verb in upper case, such as `INSERT`.
    pub operation: &'a str,
    /// The table.
    pub table: &'a str,
    /// The product, such as `postgresql`.
    pub system: &'a str,
    /// How many rows there were, where that is known.
    pub rows: Option<u64>,
    /// How long it took.
    pub duration: Duration,
    /// From when on it was slow.
    pub threshold: Duration,
    /// Its span; `None` when the tracer is off.
    pub span: Option<ActiveSpan>,
}

/// The time that a query takes.
#[derive(Debug)]
pub(super) struct Stopwatch {
    clock: Clock,
    began: u64,
    threshold: Duration,
    told: Option<Arc<SlowQueries>>,
}

/// What a query says of itself once it is over.
#[derive(Debug)]
pub(super) struct Said<'a> {
    pub(super) operation: &'a str,
    pub(super) table: &'a Cow<'static, str>,
    pub(super) system: &'a str,
    pub(super) rows: Option<u64>,
}

impl Stopwatch {
    /// Starts now; `None` when nobody wants to know.
    pub(super) fn start(tracer: &Tracer, own: Option<Duration>) -> Option<Self> {
        let told = tracer.slow_queries().cloned();
        let clock = match (tracer.inner(), &told) {
            (Some(inner), _) => &inner.clock,
            (None, Some(told)) => &told.clock,
            (None, None) => return None,
        };
        let threshold = own.or(told.as_ref().map_or(Some(SLOW_QUERY), |told| told.threshold))?;
        Some(Self { began: clock.now(), clock: clock.clone(), threshold, told })
    }

    /// The query is over.
    pub(super) fn stop(&self, span: &mut Span, said: &Said<'_>) {
        let duration = Duration::from_nanos(self.clock.now().saturating_sub(self.began));
        if duration < self.threshold {
            return;
        }
        span.set("slow", true);
        let Some(observer) = self.told.as_ref().and_then(|told| told.observer.as_ref()) else { return };
        observer(&SlowQuery {
            operation: said.operation,
            table: said.table,
            system: said.system,
            rows: said.rows,
            duration,
            threshold: self.threshold,
            span: span.active(),
        });
    }
}
