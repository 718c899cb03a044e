//! [`PushConfig`]: how log lines reach Loki and profiles Pyroscope.

use super::Url;
use crate::Secret;
use std::path::PathBuf;
use std::time::Duration;

/// Everything about one Loki or Pyroscope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushConfig {
    /// Base URL; `None` (the default) is off.
    pub endpoint: Option<Url>,
    /// Headers of every request.
    pub headers: Vec<(String, Secret)>,
    /// Sent as `X-Scope-OrgID`.
    pub tenant: Option<Secret>,
    /// Sent as `Authorization: Bearer …`.
    pub bearer_token: Option<Secret>,
    /// For the whole of a request; default 5 s for Loki, 10 s for Pyroscope.
    pub timeout: Duration,
    /// PEM file of the authorities that are trusted instead of the system's.
    pub certificate: Option<PathBuf>,
    /// PEM file of the client's certificate chain.
    pub client_certificate: Option<PathBuf>,
    /// PEM file of the client's private key.
    pub client_key: Option<PathBuf>,
}

impl PushConfig {
    pub(super) fn with_timeout(timeout: Duration) -> Self {
        Self {
            endpoint: None,
            headers: Vec::new(),
            tenant: None,
            bearer_token: None,
            timeout,
            certificate: None,
            client_certificate: None,
            client_key: None,
        }
    }
}
