//! Tests of `marks`.

use super::*;
use obs_core::DropReason;
use proptest::prelude::*;

const REFUSED: Fate = Fate::Dropped(DropReason::Refused);

fn delivered(count: u64) -> Fates {
    Fates::all(Fate::Delivered, count)
}

fn short(refused: u64, delivered: u64) -> Fates {
    let mut fates = Fates::all(REFUSED, refused);
    fates.add(Fate::Delivered, delivered);
    fates
}

/// What a destination's answer changes: its own row, and the signal's by this.
fn news(signal: Fates) -> Resolved {
    Resolved { destination: true, signal }
}

#[test]
fn an_item_is_delivered_once_the_last_destination_has_delivered_it() {
    let marks = Marks::default();
    marks.spooled(7, 0);
    marks.spooled(7, 1);
    let spooled = Fates::all(Fate::Spooled, 3);
    assert_eq!(marks.finish(7, &spooled), spooled);
    assert_eq!(marks.resolve(7, 0, &delivered(3)), news(Fates::default()));
    assert_eq!(marks.resolve(7, 1, &delivered(3)), news(delivered(3)));
    assert_eq!(marks.live(), 0);
}

#[test]
fn an_item_that_one_destination_loses_is_dropped_whatever_the_others_do_later() {
    let marks = Marks::default();
    marks.spooled(7, 0);
    marks.spooled(7, 1);
    marks.finish(7, &Fates::all(Fate::Spooled, 3));
    assert_eq!(marks.resolve(7, 0, &short(3, 0)), news(short(3, 0)));
    assert_eq!(marks.resolve(7, 1, &delivered(3)), news(Fates::default()));
    assert_eq!(marks.live(), 0);
}

#[test]
fn of_an_item_that_destinations_lose_parts_of_only_what_is_new_is_moved() {
    let marks = Marks::default();
    (0..3).for_each(|destination| marks.spooled(7, destination));
    marks.finish(7, &Fates::all(Fate::Spooled, 10));
    assert_eq!(marks.resolve(7, 0, &short(3, 7)), news(short(3, 0)));
    assert_eq!(marks.resolve(7, 1, &short(2, 8)), news(Fates::default()));
    assert_eq!(marks.resolve(7, 2, &short(5, 5)), news(short(2, 5)));
    assert_eq!(marks.live(), 0);
}

#[test]
fn an_answer_for_an_item_that_is_not_on_disk_there_changes_nothing() {
    let marks = Marks::default();
    marks.spooled(7, 0);
    for (item, destination) in [(7, 1), (8, 0)] {
        assert_eq!(marks.resolve(item, destination, &delivered(1)), Resolved::default());
    }
    assert_eq!(marks.live(), 1);
}

/// What eight items of one record stand for.
const COUNT: u64 = 8;

/// What happens to one item, in any order: each destination spools it and then has an answer, or has one at once.
#[derive(Clone, Copy, Debug)]
enum Step {
    Spool(u16),
    Resolve(u16, u64),
}

/// What destinations spool and what they answered at once, as numbers of refused items; and when the last ticket is settled.
fn history() -> impl Strategy<Value = (Vec<Step>, Vec<u64>, usize)> {
    let refused = prop_oneof![Just(0), Just(COUNT), 1..COUNT];
    prop::collection::vec((prop::bool::weighted(0.7), refused), 1..=5).prop_flat_map(|plan| {
        let (mut steps, mut at_once) = (Vec::new(), Vec::new());
        for (number, (spools, refused)) in plan.iter().enumerate() {
            if *spools {
                steps.push(Step::Spool(number as u16));
                steps.push(Step::Resolve(number as u16, *refused));
            } else {
                at_once.push(*refused);
            }
        }
        let length = steps.len();
        (Just(steps).prop_shuffle(), Just(at_once), 0..=length)
    })
}

proptest! {
    #[test]
    fn the_signal_row_ends_at_the_worst_fates_in_any_order((mut steps, at_once, at) in history()) {
        let marks = Marks::default();
        // An answer comes after the item is on disk, and the last ticket after every spooling.
        steps.sort_by_key(|s| matches!(s, Step::Resolve(..)));
        let spools = steps.iter().filter(|s| matches!(s, Step::Spool(_))).count();
        if spools == 0 {
            return Ok(());
        }
        let at = at.max(spools);
        let by_then = at_once.iter().copied().max().unwrap_or(0);
        let answers = Fates::all(Fate::Spooled, COUNT).worst(&short(by_then, COUNT - by_then));
        let last_ticket = || {
            if by_then == COUNT {
                marks.close(3);
                answers
            } else {
                marks.finish(3, &answers)
            }
        };
        let (mut row, mut worst) = (None, by_then);
        for (index, step) in steps.iter().enumerate() {
            if index == at {
                row = Some(last_ticket());
            }
            match *step {
                Step::Spool(d) => marks.spooled(3, d),
                Step::Resolve(d, refused) => {
                    worst = worst.max(refused);
                    let resolved = marks.resolve(3, d, &short(refused, COUNT - refused));
                    prop_assert!(resolved.destination);
                    for (fate, count) in resolved.signal.iter() {
                        let row: &mut Fates = row.as_mut().expect("nothing moves before there is a row");
                        prop_assert!(row.of(Fate::Spooled) >= count);
                        let mut left = Fates::all(Fate::Spooled, row.of(Fate::Spooled) - count);
                        row.iter().filter(|(f, _)| *f != Fate::Spooled).for_each(|(f, n)| left.add(f, n));
                        left.add(fate, count);
                        *row = left;
                    }
                }
            }
        }
        let row = row.unwrap_or_else(last_ticket);
        prop_assert_eq!(row, short(worst, COUNT - worst));
        prop_assert_eq!(marks.live(), 0);
    }
}
