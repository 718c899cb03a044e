//! [`Load`]: numbered lines and spans at a steady rate; [`Times`]: how long each call took.

use super::latency::Samples;
use super::rig::Rig;
use crate::memory;
use obs_core::Clock;
use obs_trace::span;
use std::io;
use std::thread;
use std::time::Duration;

/// Lines in a second, and as many spans.
pub(super) const A_SECOND: u64 = 5000;
/// Lines in one burst, and as many spans.
pub(super) const BURST: u64 = 50;
/// Bursts between two looks at the memory.
const LOOK_EVERY: u64 = 10;

/// How long each call took.
pub(super) struct Times {
    pub(super) lines: Samples,
    pub(super) spans: Samples,
}

impl Times {
    /// Room for the calls of this long.
    pub(super) fn of(how_long: Duration) -> Self {
        let calls = (how_long.as_secs() * A_SECOND) as usize;
        Self { lines: Samples::new(calls), spans: Samples::new(calls) }
    }
}

/// The load and what it saw.
pub(super) struct Load {
    /// The most memory that the process had.
    pub(super) peak: u64,
    clock: Clock,
    bursts: u64,
}

impl Load {
    pub(super) fn new() -> Self {
        Self { peak: 0, clock: Clock::system(), bursts: 0 }
    }

    /// Lines made so far, and as many spans.
    pub(super) fn made(&self) -> u64 {
        self.bursts * BURST
    }

    /// Goes on for so long. The last spans are handed over at its end.
    pub(super) fn run(&mut self, rig: &Rig, how_long: Duration, times: &mut Times) -> io::Result<()> {
        let start = self.clock.now();
        let bursts = how_long.as_secs() * A_SECOND / BURST;
        for burst in 1..=bursts {
            self.burst(rig, times);
            if burst % LOOK_EVERY == 0 {
                self.peak = self.peak.max(memory::resident()?);
            }
            let due = start + 1_000_000_000 * BURST / A_SECOND * burst;
            thread::sleep(Duration::from_nanos(due.saturating_sub(self.clock.now())));
        }
        rig.tracer.flush();
        Ok(())
    }

    fn burst(&mut self, rig: &Rig, times: &mut Times) {
        let first = self.made();
        self.bursts += 1;
        for number in first..first + BURST {
            let start = self.clock.now();
            obs_logs::data!(rig.logger, "rows of a chunk read, checked and kept";
                "path" => "/srv/plant/exports/fd_fan_2026_11.csv", "rows" => 1500, "number" => number);
            times.lines.add(self.clock.now() - start);
            let guard = span!(rig.tracer, "score.pca", n_samples = 1500, n_features = 9, number = number);
            let start = self.clock.now();
            drop(guard);
            times.spans.add(self.clock.now() - start);
        }
    }
}
