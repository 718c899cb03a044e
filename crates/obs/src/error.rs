//! [`InitError`]: why telemetry could not start.

use std::path::PathBuf;

/// Why telemetry could not start. Once it runs, nothing returns an error any more.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// A setting is not accepted.
    #[error(transparent)]
    Config(#[from] obs_core::config::ConfigError),
    /// Telemetry runs already in this process.
    #[error("telemetry was started before in this process: keep one guard and start once")]
    AlreadyRunning,
    /// The log database cannot be opened.
    #[error(transparent)]
    Logs(#[from] obs_logs::sinks::SqliteError),
    /// An endpoint is not one.
    #[error(transparent)]
    Endpoint(#[from] obs_export::http::EndpointError),
    /// A header cannot be sent.
    #[error(transparent)]
    Http(#[from] obs_export::http::HttpError),
    /// The profiler cannot start.
    #[error(transparent)]
    Profile(#[from] obs_profile::ProfileError),
    /// A file cannot be written.
    #[error("cannot write {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The system gave no thread.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
}
