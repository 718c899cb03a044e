//! [`SpanContext`]: what another process needs to know of a span to continue its trace.

use super::error::PropagationError;
use super::trace_state::TraceState;
use super::traceparent;
use obs_core::{SpanId, TraceId};

/// The part of a span that crosses a process boundary. A clone costs a counter at most.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SpanContext {
    /// Its trace.
    pub trace_id: TraceId,
    /// The span.
    pub span_id: SpanId,
    /// Whether the sender records it. A hint: the receiver decides for itself.
    pub sampled: bool,
    /// Whether the last 7 bytes of the trace id are random, so that samplers may go by them (the random-trace-id flag
    /// of Trace Context, level 2). Whoever makes a trace id says so; everyone else passes on what the parent had.
    pub random: bool,
    /// Whether it came from another process.
    pub is_remote: bool,
    /// What tracing systems on the way added.
    pub trace_state: TraceState,
}

impl SpanContext {
    /// A span of this process, not known to be random, without trace state.
    pub const fn new(trace_id: TraceId, span_id: SpanId, sampled: bool) -> Self {
        Self { trace_id, span_id, sampled, random: false, is_remote: false, trace_state: TraceState::EMPTY }
    }

    /// Reads the value of a `traceparent` header; white space around it is ignored. The result is remote and has no
    /// trace state.
    ///
    /// Version `00` must have its exact form; of a higher version the part that is known is read. Upper case,
    /// version `ff` and ids that are all zero are refused. Unknown flags are ignored.
    ///
    /// ```
    /// use obs_trace::propagation::SpanContext;
    ///
    /// let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    /// assert_eq!(SpanContext::from_traceparent(header)?.traceparent(), header);
    /// let error = SpanContext::from_traceparent("00-xyz-1").unwrap_err().to_string();
    /// assert!(error.starts_with("traceparent `00-xyz-1`: "), "{error}");
    /// # Ok::<(), obs_trace::propagation::PropagationError>(())
    /// ```
    pub fn from_traceparent(header: &str) -> Result<Self, PropagationError> {
        traceparent::parse(header)
    }

    /// The value of a `traceparent` header: version `00`, with the flags `sampled` and `random` and no others.
    pub fn traceparent(&self) -> String {
        traceparent::format(self)
    }
}
