//! [`ProfileError`]: why a profiler did not start or a profile could not be written.

use std::path::PathBuf;

/// What can go wrong with profiles.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The sampler knows Linux on `x86_64` and `aarch64` only.
    #[error("CPU profiling is not supported on {os} {arch}: only linux x86_64 and linux aarch64 are")]
    Unsupported {
        /// The operating system.
        os: &'static str,
        /// The processor.
        arch: &'static str,
    },
    /// The rate is outside what the kernel's timers can do.
    #[error("profiling rate `{hz}` Hz is out of range: expected 1..=1000")]
    Rate {
        /// The rate asked for.
        hz: u32,
    },
    /// A process has one profiling timer, hence one profiler.
    #[error("a CPU profiler is already running in this process: stop it before starting another")]
    AlreadyRunning,
    /// The kernel refused the signal handler, the timer or the drain thread.
    #[error("CPU profiler could not start: {what}")]
    Start {
        /// Which step.
        what: &'static str,
        /// What the kernel said.
        #[source]
        source: std::io::Error,
    },
    /// There is nothing to draw.
    #[error("no samples match {filter}: nothing to draw")]
    NoSamples {
        /// Which samples were asked for.
        filter: String,
    },
    /// The flame graph could not be drawn.
    #[error("flame graph could not be drawn")]
    Draw(#[source] std::io::Error),
    /// The profile could not be compressed.
    #[error("profile could not be compressed")]
    Compress(#[source] std::io::Error),
    /// The file could not be written.
    #[error("profile file `{}` could not be written", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}
