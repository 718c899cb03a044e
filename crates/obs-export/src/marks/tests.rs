//! Tests of `marks`.

use super::*;
use proptest::prelude::*;

const REFUSED: Fate = Fate::Dropped(DropReason::Refused);

#[test]
fn an_item_is_delivered_once_the_last_destination_has_delivered_it() {
    let marks = Marks::default();
    marks.spooled(7, 0);
    marks.spooled(7, 1);
    assert_eq!(marks.finish(7), Fate::Spooled);
    assert_eq!(marks.resolve(7, 0, Fate::Delivered), Resolved { destination: true, signal: None });
    let last = marks.resolve(7, 1, Fate::Delivered);
    assert_eq!(last, Resolved { destination: true, signal: Some(Fate::Delivered) });
    assert_eq!(marks.live(), 0);
}

#[test]
fn an_item_that_one_destination_loses_is_dropped_whatever_the_others_do_later() {
    let marks = Marks::default();
    marks.spooled(7, 0);
    marks.spooled(7, 1);
    assert_eq!(marks.finish(7), Fate::Spooled);
    assert_eq!(marks.resolve(7, 0, REFUSED), Resolved { destination: true, signal: Some(REFUSED) });
    assert_eq!(marks.resolve(7, 1, Fate::Delivered), Resolved { destination: true, signal: None });
    assert_eq!(marks.live(), 0);
}

#[test]
fn an_answer_for_an_item_that_is_not_on_disk_there_changes_nothing() {
    let marks = Marks::default();
    marks.spooled(7, 0);
    for (item, destination) in [(7, 1), (8, 0)] {
        let none = Resolved { destination: false, signal: None };
        assert_eq!(marks.resolve(item, destination, Fate::Delivered), none);
    }
    assert_eq!(marks.live(), 1);
}

/// What happens to one item, in any order: each destination spools it and then has an answer, or answers at once.
#[derive(Clone, Copy, Debug)]
enum Step {
    Spool(u16),
    Resolve(u16, Fate),
}

fn history() -> impl Strategy<Value = (Vec<Step>, usize)> {
    let fate = prop_oneof![Just(Fate::Delivered), Just(REFUSED)];
    let destination = (prop::bool::ANY, fate);
    prop::collection::vec(destination, 1..=5).prop_flat_map(|plan| {
        let mut steps = Vec::new();
        for (number, (spools, fate)) in plan.iter().enumerate() {
            if *spools {
                steps.push(Step::Spool(number as u16));
                steps.push(Step::Resolve(number as u16, *fate));
            }
        }
        // The last ticket is settled at any point after the last `Spool`.
        let length = steps.len();
        (Just(steps).prop_shuffle(), 0..=length)
    })
}

proptest! {
    #[test]
    fn the_signal_row_ends_at_the_worst_fate_in_any_order((steps, at) in history()) {
        let marks = Marks::default();
        // An answer comes after the item is on disk, and the last ticket after every spooling.
        let mut steps = steps;
        steps.sort_by_key(|s| matches!(s, Step::Resolve(..)));
        let spooled = steps.iter().filter(|s| matches!(s, Step::Spool(_))).count();
        let at = at.max(spooled);
        let mut row = None;
        let worst = if steps.iter().any(|s| matches!(s, Step::Resolve(_, Fate::Dropped(_)))) {
            REFUSED
        } else {
            Fate::Delivered
        };
        for (index, step) in steps.iter().enumerate() {
            if index == at {
                row = Some(marks.finish(3));
            }
            match *step {
                Step::Spool(d) => marks.spooled(3, d),
                Step::Resolve(d, fate) => {
                    let resolved = marks.resolve(3, d, fate);
                    prop_assert!(resolved.destination);
                    if let Some(fate) = resolved.signal {
                        prop_assert_eq!(row, Some(Fate::Spooled));
                        row = Some(fate);
                    }
                }
            }
        }
        if at >= steps.len() {
            row = Some(marks.finish(3));
        }
        prop_assert_eq!(row, Some(worst));
        prop_assert_eq!(marks.live(), 0);
    }
}
