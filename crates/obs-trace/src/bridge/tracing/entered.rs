//! Which spans of `tracing` a thread has entered, and where it was before each.

use obs_core::active::{Place, move_to};
use std::cell::RefCell;

struct Entered {
    span: u64,
    /// The layer that was told: ids are of a subscriber, and a thread may have several, one after the other.
    layer: u64,
    /// Where the thread was before.
    previous: Place,
}

thread_local! {
    static ENTERED: RefCell<Vec<Entered>> = const { RefCell::new(Vec::new()) };
}

/// The thread enters a span.
#[inline]
pub(super) fn enter(layer: u64, span: u64, place: Place) {
    let _ = ENTERED.try_with(|stack| {
        if let Ok(mut stack) = stack.try_borrow_mut() {
            stack.push(Entered { span, layer, previous: move_to(place) });
        }
    });
}

/// The thread leaves a span that it has entered. If that is not the last one, the thread stays where it is, and the span
/// entered next leads back to where this one led.
#[inline]
pub(super) fn exit(layer: u64, span: u64) {
    let _ = ENTERED.try_with(|stack| {
        let Ok(mut stack) = stack.try_borrow_mut() else { return };
        let Some(at) = stack.iter().rposition(|entry| (entry.span, entry.layer) == (span, layer)) else {
            return;
        };
        let previous = stack.remove(at).previous;
        match stack.get_mut(at) {
            Some(next) => next.previous = previous,
            None => {
                move_to(previous);
            }
        }
    });
}
