//! [`States`]: the W3C trace states of traces that came from elsewhere.

use crate::propagation::TraceState;
use obs_core::active::Place;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Trace states by the low half of their trace's id, for as long as a root of the trace is at work in this process, recorded
/// or not: its children, and the requests it makes, pass it on.
#[derive(Debug, Default)]
pub(crate) struct States(Mutex<HashMap<u64, Held>>);

#[derive(Debug)]
struct Held {
    state: TraceState,
    roots: u32,
}

impl States {
    fn all(&self) -> MutexGuard<'_, HashMap<u64, Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A root begins in `place`. Of several of one trace, what the last one was told is passed on.
    pub(crate) fn begin(&self, place: Place, state: &TraceState) {
        let mut all = self.all();
        let held = all.entry(place.trace().1).or_insert_with(|| Held { state: TraceState::EMPTY, roots: 0 });
        held.state.clone_from(state);
        held.roots += 1;
    }

    /// The state of the trace of a place; empty without one.
    pub(crate) fn get(&self, place: Place) -> TraceState {
        self.all().get(&place.trace().1).map_or(TraceState::EMPTY, |held| held.state.clone())
    }

    /// A root in `place` has ended.
    pub(crate) fn end(&self, place: Place) {
        let mut all = self.all();
        let Some(held) = all.get_mut(&place.trace().1) else { return };
        held.roots -= 1;
        if held.roots == 0 {
            all.remove(&place.trace().1);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::propagation::{SpanContext, TraceState};
    use crate::{Sampler, Span, Tracer};
    use obs_core::{SpanId, TraceId};

    fn caller(sampled: bool) -> SpanContext {
        SpanContext {
            is_remote: true,
            trace_state: TraceState::parse("a=1").unwrap(),
            ..SpanContext::new(TraceId::new(7).unwrap(), SpanId::new(9).unwrap(), sampled)
        }
    }

    fn held(tracer: &Tracer) -> usize {
        tracer.inner().unwrap().states.all().len()
    }

    fn passed_on(span: &Span) -> String {
        span.context().unwrap().trace_state.as_str().to_owned()
    }

    #[test]
    fn the_state_is_passed_on_while_a_root_is_at_work_whether_it_is_recorded_or_not() {
        let tracer = Tracer::for_tests();
        for sampled in [true, false] {
            let first = tracer.span("http.request").parent(&caller(sampled)).detached();
            let second = tracer.span("http.request").parent(&caller(sampled)).detached();
            assert_eq!(
                (passed_on(&first), passed_on(&second), held(&tracer)),
                ("a=1".into(), "a=1".into(), 1)
            );
            drop(first);
            assert_eq!((passed_on(&second), held(&tracer)), ("a=1".into(), 1));
            drop(second);
            assert_eq!(held(&tracer), 0, "sampled: {sampled}");
        }
        assert!(tracer.take_finished().iter().all(|span| span.trace_state == "a=1"));
    }

    #[test]
    fn nothing_is_held_for_spans_that_are_no_roots_or_never_begin() {
        let tracer = Tracer::for_tests();
        let here = SpanContext { is_remote: false, ..caller(true) };
        drop(tracer.span("sql.query").parent(&here).detached());
        assert_eq!(held(&tracer), 0);
        tracer.close();
        drop(tracer.span("http.request").parent(&caller(true)).detached());
        assert_eq!(held(&tracer), 0);
    }

    #[test]
    fn spans_beyond_the_limit_of_a_trace_take_nothing_of_it_away() {
        let limits = obs_core::config::SpanLimits { spans_per_trace: 1, ..Default::default() };
        let tracer = Tracer::builder().limits(limits).sampler(Sampler::ratio(1.0)).build();
        let root = tracer.span("http.request").parent(&caller(true)).start();
        drop(tracer.start_named("sql.query"));
        assert_eq!((passed_on(&root), held(&tracer)), ("a=1".into(), 1));
    }
}
