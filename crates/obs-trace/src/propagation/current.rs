//! [`current`] and [`inject_current`]: what this thread is at, for whoever is called from here.

use super::carrier::Injector;
use super::propagators::Propagators;
use super::span_context::SpanContext;
use super::trace_state::TraceState;
use crate::global::global;
use obs_core::Baggage;
use obs_core::active::{self, Place};

/// The active span of this thread, as another process needs to know it. `None` outside spans.
///
/// Its trace state is known when the tracer of the process ([`set_global`](crate::set_global)) continues the trace; for another
/// tracer there is [`Tracer::current`](crate::Tracer::current).
pub fn current() -> Option<SpanContext> {
    at(active::place())
}

/// [`current`] of a place.
pub(crate) fn at(place: Place) -> Option<SpanContext> {
    of_place(place, |place| global().inner().map(|inner| inner.state_of(place)))
}

/// Writes the active span of this thread and the baggage of its run context into the headers of a request or a message, in
/// place of those that are there.
///
/// ```
/// use obs_core::{Baggage, RunContext, active};
/// use obs_trace::{Tracer, propagation, span};
/// use std::collections::HashMap;
///
/// let tracer = Tracer::for_tests();
/// let (baggage, _) = Baggage::parse("plant=north");
/// let _context = active::attach_context(Some(RunContext { baggage, ..RunContext::default() }.share()));
/// let work = span!(tracer, "fetch.scores");
/// let mut headers = HashMap::new();
/// propagation::inject_current(&mut headers);
/// assert_eq!(headers["traceparent"], work.context().map(|c| c.traceparent()).unwrap_or_default());
/// assert_eq!(headers["baggage"], "plant=north");
/// ```
pub fn inject_current(carrier: &mut (impl Injector + ?Sized)) {
    let baggage = current_baggage();
    Propagators::default().inject(current().as_ref(), &baggage, carrier);
}

/// What the caller of this work sent along; empty when nothing was.
pub fn current_baggage() -> Baggage {
    active::context().map(|context| context.baggage.clone()).unwrap_or_default()
}

/// The span of a place; `None` outside spans. `state` is asked where the trace has one.
pub(crate) fn of_place(place: Place, state: impl FnOnce(Place) -> Option<TraceState>) -> Option<SpanContext> {
    let span = place.active()?;
    let state = if place.has(Place::STATE) { state(place) } else { None };
    Some(SpanContext {
        random: place.has(Place::RANDOM),
        is_remote: place.has(Place::REMOTE),
        trace_state: state.unwrap_or_default(),
        ..SpanContext::new(span.trace_id, span.span_id, span.sampled)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tracer;
    use crate::propagation::Extracted;
    use std::collections::HashMap;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn caller() -> SpanContext {
        let trace_state = TraceState::parse("rojo=1").unwrap();
        SpanContext { trace_state, ..SpanContext::from_traceparent(PARENT).unwrap() }
    }

    /// CTX-05
    #[test]
    fn outside_spans_there_is_nothing_to_continue() {
        assert_eq!(current(), None);
        let mut headers = HashMap::from([("Traceparent".to_owned(), PARENT.to_owned())]);
        inject_current(&mut headers);
        assert!(headers.is_empty(), "{headers:?}");
    }

    /// CTX-05, CTX-07
    #[test]
    fn the_active_span_and_its_trace_state_go_on() {
        let tracer = Tracer::for_tests();
        let work = tracer.span("http.request").parent(&caller()).start();
        let inner = tracer.start_named("load.data");
        let here = tracer.current().unwrap();
        assert_eq!(Some(&here), inner.context().as_ref());
        assert_eq!((here.trace_id, here.is_remote), (caller().trace_id, false));
        assert_eq!(here.trace_state.as_str(), "rojo=1");
        drop(inner);
        assert_eq!(current().map(|c| c.span_id), work.span_id());
    }

    /// CTX-05: a trace that is not recorded here is told to be so.
    #[test]
    fn a_trace_that_is_not_sampled_goes_on_unsampled() {
        let tracer = Tracer::builder().sampler(crate::Sampler::ratio(0.0)).build();
        let _work = tracer.start_named("load.data");
        let mut headers = HashMap::new();
        inject_current(&mut headers);
        let Extracted { parent, .. } = Propagators::default().extract(&headers);
        assert_eq!(parent.map(|p| p.sampled), Some(false));
    }
}
