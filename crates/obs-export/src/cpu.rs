//! [`CpuMeter`]: the CPU time of a delivery thread.

use obs_core::ledger::Destination;
use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// Enters the CPU time of the thread that has it into a destination's row.
#[derive(Debug)]
pub(crate) struct CpuMeter(Duration);

impl CpuMeter {
    /// Counts from the start of the thread.
    pub(crate) fn new() -> Self {
        Self(Duration::ZERO)
    }

    /// Enters what was used since the last call. One call of the system, 200 ns.
    pub(crate) fn enter(&mut self, row: &Destination) {
        let now = clock_gettime(ClockId::ThreadCPUTime);
        let now = Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec.unsigned_abs() as u32);
        row.used_cpu(now.saturating_sub(self.0));
        self.0 = now;
    }
}
