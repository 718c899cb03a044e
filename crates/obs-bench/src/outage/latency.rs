//! [`Samples`] and [`Latencies`]: how long calls took.

use std::fmt;
use std::time::Duration;

/// How long each call took, in nanoseconds, up to a number known beforehand.
pub(super) struct Samples {
    nanos: Vec<u32>,
    taken: usize,
}

/// Some order statistics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Latencies {
    pub(super) p50: Duration,
    pub(super) p99: Duration,
    pub(super) p999: Duration,
    pub(super) max: Duration,
}

impl Samples {
    /// Room for `n`. The memory is in use from the start, so that taking samples does not make the process grow.
    pub(super) fn new(n: usize) -> Self {
        Self { nanos: vec![u32::MAX; n], taken: 0 }
    }

    /// Keeps one; beyond the number known beforehand, none.
    pub(super) fn add(&mut self, nanos: u64) {
        if let Some(place) = self.nanos.get_mut(self.taken) {
            *place = u32::try_from(nanos).unwrap_or(u32::MAX);
            self.taken += 1;
        }
    }

    /// Of the first of every `step` that were kept, from the first on.
    pub(super) fn summary(&self, step: usize) -> Latencies {
        let mut taken: Vec<u32> = self.nanos[..self.taken].iter().copied().step_by(step).collect();
        taken.sort_unstable();
        // The smallest value that so many of a thousand do not exceed.
        let at = |permille: usize| {
            let place = (taken.len() * permille).div_ceil(1000).saturating_sub(1);
            Duration::from_nanos(taken.get(place).copied().map_or(0, u64::from))
        };
        Latencies { p50: at(500), p99: at(990), p999: at(999), max: at(1000) }
    }
}

impl fmt::Display for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let us = |d: Duration| d.as_secs_f64() * 1e6;
        let Self { p50, p99, p999, max } = *self;
        write!(
            f,
            "p50 {:.1} us  p99 {:.1} us  p99.9 {:.1} us  max {:.1} us",
            us(p50),
            us(p99),
            us(p999),
            us(max)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_value_that_was_measured() {
        let mut samples = Samples::new(1000);
        (1..=2000).rev().for_each(|n| samples.add(n));
        let ns = Duration::from_nanos;
        let expected = Latencies { p50: ns(1500), p99: ns(1990), p999: ns(1999), max: ns(2000) };
        assert_eq!(samples.summary(1), expected);
        assert_eq!(samples.summary(500).max, ns(2000));
        assert_eq!(samples.summary(500).p50, ns(1500));
        assert_eq!(Samples::new(3).summary(1), Latencies::default());
    }
}
