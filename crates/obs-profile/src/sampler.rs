//! Takes samples: a CPU-time timer, a signal handler, a walk of the frame pointers.

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod linux;
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
mod unsupported;
#[cfg(any(test, all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
mod walk;

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(crate) use linux::{Installed, install, ring, supported, walks_stacks};
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(crate) use unsupported::{Installed, install, ring, supported, walks_stacks};

/// Samples that can wait for the drain thread: half a second at the highest rate. About 0.6 MB.
const RING_SLOTS: usize = 512;
