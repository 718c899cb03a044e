//! Small types of single settings: levels, formats, compression, the spool.

use std::path::PathBuf;
use std::time::Duration;

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Everything.
    Trace,
    /// For developers.
    Debug,
    /// What happens; the default.
    Info,
    /// What deserves a look.
    Warn,
    /// What went wrong.
    Error,
    /// What ends the process.
    Critical,
}

impl LogLevel {
    /// Lower-case name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }
}

/// How log lines look on stdout and stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object per line; the default.
    Json,
    /// Columns for people.
    Console,
}

impl LogFormat {
    /// `json` or `console`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Console => "console",
        }
    }
}

/// How request bodies are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// What every OTLP receiver takes; the default.
    Gzip,
    /// Smaller and quicker, where the receiver takes it.
    Zstd,
}

impl Compression {
    /// `none`, `gzip` or `zstd`: but for `none`, the value of `Content-Encoding`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// The folder where items wait on disk for a destination that does not take them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpoolConfig {
    /// The folder; `None` (the default) is off.
    pub dir: Option<PathBuf>,
    /// Bytes on disk that it may hold, at least 1 MiB; default 1 GiB.
    pub max_bytes: u64,
    /// Age at which an item is given up, at least 1 s; default seven days.
    pub max_age: Duration,
}

impl Default for SpoolConfig {
    fn default() -> Self {
        Self { dir: None, max_bytes: 1 << 30, max_age: Duration::from_hours(7 * 24) }
    }
}
