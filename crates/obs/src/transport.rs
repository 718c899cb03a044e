//! How each destination is reached: endpoint and transport options, from the settings.

use crate::error::InitError;
use obs_core::config::{OtlpConfig, OtlpProtocol, PushConfig, Url};
use obs_export::http::{Compression, Endpoint, HttpError, HttpOptions, TlsOptions};
use obs_export::otlp::OtlpClient;

/// The URL of a push destination, to which its path is appended.
pub(crate) fn endpoint(url: &Url) -> Result<Endpoint, InitError> {
    Ok(url.expose().parse::<Endpoint>()?)
}

/// What one signal needs to know of OTLP.
pub(crate) struct OtlpSignal {
    /// The key that its protocol was set by.
    pub(crate) protocol: &'static str,
    /// Path over HTTP.
    pub(crate) path: &'static str,
    /// Method over gRPC.
    #[cfg_attr(not(feature = "otlp-grpc"), expect(dead_code, reason = "gRPC is not compiled in"))]
    pub(crate) method: &'static str,
    /// What its items are called.
    pub(crate) what: &'static str,
}

/// The client of one signal's OTLP receiver, and what it speaks; `None` when there is no receiver.
pub(crate) fn otlp(
    otlp: &OtlpConfig,
    signal: &OtlpSignal,
) -> Result<Option<(OtlpClient, &'static str)>, InitError> {
    let Some(url) = &otlp.endpoint else { return Ok(None) };
    if otlp.protocol == OtlpProtocol::Grpc {
        return grpc(otlp, url, signal).map(Some);
    }
    let base = endpoint(url)?;
    let base = if otlp.endpoint_is_whole { base.whole() } else { base };
    let client = OtlpClient::new(&base, signal.path, signal.what, &otlp_options(otlp)).map_err(of("otlp"))?;
    Ok(Some((client, "OTLP/HTTP protobuf")))
}

fn otlp_options(otlp: &OtlpConfig) -> HttpOptions {
    HttpOptions {
        compression: otlp.compression,
        tls: otlp_tls(otlp),
        headers: otlp.headers.clone(),
        ..HttpOptions::default().with_timeout(otlp.timeout)
    }
}

fn otlp_tls(otlp: &OtlpConfig) -> TlsOptions {
    TlsOptions {
        certificate: otlp.certificate.clone(),
        client_certificate: otlp.client_certificate.clone(),
        client_key: otlp.client_key.clone(),
    }
}

#[cfg(feature = "otlp-grpc")]
fn grpc(otlp: &OtlpConfig, url: &Url, signal: &OtlpSignal) -> Result<(OtlpClient, &'static str), InitError> {
    if otlp.compression == Compression::Zstd {
        return Err(InitError::NotWithGrpc {
            setting: "otlp.compression",
            value: otlp.compression.as_str().to_owned(),
            with: signal.protocol,
            accepts: "none or gzip",
        });
    }
    let options = obs_export::grpc::GrpcOptions {
        timeout: otlp.timeout,
        headers: otlp.headers.clone(),
        gzip: otlp.compression == Compression::Gzip,
        tls: otlp_tls(otlp),
        ..obs_export::grpc::GrpcOptions::default()
    };
    let client = OtlpClient::grpc(&endpoint(url)?, signal.method, signal.what, &options)?;
    Ok((client, "OTLP/gRPC"))
}

#[cfg(not(feature = "otlp-grpc"))]
fn grpc(otlp: &OtlpConfig, _: &Url, signal: &OtlpSignal) -> Result<(OtlpClient, &'static str), InitError> {
    Err(InitError::NeedsFeature {
        setting: signal.protocol,
        value: otlp.protocol.as_str().to_owned(),
        feature: "otlp-grpc",
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use obs_core::config::{Config, Sources};
    use std::time::Duration;

    fn config(settings: &[(&str, &str)]) -> Config {
        let builder: Vec<_> = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Config::load(&Sources { builder: &builder, ..Sources::default() }).unwrap().config
    }

    /// LOG-32
    #[test]
    fn each_destination_has_its_own_time() {
        let default = config(&[("otlp.endpoint", "https://c")]);
        let all = [otlp_options(&default.otlp_traces()), push(&default.loki), push(&default.pyroscope)];
        assert_eq!(all.map(|options| options.timeout.as_secs()), [10, 5, 10]);
        let set = config(&[("loki.timeout_ms", "50")]);
        let (options, time) = (push(&set.loki), Duration::from_millis(50));
        assert_eq!([options.timeout, options.read_timeout, options.write_timeout], [time; 3]);
    }

    #[test]
    fn the_files_of_tls_reach_the_transport() {
        let files = |section: &str| {
            let key = |name: &str| format!("{section}.{name}");
            let (ca, chain, own) = (key("certificate"), key("client_certificate"), key("client_key"));
            let to = key("endpoint");
            config(&[(&to, "https://c"), (&ca, "ca.pem"), (&chain, "client.pem"), (&own, "key.pem")])
        };
        let expected = TlsOptions {
            certificate: Some("ca.pem".into()),
            client_certificate: Some("client.pem".into()),
            client_key: Some("key.pem".into()),
        };
        assert_eq!(otlp_tls(&files("otlp").otlp_metrics()), expected);
        assert_eq!(push(&files("loki").loki).tls, expected);
        assert_eq!(push(&files("pyroscope").pyroscope).tls, expected);
    }
}
