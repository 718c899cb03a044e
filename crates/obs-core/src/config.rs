//! [`Config`]: one typed value, from builder, environment, file and default, each setting with its provenance.
//!
//! Precedence: builder, then environment, then file, then default. The table of settings is [`SETTINGS`]; reading,
//! `obs doctor` and the reference page all work from it.

mod load;
mod parse;
mod settings;
mod url;

pub use load::{ConfigError, Loaded, Provenance, Sources};
pub use settings::{SETTINGS, Setting};
pub use url::Url;

use crate::Secret;
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

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// `service.name`; default `acm`.
    pub service_name: String,
    /// `service.version`; default empty.
    pub service_version: String,
    /// `deployment.environment.name`; default `development`.
    pub environment: String,
    /// Base URL of an OTLP/HTTP receiver; traces and metrics go there when set.
    pub otlp_endpoint: Option<Url>,
    /// Headers of every OTLP request.
    pub otlp_headers: Vec<(String, Secret)>,
    /// Base URL of a Loki; log lines go there when set.
    pub loki_endpoint: Option<Url>,
    /// Base URL of a Pyroscope; profiles go there when set.
    pub pyroscope_endpoint: Option<Url>,
    /// Least level that is logged; default `info`.
    pub log_level: LogLevel,
    /// Format of log lines on stdout and stderr; `None` (the default) is JSON for a library, and for the command JSON
    /// unless the stream is a terminal.
    pub log_format: Option<LogFormat>,
    /// Share of root traces that are recorded, 0 to 1; default 1.
    pub sample_ratio: f64,
    /// Turns traces, metrics and profiles off; logs still print. Default false.
    pub sdk_disabled: bool,
    /// Time between two collections of the metrics; default 60 s.
    pub metric_interval: Duration,
    /// Stack samples per second of CPU time, 1 to 1,000; default 100.
    pub profile_hz: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            service_name: "acm".to_owned(),
            service_version: String::new(),
            environment: "development".to_owned(),
            otlp_endpoint: None,
            otlp_headers: Vec::new(),
            loki_endpoint: None,
            pyroscope_endpoint: None,
            log_level: LogLevel::Info,
            log_format: None,
            sample_ratio: 1.0,
            sdk_disabled: false,
            metric_interval: Duration::from_mins(1),
            profile_hz: 100,
        }
    }
}

impl Config {
    /// Reads every setting from `sources`.
    ///
    /// ```
    /// use obs_core::config::{Config, Sources};
    /// let env = |name: &str| (name == "OTEL_SERVICE_NAME").then(|| "press-7".to_owned());
    /// let loaded = Config::load(&Sources { env: &env, ..Sources::default() })?;
    /// assert_eq!(loaded.config.service_name, "press-7");
    /// assert_eq!(loaded.provenance("service.name").to_string(), "environment OTEL_SERVICE_NAME");
    /// # Ok::<(), obs_core::config::ConfigError>(())
    /// ```
    pub fn load(sources: &Sources<'_>) -> Result<Loaded, ConfigError> {
        load::load(sources)
    }

    /// The identity that all four signals carry.
    pub fn identity(&self) -> crate::ServiceIdentity {
        crate::ServiceIdentity {
            name: self.service_name.clone(),
            version: self.service_version.clone(),
            environment: self.environment.clone(),
            ..crate::ServiceIdentity::default()
        }
    }
}

#[cfg(test)]
mod tests;
