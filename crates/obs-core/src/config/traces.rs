//! [`TraceExporter`], [`Propagator`] and [`PerformanceConfig`]: where spans go, what crosses a process boundary, and
//! what counts as slow.

use std::time::Duration;

/// What takes ended spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceExporter {
    /// The OTLP receiver of [`Config::otlp_traces`](super::Config::otlp_traces), if it has an endpoint; the default.
    Otlp,
    /// Standard output, a line for each span.
    Console,
}

impl TraceExporter {
    pub(super) const ALL: [Self; 2] = [Self::Otlp, Self::Console];

    /// `otlp` or `console`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Otlp => "otlp",
            Self::Console => "console",
        }
    }
}

/// Headers that carry context from process to process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Propagator {
    /// W3C Trace Context: `traceparent` and `tracestate`.
    TraceContext,
    /// W3C Baggage: `baggage`.
    Baggage,
}

impl Propagator {
    pub(super) const ALL: [Self; 2] = [Self::TraceContext, Self::Baggage];

    /// `tracecontext` or `baggage`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TraceContext => "tracecontext",
            Self::Baggage => "baggage",
        }
    }
}

/// What is said of slow work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerformanceConfig {
    /// Whether slow work is looked for at all; default true.
    pub enabled: bool,
    /// How long a query may take before it counts as slow; default 1 s, zero is every query.
    pub slow_query: Duration,
}

impl Default for PerformanceConfig {
    fn default() -> Self {
        Self { enabled: true, slow_query: Duration::from_secs(1) }
    }
}
