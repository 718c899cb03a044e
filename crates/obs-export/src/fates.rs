//! [`Fates`]: how many of the items that one ticket stands for met which fate.

use obs_core::{DropReason, Fate};

/// Delivered, spooled, and a reason each.
const GRADES: usize = 2 + DropReason::ALL.len();

/// What became of the items that a ticket stands for. Nearly always all of them met one fate; where the other side took a part
/// of a record, there are several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fates([u64; GRADES]);

impl Fates {
    /// All `count` items met `fate`.
    pub(crate) fn all(fate: Fate, count: u64) -> Self {
        let mut fates = Self::default();
        fates.add(fate, count);
        fates
    }

    /// `count` more items met `fate`.
    pub(crate) fn add(&mut self, fate: Fate, count: u64) {
        self.0[usize::from(grade(fate))] += count;
    }

    /// How many items met `fate`.
    pub(crate) fn of(&self, fate: Fate) -> u64 {
        self.0[usize::from(grade(fate))]
    }

    /// Every item.
    pub(crate) fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The fates that items met, the best first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Fate, u64)> {
        (0_u8..).zip(self.0).filter(|(_, count)| *count > 0).map(|(grade, count)| (fate_of(grade), count))
    }

    /// The dropped ones alone.
    pub(crate) fn dropped(mut self) -> Self {
        (self.0[0], self.0[1]) = (0, 0);
        self
    }

    /// What became of the items if one destination says this and another one says that. Neither says which items it
    /// means: as far as possible they mean the same. So of a hundred items of which one destination refused three and
    /// the other one five, five were refused.
    pub(crate) fn worst(&self, other: &Self) -> Self {
        let mut fates = Self::default();
        // Items that did at least so badly: here, there, and together.
        let (mut here, mut there, mut before) = (0, 0, 0);
        for grade in (0..GRADES).rev() {
            here += self.0[grade];
            there += other.0[grade];
            let both = here.max(there);
            fates.0[grade] = both - before;
            before = both;
        }
        fates
    }

    /// All but the `count` that fared worst.
    pub(crate) fn without_worst(mut self, mut count: u64) -> Self {
        for cell in self.0.iter_mut().rev() {
            let taken = count.min(*cell);
            *cell -= taken;
            count -= taken;
        }
        self
    }
}

/// Orders fates from best to worst. Among reasons the order says nothing, but is the same for every destination.
pub(crate) fn grade(fate: Fate) -> u8 {
    match fate {
        Fate::Delivered => 0,
        Fate::Spooled => 1,
        Fate::Dropped(reason) => 2 + reason as u8,
    }
}

/// The reverse of [`grade`].
pub(crate) fn fate_of(grade: u8) -> Fate {
    match grade {
        0 => Fate::Delivered,
        1 => Fate::Spooled,
        n => {
            Fate::Dropped(DropReason::ALL.get(usize::from(n) - 2).copied().unwrap_or(DropReason::WorkerLost))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED: Fate = Fate::Dropped(DropReason::Refused);
    const TOO_LARGE: Fate = Fate::Dropped(DropReason::TooLarge);

    fn fates(counts: &[(Fate, u64)]) -> Fates {
        let mut fates = Fates::default();
        for (fate, count) in counts {
            fates.add(*fate, *count);
        }
        fates
    }

    #[test]
    fn every_fate_has_a_grade_of_its_own_and_delivered_is_best() {
        let dropped = DropReason::ALL.map(Fate::Dropped);
        for fate in [Fate::Delivered, Fate::Spooled].into_iter().chain(dropped) {
            assert_eq!(fate_of(grade(fate)), fate);
        }
        assert!(grade(Fate::Delivered) < grade(Fate::Spooled));
        assert!(dropped.iter().all(|d| grade(*d) > grade(Fate::Spooled)));
    }

    #[test]
    fn of_two_answers_the_worse_one_counts_item_by_item() {
        let some = fates(&[(Fate::Delivered, 7), (REFUSED, 3)]);
        let more = fates(&[(Fate::Delivered, 5), (REFUSED, 5)]);
        let spooled = Fates::all(Fate::Spooled, 10);
        assert_eq!(some.worst(&more), more);
        assert_eq!(some.worst(&Fates::all(Fate::Delivered, 10)), some);
        assert_eq!(some.worst(&Fates::all(REFUSED, 10)), Fates::all(REFUSED, 10));
        assert_eq!(spooled.worst(&some), fates(&[(Fate::Spooled, 7), (REFUSED, 3)]));
        let large = fates(&[(Fate::Delivered, 9), (TOO_LARGE, 1)]);
        assert_eq!(some.worst(&large), fates(&[(Fate::Delivered, 7), (REFUSED, 2), (TOO_LARGE, 1)]));
    }

    #[test]
    fn what_is_left_without_the_worst_is_the_best() {
        let all = fates(&[(Fate::Delivered, 2), (REFUSED, 3), (TOO_LARGE, 1)]);
        assert_eq!(all.without_worst(2), fates(&[(Fate::Delivered, 2), (REFUSED, 2)]));
        assert_eq!(all.without_worst(9), Fates::default());
        assert_eq!(all.dropped(), fates(&[(REFUSED, 3), (TOO_LARGE, 1)]));
    }
}
