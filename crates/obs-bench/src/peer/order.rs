//! [`Seen`]: whether numbered items arrived once, and the oldest first.

use std::collections::HashSet;

/// What is known of numbered items that arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How many different ones.
    pub different: u64,
    /// How many arrived again.
    pub again: u64,
    /// How many arrived for the first time after a younger one had.
    pub disordered: u64,
}

impl Seen {
    pub(super) fn print(self) -> String {
        let Self { different, again, disordered } = self;
        format!("{different} {again} {disordered}")
    }

    pub(super) fn of(numbers: &[u64]) -> Option<Self> {
        let &[different, again, disordered] = numbers else { return None };
        Some(Self { different, again, disordered })
    }
}

/// Keeps count of numbered items.
#[derive(Debug, Default)]
pub(super) struct Tally {
    known: HashSet<u64>,
    youngest: u64,
    seen: Seen,
}

impl Tally {
    pub(super) fn note(&mut self, number: u64) {
        if !self.known.insert(number) {
            self.seen.again += 1;
            return;
        }
        self.seen.different += 1;
        self.seen.disordered += u64::from(number < self.youngest);
        self.youngest = self.youngest.max(number);
    }

    pub(super) fn seen(&self) -> Seen {
        self.seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_and_repeated_numbers_are_told_apart() {
        let mut tally = Tally::default();
        for number in [0, 1, 4, 2, 1, 5] {
            tally.note(number);
        }
        assert_eq!(tally.seen(), Seen { different: 5, again: 1, disordered: 1 });
    }
}
