//! [`OtlpConfig`]: how one signal reaches its OTLP receiver, with what only that signal is told.

use super::{Compression, Config, Url};
use crate::Secret;
use std::path::PathBuf;
use std::time::Duration;

/// What carries OTLP requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtlpProtocol {
    /// Protobuf over HTTP/1.1; the default.
    HttpProtobuf,
    /// gRPC over HTTP/2.
    Grpc,
}

impl OtlpProtocol {
    /// `http/protobuf` or `grpc`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HttpProtobuf => "http/protobuf",
            Self::Grpc => "grpc",
        }
    }
}

/// Everything about one OTLP receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtlpConfig {
    /// The receiver's URL; `None` (the default) is off. [`Config::otlp_traces`] and its like give it a scheme.
    pub endpoint: Option<Url>,
    /// Whether the endpoint was set for this signal alone: then it is used as it is. Otherwise `/v1/traces` and its
    /// like are appended. Matters to HTTP only.
    pub endpoint_is_whole: bool,
    /// Headers (gRPC: metadata) of every request.
    pub headers: Vec<(String, Secret)>,
    /// For the whole of a request; default 10 s.
    pub timeout: Duration,
    /// Of request bodies; default gzip.
    pub compression: Compression,
    /// Default `http/protobuf`.
    pub protocol: OtlpProtocol,
    /// PEM file of the authorities that are trusted instead of the system's.
    pub certificate: Option<PathBuf>,
    /// PEM file of the client's private key.
    pub client_key: Option<PathBuf>,
    /// PEM file of the client's certificate chain.
    pub client_certificate: Option<PathBuf>,
    /// Whether an endpoint without scheme, which only gRPC may have, is plaintext; default false.
    pub insecure: bool,
}

impl Default for OtlpConfig {
    fn default() -> Self {
        Self {
            endpoint: None,
            endpoint_is_whole: false,
            headers: Vec::new(),
            timeout: Duration::from_secs(10),
            compression: Compression::Gzip,
            protocol: OtlpProtocol::HttpProtobuf,
            certificate: None,
            client_key: None,
            client_certificate: None,
            insecure: false,
        }
    }
}

/// What is set for one signal; `None` is as in the general settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtlpOverride {
    /// As in [`OtlpConfig`], but used as it is.
    pub endpoint: Option<Url>,
    /// As in [`OtlpConfig`]; replaces all general headers.
    pub headers: Option<Vec<(String, Secret)>>,
    /// As in [`OtlpConfig`].
    pub timeout: Option<Duration>,
    /// As in [`OtlpConfig`].
    pub compression: Option<Compression>,
    /// As in [`OtlpConfig`].
    pub protocol: Option<OtlpProtocol>,
    /// As in [`OtlpConfig`].
    pub certificate: Option<PathBuf>,
    /// As in [`OtlpConfig`].
    pub client_key: Option<PathBuf>,
    /// As in [`OtlpConfig`].
    pub client_certificate: Option<PathBuf>,
    /// As in [`OtlpConfig`].
    pub insecure: Option<bool>,
}

impl Config {
    /// The OTLP receiver of traces: what is set for traces, then what is set for all signals.
    ///
    /// ```
    /// use obs_core::config::{Config, Sources};
    /// let env = |name: &str| match name {
    ///     "OTEL_EXPORTER_OTLP_ENDPOINT" => Some("https://collector:4318".to_owned()),
    ///     "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" => Some("https://tempo/push".to_owned()),
    ///     _ => None,
    /// };
    /// let config = Config::load(&Sources { env: &env, ..Sources::default() })?.config;
    /// assert_eq!(config.otlp_traces().endpoint.unwrap().to_string(), "https://tempo/push");
    /// assert_eq!(config.otlp_metrics().endpoint.unwrap().to_string(), "https://collector:4318");
    /// # Ok::<(), obs_core::config::ConfigError>(())
    /// ```
    pub fn otlp_traces(&self) -> OtlpConfig {
        resolve(&self.otlp, &self.traces)
    }

    /// The OTLP receiver of metrics: what is set for metrics, then what is set for all signals.
    pub fn otlp_metrics(&self) -> OtlpConfig {
        resolve(&self.otlp, &self.metrics)
    }
}

fn resolve(general: &OtlpConfig, signal: &OtlpOverride) -> OtlpConfig {
    let insecure = signal.insecure.unwrap_or(general.insecure);
    let or = |own: &Option<PathBuf>, general: &Option<PathBuf>| own.as_ref().or(general.as_ref()).cloned();
    let endpoint = signal.endpoint.as_ref().or(general.endpoint.as_ref());
    OtlpConfig {
        endpoint: endpoint.map(|url| url.with_scheme(if insecure { "http" } else { "https" })),
        endpoint_is_whole: signal.endpoint.is_some(),
        headers: signal.headers.as_ref().unwrap_or(&general.headers).clone(),
        timeout: signal.timeout.unwrap_or(general.timeout),
        compression: signal.compression.unwrap_or(general.compression),
        protocol: signal.protocol.unwrap_or(general.protocol),
        certificate: or(&signal.certificate, &general.certificate),
        client_key: or(&signal.client_key, &general.client_key),
        client_certificate: or(&signal.client_certificate, &general.client_certificate),
        insecure,
    }
}
