//! [`GrpcOptions`]: how calls are made, and [`GrpcError`]: why they cannot be.

use crate::http::{Endpoint, EndpointError, HttpError, TlsError, TlsOptions};
use obs_core::Secret;
use std::time::Duration;

/// How calls are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrpcOptions {
    /// For the whole of a call, from name lookup to the end of the answer. Default 10 s.
    pub timeout: Duration,
    /// For the name lookup, and again for the connection, TLS included. Default 3 s.
    pub connect_timeout: Duration,
    /// Sent with each call as metadata. None by default.
    pub headers: Vec<(String, Secret)>,
    /// Whether messages longer than 1 KiB are compressed. Default true.
    pub gzip: bool,
    /// The most bytes of a message, before compression; a longer one is too large without being sent. Default 4 MiB,
    /// which is what gRPC servers accept unless told otherwise.
    pub max_message_bytes: usize,
    /// Who is trusted, and who the client is; for `https` only. Default: the system's authorities, and nobody.
    pub tls: TlsOptions,
    /// Default `obs/<version>`.
    pub user_agent: String,
}

impl Default for GrpcOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(3),
            headers: Vec::new(),
            gzip: true,
            max_message_bytes: 4 << 20,
            tls: TlsOptions::default(),
            user_agent: concat!("obs/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// Why a [`GrpcClient`](super::GrpcClient) cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrpcError {
    /// The endpoint has a path or a query, which a gRPC call has no place for.
    #[error(
        "`{0}` has a path or a query, which gRPC does not use; accepted: http://HOST[:PORT] or https://HOST[:PORT]"
    )]
    Path(String),
    /// A header has no name or no value that HTTP accepts.
    #[error(transparent)]
    Header(#[from] HttpError),
    /// A header that gRPC or HTTP/2 sets itself.
    #[error("header `{0}` is set by gRPC itself; accepted are other names")]
    ReservedHeader(String),
    /// The endpoint is not encrypted, but there are certificates to encrypt with.
    #[error(
        "certificates are given, but `{0}` is not encrypted; accepted with certificates: https://HOST[:PORT]"
    )]
    NotEncrypted(String),
    /// The host is neither a DNS name nor an IP address that a certificate could have.
    #[error("no certificate can have the host of `{0}`; accepted is a DNS name or an IP address")]
    Host(String),
    /// A certificate or key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The system has no thread, or no reactor, to give.
    #[error("the thread for gRPC calls cannot be started: {0}")]
    Thread(String),
}

/// The endpoint that a setting of the OpenTelemetry variables means: a URL, or, for gRPC alone, `HOST:PORT`, which is
/// `http` when `insecure` and `https` when not.
///
/// ```
/// use obs_export::grpc::endpoint;
/// assert_eq!(endpoint("collector:4317", false)?.to_string(), "https://collector:4317/");
/// assert_eq!(endpoint("collector:4317", true)?.to_string(), "http://collector:4317/");
/// assert_eq!(endpoint("https://collector:4317", true)?.to_string(), "https://collector:4317/");
/// # Ok::<(), obs_export::http::EndpointError>(())
/// ```
pub fn endpoint(value: &str, insecure: bool) -> Result<Endpoint, EndpointError> {
    let value = value.trim();
    if value.contains("://") || value.is_empty() {
        return value.parse();
    }
    let scheme = if insecure { "http" } else { "https" };
    format!("{scheme}://{value}").parse()
}
