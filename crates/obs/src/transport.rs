//! How each destination is reached: endpoint and transport options, from the settings.

use crate::error::InitError;
use obs_core::config::{OtlpConfig, OtlpProtocol, PushConfig, Url};
use obs_export::http::{Compression, Endpoint, HttpError, HttpOptions, TlsOptions};

/// The URL of a push destination, to which its path is appended.
pub(crate) fn endpoint(url: &Url) -> Result<Endpoint, InitError> {
    Ok(url.expose().parse::<Endpoint>()?)
}

/// Endpoint and options of one signal's OTLP receiver; `None` when it has none. `protocol` is the key that its protocol
/// was set by.
pub(crate) fn otlp(
    otlp: &OtlpConfig,
    protocol: &'static str,
) -> Result<Option<(Endpoint, HttpOptions)>, InitError> {
    let Some(url) = &otlp.endpoint else { return Ok(None) };
    if otlp.protocol == OtlpProtocol::Grpc {
        return Err(InitError::NeedsFeature {
            setting: protocol,
            value: otlp.protocol.as_str().to_owned(),
            feature: "otlp-grpc",
        });
    }
    let base = endpoint(url)?;
    let options = HttpOptions {
        compression: otlp.compression,
        tls: TlsOptions {
            certificate: otlp.certificate.clone(),
            client_certificate: otlp.client_certificate.clone(),
            client_key: otlp.client_key.clone(),
        },
        headers: otlp.headers.clone(),
        ..HttpOptions::default().with_timeout(otlp.timeout)
    };
    Ok(Some((if otlp.endpoint_is_whole { base.whole() } else { base }, options)))
}

/// Options of Loki or Pyroscope. A tenant or a token of its own outranks one among the headers.
pub(crate) fn push(push: &PushConfig) -> HttpOptions {
    let mut options = HttpOptions {
        compression: Compression::Gzip,
        tls: TlsOptions {
            certificate: push.certificate.clone(),
            client_certificate: push.client_certificate.clone(),
            client_key: push.client_key.clone(),
        },
        headers: push.headers.clone(),
        ..HttpOptions::default().with_timeout(push.timeout)
    };
    if let Some(tenant) = &push.tenant {
        options = options.with_tenant(tenant.clone());
    }
    if let Some(token) = &push.bearer_token {
        options = options.with_bearer(token);
    }
    options
}

/// Says whose options cannot be used.
pub(crate) fn of(destination: &'static str) -> impl Fn(HttpError) -> InitError {
    move |source| InitError::Http { destination, source }
}
