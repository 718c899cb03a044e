//! [`Cost`], [`Pair`] and [`Row`]: what something took, beside the plain write of the same bytes.

use crate::cpu;
use obs_core::Clock;
use std::time::Duration;

/// What something took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    pub(super) wall: Duration,
    pub(super) cpu: Duration,
}

impl Cost {
    /// Runs `f` and gives what it took, with what it yields.
    pub(super) fn of<T>(f: impl FnOnce() -> T) -> (Self, T) {
        let clock = Clock::system();
        let start = clock.now();
        let (cpu, value) = cpu::spent(f);
        let wall = Duration::from_nanos(clock.now() - start);
        (Self { wall, cpu }, value)
    }
}

/// One round of one row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub(super) items: u64,
    /// Bytes of the bodies, or of the records.
    pub(super) bytes: u64,
    pub(super) ours: Cost,
    pub(super) plain: Cost,
}

/// All rounds of one row.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pairs: Vec<Pair>,
}

impl Row {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, pairs: Vec::new() }
    }

    pub(super) fn add(&mut self, pair: Pair) {
        self.pairs.push(pair);
    }

    pub(super) fn items_a_second(&self) -> f64 {
        self.median(|p| p.items as f64 / p.ours.wall.as_secs_f64())
    }

    pub(super) fn bytes_a_second(&self) -> f64 {
        self.median(|p| p.bytes as f64 / p.ours.wall.as_secs_f64())
    }

    /// CPU seconds for a million items.
    pub(super) fn cpu_of_million(&self) -> f64 {
        self.median(|p| p.ours.cpu.as_secs_f64() / p.items as f64 * 1e6)
    }

    pub(super) fn items_of_cpu_second(&self) -> f64 {
        self.median(|p| p.items as f64 / p.ours.cpu.as_secs_f64())
    }

    pub(super) fn bytes_of_cpu_second(&self) -> f64 {
        self.median(|p| p.bytes as f64 / p.ours.cpu.as_secs_f64())
    }

    pub(super) fn plain_bytes_a_second(&self) -> f64 {
        self.median(|p| p.bytes as f64 / p.plain.wall.as_secs_f64())
    }

    pub(super) fn plain_bytes_of_cpu_second(&self) -> f64 {
        self.median(|p| p.bytes as f64 / p.plain.cpu.as_secs_f64())
    }

    /// Our speed as a part of the plain write's, by the clock.
    pub(super) fn ratio_of_wall(&self) -> f64 {
        self.median(|p| p.plain.wall.as_secs_f64() / p.ours.wall.as_secs_f64())
    }

    /// The same by CPU time.
    pub(super) fn ratio_of_cpu(&self) -> f64 {
        self.median(|p| p.plain.cpu.as_secs_f64() / p.ours.cpu.as_secs_f64())
    }

    /// The upper one of two middle values; zero without a round.
    fn median(&self, value: impl Fn(&Pair) -> f64) -> f64 {
        let mut values: Vec<f64> = self.pairs.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(wall: u64, cpu: u64) -> Cost {
        Cost { wall: Duration::from_secs(wall), cpu: Duration::from_secs(cpu) }
    }

    #[test]
    fn figures_are_medians_and_a_ratio_below_one_means_that_we_are_slower() {
        let mut row = Row::new("x");
        for wall in [2, 100, 4] {
            row.add(Pair { items: 8, bytes: 80, ours: cost(wall, 4), plain: cost(1, 1) });
        }
        let figures =
            [row.items_a_second(), row.ratio_of_wall(), row.items_of_cpu_second(), row.ratio_of_cpu()];
        let expected = [2.0, 0.25, 2.0, 0.25];
        assert!(figures.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{figures:?}");
    }
}
