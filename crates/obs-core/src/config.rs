//! [`Config`]: one typed value, from builder, environment, file and default, each setting with its provenance.
//!
//! Precedence: builder, then environment, then file, then default. The table of settings is [`SETTINGS`]; reading,
//! `obs doctor` and the reference page all work from it.

mod check;
mod draft;
mod environment;
mod limits;
mod load;
mod otlp;
mod parse;
mod push;
mod resource;
mod settings;
mod traces;
mod url;
mod values;

pub use limits::{BatchConfig, SpanLimits};
pub use load::{ConfigError, Loaded, Provenance, Sources};
pub use otlp::{OtlpConfig, OtlpOverride, OtlpProtocol};
pub use push::PushConfig;
pub use settings::{SETTINGS, Setting};
pub use traces::{PerformanceConfig, Propagator, TraceExporter};
pub use url::Url;
pub use values::{Compression, LogFormat, LogLevel, SpoolConfig};

use crate::diag::DiagLevel;
use crate::resource::Detector;
use crate::sampling::SamplerConfig;
use std::time::Duration;

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// `service.name`; default `acm`.
    pub service_name: String,
    /// `service.version`; default empty.
    pub service_version: String,
    /// `service.instance.id`; `None` (the default) is host name and process id.
    pub service_instance: Option<String>,
    /// `deployment.environment.name`; default `development`.
    pub environment: String,
    /// Resource attributes beside those of the service; default none.
    pub resource_attributes: Vec<(String, String)>,
    /// What is found out about where this process runs; default all of it.
    pub detectors: Vec<Detector>,
    /// The OTLP receiver of traces and metrics, as it is set for both: see [`Config::otlp_traces`].
    pub otlp: OtlpConfig,
    /// What is set for traces alone.
    pub traces: OtlpOverride,
    /// What is set for metrics alone.
    pub metrics: OtlpOverride,
    /// The Loki of log lines.
    pub loki: PushConfig,
    /// The Pyroscope of profiles.
    pub pyroscope: PushConfig,
    /// Where items wait for destinations that do not take them.
    pub spool: SpoolConfig,
    /// Least level that is logged; default `info`.
    pub log_level: LogLevel,
    /// Format of log lines on stdout and stderr; `None` (the default) is JSON for a library, and for the command JSON
    /// unless the stream is a terminal.
    pub log_format: Option<LogFormat>,
    /// Whether traces are recorded at all; default true.
    pub traces_enabled: bool,
    /// What takes ended spans, each once; default OTLP.
    pub trace_exporters: Vec<TraceExporter>,
    /// What carries context from process to process, each once; default both there are.
    pub propagators: Vec<Propagator>,
    /// Which traces are recorded. By default all of them; where the environment is `production` or `prod` in any case, a
    /// tenth.
    pub sampler: SamplerConfig,
    /// How large spans and traces may become.
    pub span_limits: SpanLimits,
    /// How ended spans are collected into requests.
    pub span_batch: BatchConfig,
    /// What is said of slow work.
    pub performance: PerformanceConfig,
    /// Turns traces, metrics and profiles off; logs still print. Default false.
    pub sdk_disabled: bool,
    /// Time between two collections of the metrics; default 60 s.
    pub metric_interval: Duration,
    /// Stack samples per second of CPU time, 1 to 1,000; default 100.
    pub profile_hz: u32,
    /// How much obs says of its own troubles on stderr; default `warn`.
    pub diag_level: DiagLevel,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            service_name: "acm".to_owned(),
            service_version: String::new(),
            service_instance: None,
            environment: "development".to_owned(),
            resource_attributes: Vec::new(),
            detectors: Detector::ALL.to_vec(),
            otlp: OtlpConfig::default(),
            traces: OtlpOverride::default(),
            metrics: OtlpOverride::default(),
            loki: PushConfig::with_timeout(Duration::from_secs(5)),
            pyroscope: PushConfig::with_timeout(Duration::from_secs(10)),
            spool: SpoolConfig::default(),
            log_level: LogLevel::Info,
            log_format: None,
            traces_enabled: true,
            trace_exporters: vec![TraceExporter::Otlp],
            propagators: Propagator::ALL.to_vec(),
            sampler: SamplerConfig::default(),
            span_limits: SpanLimits::default(),
            span_batch: BatchConfig::default(),
            performance: PerformanceConfig::default(),
            sdk_disabled: false,
            metric_interval: Duration::from_mins(1),
            profile_hz: 100,
            diag_level: DiagLevel::Warn,
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

    /// Whether traces are recorded: not when they, or all signals but logs, are turned off.
    pub fn records_traces(&self) -> bool {
        self.traces_enabled && !self.sdk_disabled
    }

    /// The identity that all four signals carry, without what detectors find: see
    /// [`resource::detect`](crate::resource::detect).
    pub fn identity(&self) -> crate::ServiceIdentity {
        let default = crate::ServiceIdentity::default();
        crate::ServiceIdentity {
            name: self.service_name.clone(),
            version: self.service_version.clone(),
            environment: self.environment.clone(),
            instance: self.service_instance.clone().unwrap_or(default.instance),
            attributes: Vec::new(),
        }
        .with_attributes(self.resource_attributes.iter().cloned())
    }
}

#[cfg(test)]
mod tests;
