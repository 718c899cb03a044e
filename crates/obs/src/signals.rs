//! SIGTERM and SIGINT: what was recorded is delivered before they end the process.

#[cfg(target_os = "linux")]
mod disposition;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod unsupported;

#[cfg(target_os = "linux")]
pub(crate) use linux::{SignalThread, handle};
#[cfg(not(target_os = "linux"))]
pub(crate) use unsupported::{SignalThread, handle};
