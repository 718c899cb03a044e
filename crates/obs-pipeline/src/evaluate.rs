//! Measures against labels, for `cargo xtask evaluate`: no point adjustment, no tolerance windows.

mod events;
mod ranking;
mod remaining;

pub use events::{EventCounts, event_counts, label_events};
pub use ranking::{average_precision, roc_auc};
pub use remaining::{phm08, rmse};

/// Row-wise counts of a detector against labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confusion {
    /// Faulty rows in alarm.
    pub true_positives: usize,
    /// Healthy rows in alarm.
    pub false_positives: usize,
    /// Healthy rows not in alarm.
    pub true_negatives: usize,
    /// Faulty rows not in alarm.
    pub false_negatives: usize,
}

impl Confusion {
    /// Counts row by row; rows past the shorter of the two are left out.
    pub fn count(alarms: &[bool], labels: &[bool]) -> Self {
        let mut out = Self::default();
        for pair in alarms.iter().zip(labels) {
            match pair {
                (true, true) => out.true_positives += 1,
                (true, false) => out.false_positives += 1,
                (false, false) => out.true_negatives += 1,
                (false, true) => out.false_negatives += 1,
            }
        }
        out
    }

    /// Adds another file's counts.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            true_positives: self.true_positives + other.true_positives,
            false_positives: self.false_positives + other.false_positives,
            true_negatives: self.true_negatives + other.true_negatives,
            false_negatives: self.false_negatives + other.false_negatives,
        }
    }

    /// Harmonic mean of precision and recall, 0..=1; 0 without any faulty or alarmed row.
    pub fn f1(&self) -> f64 {
        share(2 * self.true_positives, 2 * self.true_positives + self.false_positives + self.false_negatives)
    }

    /// Share of healthy rows in alarm, 0..=1; 0 without healthy rows.
    pub fn false_alarm_rate(&self) -> f64 {
        share(self.false_positives, self.false_positives + self.true_negatives)
    }

    /// Share of faulty rows not in alarm, 0..=1; 0 without faulty rows.
    pub fn missed_rate(&self) -> f64 {
        share(self.false_negatives, self.false_negatives + self.true_positives)
    }
}

/// `part / whole`, 0 for 0 / 0.
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_follow_from_the_counts() {
        let c = Confusion::count(
            &[true, true, true, false, false, false, false, false],
            &[true, true, false, true, false, false, false, false],
        );
        let want = Confusion { true_positives: 2, false_positives: 1, true_negatives: 4, false_negatives: 1 };
        assert_eq!(c, want);
        assert!((c.f1() - 2.0 / 3.0).abs() < 1e-12);
        assert!((c.false_alarm_rate() - 0.2).abs() < 1e-12 && (c.missed_rate() - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(c.plus(c).true_negatives, 8);
    }

    #[test]
    fn nothing_to_count_is_zero_not_nan() {
        let c = Confusion::count(&[], &[true]);
        assert!(c.f1().abs() + c.false_alarm_rate().abs() + c.missed_rate().abs() < 1e-12);
    }
}
