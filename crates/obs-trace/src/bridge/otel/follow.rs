//! [`ContextFollower`]: the span of the attached `Context` is the thread's active one.

use super::convert::{has_state, ids, place};
use super::span::asked;
use crate::propagation::{SpanContext, TraceState};
use obs_core::active::{self, Place, move_to};
use opentelemetry::context::{ContextObserver, GlobalContextObserver};
use opentelemetry::trace::{self as otel, TraceContextExt, TraceFlags};
use opentelemetry::{Context, SpanId, TraceId};
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};

/// Makes the span of the `Context` that is attached to a thread the thread's active span, and the one before active again
/// when the context is detached. A context with the same span as the one before, or with none as well, changes nothing.
///
/// ```
/// use opentelemetry::Context;
/// use opentelemetry::context::{ContextObserver, GlobalContextObserver};
/// use obs_trace::bridge::otel::{ContextFollower, TracerProvider, follows_contexts};
///
/// struct Both;
/// impl ContextObserver for Both {
///     fn on_context_enter(&self, from: &Context, to: &Context) {
///         ContextFollower.on_context_enter(from, to);
///         // … and what else the program wants of it
///     }
///     fn on_context_exit(&self, from: &Context, to: &Context) {
///         ContextFollower.on_context_exit(from, to);
///     }
/// }
/// GlobalContextObserver::set(std::sync::Arc::new(Both));
/// TracerProvider::new(obs_trace::Tracer::for_tests());
/// assert!(follows_contexts());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ContextFollower;

/// A change of place that a context caused.
struct Move {
    /// The span of the context that was left.
    from: (u128, u64),
    /// Where the thread was.
    place: Place,
}

thread_local! {
    /// The moves that were not taken back yet.
    static MOVES: RefCell<Vec<Move>> = const { RefCell::new(Vec::new()) };
}

/// Whether contexts move threads.
static FOLLOWS: AtomicBool = AtomicBool::new(false);

impl ContextObserver for ContextFollower {
    fn on_context_enter(&self, from: &Context, to: &Context) {
        let (from, span) = (span_of(from), span_of(to));
        if from == span {
            return;
        }
        let _ = MOVES.try_with(|moves| {
            if let Ok(mut moves) = moves.try_borrow_mut() {
                moves.push(Move { from, place: move_to(place_in(to)) });
            }
        });
    }

    fn on_context_exit(&self, from: &Context, to: &Context) {
        let span = span_of(to);
        if span_of(from) == span {
            return;
        }
        let _ = MOVES.try_with(|moves| {
            let Ok(mut moves) = moves.try_borrow_mut() else { return };
            // Contexts that were detached out of order are left with the one that was attached before them.
            if let Some(at) = moves.iter().rposition(|entry| entry.from == span) {
                move_to(moves[at].place);
                moves.truncate(at);
            }
        });
    }
}

fn span_of(context: &Context) -> (u128, u64) {
    ids(context.span().span_context())
}

/// Whether both have the same span, or none.
pub(super) fn same_span(one: &Context, other: &Context) -> bool {
    span_of(one) == span_of(other)
}

/// Where children of a context's span are.
pub(super) fn place_in(context: &Context) -> Place {
    let span = context.span();
    let place = place(span.span_context());
    if place.is_nowhere() || place.has(Place::SAMPLED) || place.has(Place::REMOTE) {
        return place;
    }
    // Of a span that is not sampled the context does not say whether it is recorded all the same.
    asked(|| span.is_recording()).filter(|own| own.span() == place.span()).unwrap_or(place)
}

/// The trace state of the thread's current context, if that is of the trace of `place`.
pub(crate) fn state_of_current(place: Place) -> Option<TraceState> {
    Context::map_current(|current| {
        let (span, (high, low)) = (current.span(), place.trace());
        let context = span.span_context();
        let is_it = has_state(context) && ids(context).0 == u128::from(high) << 64 | u128::from(low);
        if is_it { SpanContext::try_from(context).ok().map(|context| context.trace_state) } else { None }
    })
}

/// Whether the span of an attached `Context` becomes the thread's active one: false before the first [`TracerProvider`],
/// and where the program has another context observer that does not call [`ContextFollower`].
///
/// [`TracerProvider`]: super::TracerProvider
pub fn follows_contexts() -> bool {
    FOLLOWS.load(Ordering::Relaxed)
}

/// Follows contexts from now on, unless the process has another observer.
pub(super) fn follow_contexts() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        GlobalContextObserver::set(Arc::new(ContextFollower));
        // Nobody says whether there was another one: it shows when a context is attached.
        let probe = otel::SpanContext::new(
            TraceId::from(1),
            SpanId::from(1),
            TraceFlags::NOT_SAMPLED,
            true,
            otel::TraceState::NONE,
        );
        let expected = place(&probe);
        let guard = Context::new().with_remote_span_context(probe).attach();
        FOLLOWS.store(active::place() == expected, Ordering::Relaxed);
        drop(guard);
    });
}
