//! [`Counts`]: how many lines were logged, for the run card.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::category::LogCategory;
use crate::encode::Met;
use crate::level::Level;

/// The running figures.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    by_level: [AtomicU64; Level::ALL.len()],
    by_category: [AtomicU64; LogCategory::ALL.len()],
    renamed: AtomicU64,
    not_finite: AtomicU64,
}

impl Counters {
    pub(crate) fn count(&self, level: Level, category: Option<LogCategory>, met: Met) {
        self.by_level[level as usize].fetch_add(1, Ordering::Relaxed);
        if let Some(category) = category {
            self.by_category[category as usize].fetch_add(1, Ordering::Relaxed);
        }
        for (counter, n) in [(&self.renamed, met.renamed), (&self.not_finite, met.not_finite)] {
            if n > 0 {
                counter.fetch_add(n, Ordering::Relaxed);
            }
        }
    }

    pub(crate) fn snapshot(&self) -> Counts {
        Counts {
            by_level: std::array::from_fn(|i| self.by_level[i].load(Ordering::Relaxed)),
            by_category: std::array::from_fn(|i| self.by_category[i].load(Ordering::Relaxed)),
            renamed: self.renamed.load(Ordering::Relaxed),
            not_finite: self.not_finite.load(Ordering::Relaxed),
        }
    }
}

/// How many lines were logged; those below the minimum level are no lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    by_level: [u64; Level::ALL.len()],
    by_category: [u64; LogCategory::ALL.len()],
    /// Fields whose key collided with one of obs's own and was written as `field_<key>`.
    pub renamed: u64,
    /// Numbers that JSON cannot hold (NaN, infinities), written as `null`.
    pub not_finite: u64,
}

impl Counts {
    /// All lines.
    pub fn total(&self) -> u64 {
        self.by_level.iter().sum()
    }

    /// Lines of one level.
    pub fn level(&self, level: Level) -> u64 {
        self.by_level[level as usize]
    }

    /// Lines of one category.
    pub fn category(&self, category: LogCategory) -> u64 {
        self.by_category[category as usize]
    }

    /// Lines per level, least level first, levels without a line included.
    pub fn levels(&self) -> impl Iterator<Item = (Level, u64)> {
        Level::ALL.into_iter().zip(self.by_level)
    }

    /// Lines per category, in the order of [`LogCategory::ALL`], categories without a line included.
    pub fn categories(&self) -> impl Iterator<Item = (LogCategory, u64)> {
        LogCategory::ALL.into_iter().zip(self.by_category)
    }
}
