//! What one setting alone does not tell: endpoints that their protocol does not take, and plaintext on the network.

use super::load::{ConfigError, Loaded, refused};
use super::{OtlpConfig, OtlpProtocol, PushConfig, SETTINGS, TraceExporter, Url};

/// Fails on an OTLP endpoint without `http://` or `https://` where the protocol is not gRPC.
pub(super) fn schemes(loaded: &Loaded) -> Result<(), ConfigError> {
    let config = &loaded.config;
    for (own, resolved, key) in [
        (&config.traces.endpoint, config.otlp_traces(), "otlp_traces.endpoint"),
        (&config.metrics.endpoint, config.otlp_metrics(), "otlp_metrics.endpoint"),
    ] {
        let (url, key) = match own {
            Some(url) => (Some(url), key),
            None => (config.otlp.endpoint.as_ref(), "otlp.endpoint"),
        };
        let Some(url) = url.filter(|url| url.scheme().is_none()) else { continue };
        let setting = SETTINGS.iter().find(|s| s.key == key);
        if let Some(setting) = setting.filter(|_| resolved.protocol != OtlpProtocol::Grpc) {
            return Err(refused(setting, url.expose(), &loaded.provenance(key)));
        }
    }
    Ok(())
}

/// Warns of each destination beyond this machine whose connection is not encrypted.
pub(super) fn plaintext(loaded: &mut Loaded) {
    let config = &loaded.config;
    let (traces, metrics) = (config.otlp_traces(), config.otlp_metrics());
    let otlp_key = |otlp: &OtlpConfig, own| if otlp.endpoint_is_whole { own } else { "otlp.endpoint" };
    let mut destinations =
        vec![("loki.endpoint", config.loki.endpoint.clone(), pushes_credentials(&config.loki))];
    if config.records_traces() && config.trace_exporters.contains(&TraceExporter::Otlp) {
        let key = otlp_key(&traces, "otlp_traces.endpoint");
        destinations.push((key, traces.endpoint.clone(), has_credentials(&traces)));
    }
    if !config.sdk_disabled {
        let pyroscope = &config.pyroscope;
        destinations.extend([
            (
                otlp_key(&metrics, "otlp_metrics.endpoint"),
                metrics.endpoint.clone(),
                has_credentials(&metrics),
            ),
            ("pyroscope.endpoint", pyroscope.endpoint.clone(), pushes_credentials(pyroscope)),
        ]);
    }
    let mut warnings: Vec<String> = Vec::new();
    for (key, url, credentials) in destinations {
        if let Some(url) = url.filter(|url| url.scheme() == Some("http") && !url.is_loopback()) {
            let warning = warning(&loaded.provenance(key).naming(key), &url, credentials);
            // Traces and metrics may share one.
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
    }
    loaded.warnings.extend(warnings);
}

fn warning(what: &str, url: &Url, credentials: bool) -> String {
    let harm = if credentials || url.has_credentials() {
        "the credentials and the data can be read on the way"
    } else {
        "the data can be read on the way"
    };
    format!("{what} = `{url}` is not encrypted and leaves this machine: {harm}; use https://")
}

fn has_credentials(otlp: &OtlpConfig) -> bool {
    !otlp.headers.is_empty() || otlp.client_certificate.is_some()
}

fn pushes_credentials(push: &PushConfig) -> bool {
    !push.headers.is_empty()
        || push.tenant.is_some()
        || push.bearer_token.is_some()
        || push.client_certificate.is_some()
}
