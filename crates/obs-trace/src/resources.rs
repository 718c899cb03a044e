//! [`Usage`]: memory and processor time of the process at a moment.

use obs_core::Clock;
use rustix::time::{ClockId, clock_gettime};

/// What the process used up to a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// Nanoseconds.
    time: u64,
    /// Nanoseconds of all threads.
    cpu: u64,
    /// Bytes; `None` where it cannot be read.
    resident: Option<u64>,
}

/// What the process used between two moments.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Used {
    /// Resident memory at the end, MB, and by how much it grew.
    pub(crate) memory: Option<(f64, f64)>,
    /// Percent of one processor.
    pub(crate) cpu_pct: f64,
    pub(crate) seconds: f64,
}

impl Usage {
    pub(crate) fn now(clock: &Clock) -> Self {
        let cpu = clock_gettime(ClockId::ProcessCPUTime);
        let cpu = cpu.tv_sec.unsigned_abs() * 1_000_000_000 + cpu.tv_nsec.unsigned_abs();
        Self { time: clock.now(), cpu, resident: resident() }
    }

    pub(crate) fn until(self, end: Self) -> Used {
        let seconds = end.time.saturating_sub(self.time) as f64 / 1e9;
        let cpu = end.cpu.saturating_sub(self.cpu) as f64 / 1e9;
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        Used {
            memory: end.resident.zip(self.resident).map(|(e, s)| (megabytes(e), megabytes(e) - megabytes(s))),
            cpu_pct: if seconds > 0.0 { 100.0 * cpu / seconds } else { 0.0 },
            seconds,
        }
    }
}

/// Resident memory in bytes: the second number of `/proc/self/statm`, in pages (proc(5)).
fn resident() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_is_the_difference() {
        let start = Usage { time: 1_000_000_000, cpu: 5, resident: Some(7_000_000) };
        let end = Usage { time: 3_000_000_000, cpu: 1_000_000_005, resident: Some(9_500_000) };
        assert_eq!(start.until(end), Used { memory: Some((9.5, 2.5)), cpu_pct: 50.0, seconds: 2.0 });
        assert_eq!(start.until(Usage { resident: None, ..start }).memory, None);
    }
}
