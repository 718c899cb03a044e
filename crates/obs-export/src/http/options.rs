//! [`HttpOptions`]: how requests to one destination are made, and [`HttpError`]: which options cannot be used.

use crate::http::tls::{TlsError, TlsOptions};
use obs_core::Secret;
use obs_core::config::Compression;
use std::time::Duration;
use ureq::http::{HeaderMap, HeaderName, HeaderValue};

/// Headers that say how the body travels: what is not the transport's own word would break the request.
const RESERVED: [&str; 5] =
    ["connection", "content-encoding", "content-length", "content-type", "transfer-encoding"];

/// How requests are made.
///
/// ```
/// use obs_core::Secret;
/// use obs_export::http::HttpOptions;
/// let options = HttpOptions::default().with_bearer(&Secret::new("t0ken")).with_tenant(Secret::new("plant"));
/// assert_eq!(options.headers.len(), 2);
/// assert!(!format!("{options:?}").contains("t0ken"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpOptions {
    /// For the whole of a request, from name lookup to the end of the answer. Default 10 s.
    pub timeout: Duration,
    /// For the name lookup, and again for the connection, TLS included. Default 3 s.
    pub connect_timeout: Duration,
    /// For sending the head of the request, and again for its body. Default 10 s.
    pub write_timeout: Duration,
    /// For the head of the answer to arrive whole, and again for its body. Default 10 s.
    pub read_timeout: Duration,
    /// Of bodies longer than 1 KiB, where the [`Request`](super::Request) allows it. Default gzip.
    pub compression: Compression,
    /// Who is trusted, and who the client is. Default: the system's authorities, and nobody.
    pub tls: TlsOptions,
    /// Sent with each request. None by default.
    pub headers: Vec<(String, Secret)>,
    /// Default `obs/<version>`.
    pub user_agent: String,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(3),
            write_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(10),
            compression: Compression::Gzip,
            tls: TlsOptions::default(),
            headers: Vec::new(),
            user_agent: concat!("obs/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

impl HttpOptions {
    /// With `timeout` for the whole of a request, and no part of it cut shorter but the connection.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, write_timeout: timeout, read_timeout: timeout, ..self }
    }

    /// With the header `name`, instead of those that have the name already.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: Secret) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value));
        self
    }

    /// With `Authorization: Bearer …`.
    #[must_use]
    pub fn with_bearer(self, token: &Secret) -> Self {
        self.with_header("Authorization", Secret::new(format!("Bearer {}", token.expose())))
    }

    /// With `X-Scope-OrgID`, by which Loki, Tempo, Mimir and Pyroscope tell tenants apart.
    #[must_use]
    pub fn with_tenant(self, tenant: Secret) -> Self {
        self.with_header("X-Scope-OrgID", tenant)
    }

    /// The headers as they are sent.
    pub(crate) fn header_map(&self) -> Result<HeaderMap, HttpError> {
        if HeaderValue::try_from(&self.user_agent).is_err() {
            return Err(HttpError::HeaderValue("User-Agent".to_owned()));
        }
        header_map(&self.headers)
    }
}

/// Headers of a user's, marked as sensitive.
pub(crate) fn header_map(pairs: &[(String, Secret)]) -> Result<HeaderMap, HttpError> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let key = HeaderName::try_from(name).map_err(|_| HttpError::HeaderName(name.clone()))?;
        if RESERVED.contains(&key.as_str()) {
            return Err(HttpError::HeaderReserved(name.clone()));
        }
        let mut value =
            HeaderValue::try_from(value.expose()).map_err(|_| HttpError::HeaderValue(name.clone()))?;
        value.set_sensitive(true);
        headers.append(key, value);
    }
    Ok(headers)
}

/// Why an [`HttpClient`](super::HttpClient) cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// The name of a header has other characters than RFC 9110 allows.
    #[error("`{0}` is not the name of an HTTP header: accepted are letters, digits and `-_`")]
    HeaderName(String),
    /// The value of a header has control characters.
    #[error("the value of HTTP header `{0}` has control characters or line breaks: accepted is plain text")]
    HeaderValue(String),
    /// A header that only the transport may set.
    #[error(
        "HTTP header `{0}` is set by the transport itself: accepted is any that says nothing of the body"
    )]
    HeaderReserved(String),
    /// A certificate or key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}
