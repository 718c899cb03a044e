//! CPU profiles whose samples carry run and span ids.
//!
//! A [`Profiler`] interrupts the program a hundred times per second of CPU time and notes the stack together with the
//! span and run at work ([`obs_core::active`]). What it took, a [`Profile`], becomes a pprof file ([`pprof`]), a
//! [`flamegraph`], a list of the hottest functions ([`top_functions`]), or goes to a sink: [`FileSink`],
//! [`PyroscopeSink`].
//!
//! Sampling works on Linux on `x86_64` and `aarch64`, in programs built with frame pointers
//! (`-C force-frame-pointers=yes`); everything else works everywhere.

mod aggregate;
pub mod error;
pub mod file;
pub mod flame;
pub mod item;
pub mod labels;
pub mod options;
pub mod pprof;
pub mod profile;
pub mod profiler;
pub mod pyroscope;
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "nothing writes to it without a sampler"))]
mod ring;
mod sampler;
pub mod symbols;

pub use error::ProfileError;
pub use file::FileSink;
pub use flame::{TopFunction, flamegraph, folded, top_functions};
pub use item::ProfileItem;
pub use options::ProfilerOptions;
pub use profile::{Filter, Profile, Sample};
pub use profiler::Profiler;
pub use pyroscope::PyroscopeSink;
pub use symbols::{Function, Module, Symbols};
