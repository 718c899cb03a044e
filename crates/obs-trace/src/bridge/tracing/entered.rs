//! Which spans of `tracing` a thread has entered, and where it was before each.

use obs_core::active::{Place, move_to};
use std::cell::{Cell, RefCell};

struct Entered {
    span: u64,
    /// The layer that was told: ids are of a subscriber, and a thread may have several, one after the other.
    layer: u64,
    /// Where the thread was before.
    previous: Place,
}

thread_local! {
    /// The span that this thread made last: its layer, its id, its place. Most are entered where they are made, and then
    /// need not be looked up. Ids are used again, but only by a thread that makes another span.
    static MADE: Cell<(u64, u64, Place)> = const { Cell::new((0, 0, Place::NOWHERE)) };
    static ENTERED: RefCell<Vec<Entered>> = const { RefCell::new(Vec::new()) };
}

/// The thread has made a span; [`Place::NOWHERE`] for one that is not recorded.
#[inline]
pub(super) fn made(layer: u64, span: u64, place: Place) {
    let _ = MADE.try_with(|made| made.set((layer, span, place)));
}

/// The place of a span, if this thread made it last.
#[inline]
pub(super) fn place_of_made(layer: u64, span: u64) -> Option<Place> {
    let made = MADE.try_with(Cell::get).ok().filter(|made| (made.0, made.1) == (layer, span))?;
    if made.2.is_nowhere() { None } else { Some(made.2) }
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
