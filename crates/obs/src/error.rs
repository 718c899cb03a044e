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
    /// A header cannot be sent, or a certificate not be used.
    #[error("{destination}: {source}")]
    Http {
        /// The section of the settings: `otlp`, `loki`, `pyroscope`.
        destination: &'static str,
        /// Why.
        source: obs_export::http::HttpError,
    },
    /// OTLP over gRPC cannot be set up.
    #[cfg(feature = "otlp-grpc")]
    #[error("otlp: {0}")]
    Grpc(#[from] obs_export::grpc::GrpcError),
    /// The spool cannot be used.
    #[error(transparent)]
    Spool(#[from] obs_export::SpoolError),
    /// A setting does not go with gRPC.
    #[error("{setting} = `{value}` is not accepted with {with} = `grpc`: expected {accepts}")]
    NotWithGrpc {
        /// The key of the setting.
        setting: &'static str,
        /// Its value.
        value: String,
        /// The key that gRPC was set by.
        with: &'static str,
        /// What is accepted then.
        accepts: &'static str,
    },
    /// A setting asks for what this program was built without.
    #[error(
        "{setting} = `{value}` needs the feature `{feature}` of the crate `obs`, which this program lacks"
    )]
    NeedsFeature {
        /// The key of the setting.
        setting: &'static str,
        /// Its value.
        value: String,
        /// The Cargo feature.
        feature: &'static str,
    },
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
