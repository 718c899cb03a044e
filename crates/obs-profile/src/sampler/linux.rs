//! The sampler on Linux: `setitimer(ITIMER_PROF)` sends `SIGPROF` each time the process has used one period of CPU
//! time, to the thread that used it.

mod handler;
mod memory;

use super::walk;
use crate::error::ProfileError;
use crate::ring::Ring;

pub(crate) use handler::{Installed, install};

/// The ring that the signal handler writes to; made when the first profiler starts and never freed, because a handler
/// may still be running on another thread when the profiler stops.
pub(crate) fn ring() -> &'static Ring {
    handler::RING.get_or_init(|| Ring::new(super::RING_SLOTS))
}

/// Nothing to refuse here.
#[expect(clippy::unnecessary_wraps, reason = "other platforms refuse")]
pub(crate) fn supported() -> Result<(), ProfileError> {
    Ok(())
}

/// Whether callers can be read from the stack; `false` where a sandbox forbids `process_vm_readv`: samples then hold
/// the interrupted address alone.
pub(crate) fn walks_stacks() -> bool {
    memory::is_readable()
}
