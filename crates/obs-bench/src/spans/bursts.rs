//! Bursts of traces, timed: what the caller waits, what the process takes, what is allocated.

use super::library::{Library, SPANS};
use super::sample::{Sample, median};
use crate::{Answer, allocations, cpu};
use obs_core::Clock;

/// Traces made back to back; then the background delivers them, so that no queue overflows.
const BURST: u64 = 500;
/// Traces of a burst that are timed together: short enough that most are over before another program gets the processor,
/// long enough that each has its share of what is done for a batch.
const SLICE: u64 = 100;
/// Bursts before the first that counts.
const WARM_UP: u64 = 3;
/// Bursts whose allocations are counted, after those that are timed.
const COUNTED: u64 = 3;

/// Whether what is made arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrives {
    /// All of it; anything else is an error.
    All,
    /// None of it: not sampled, or off.
    Nothing,
}

/// Times `traces` traces in bursts.
pub(super) fn measure(subject: &dyn Library, traces: u64, arrives: Arrives) -> Answer<Sample> {
    let mut made = Made { subject, arrives, traces: 0 };
    made.bursts(WARM_UP)?;
    let bursts = traces.div_ceil(BURST);
    let (cpu, times) = cpu::spent(|| made.bursts(bursts));
    let times = times?;
    let (allocated, counted) = allocations::counted(|| made.bursts(COUNTED));
    counted?;
    Ok(Sample {
        median_ns: median(times),
        cpu_ns: Some(cpu.as_nanos() as f64 / (bursts * BURST) as f64),
        allocs: Some(allocated.calls as f64 / (COUNTED * BURST) as f64),
        ..Sample::default()
    })
}

/// Traces made so far.
struct Made<'a> {
    subject: &'a dyn Library,
    arrives: Arrives,
    traces: u64,
}

impl Made<'_> {
    /// What each slice took, in nanoseconds for a trace.
    fn bursts(&mut self, n: u64) -> Answer<Vec<f64>> {
        let clock = Clock::system();
        let mut times = Vec::with_capacity((n * BURST / SLICE) as usize);
        for _ in 0..n {
            for _ in 0..BURST / SLICE {
                let start = clock.now();
                self.subject.traces(self.traces..self.traces + SLICE);
                times.push((clock.now() - start) as f64 / SLICE as f64);
                self.traces += SLICE;
            }
            if self.arrives == Arrives::All {
                self.subject.wait(self.traces * SPANS)?;
            }
        }
        let expected = if self.arrives == Arrives::All { self.traces * SPANS } else { 0 };
        let delivered = self.subject.delivered();
        if delivered != expected {
            return Err(format!("{delivered} spans arrived instead of {expected}").into());
        }
        Ok(times)
    }
}
