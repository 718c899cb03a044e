//! Where signals go: OTLP for all and for one, Loki, Pyroscope, the spool; and what is warned of.

use super::*;
use std::path::PathBuf;
use std::time::Duration;

fn config(env: &[(&str, &str)]) -> Config {
    load(&[], env, None).unwrap().config
}

/// CFG-02
#[test]
fn what_one_signal_is_told_beats_what_all_are_told() {
    let config = config(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://all:4318"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=1"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "2000"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "none"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/all/ca.pem"),
        ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "/all/key.pem"),
        ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "/all/client.pem"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://tempo/push"),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "b=2"),
        ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "3000"),
        ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "zstd"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "/traces/ca.pem"),
        ("OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "/traces/key.pem"),
        ("OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", "/traces/client.pem"),
        ("OTEL_EXPORTER_OTLP_TRACES_INSECURE", "true"),
    ]);
    let secret = |name: &str, value: &str| vec![(name.to_owned(), crate::Secret::new(value))];
    let path = |text: &str| Some(PathBuf::from(text));
    let traces = config.otlp_traces();
    assert_eq!(traces.endpoint.as_ref().unwrap().expose(), "https://tempo/push");
    let expected = OtlpConfig {
        endpoint: traces.endpoint.clone(),
        endpoint_is_whole: true,
        headers: secret("b", "2"),
        timeout: Duration::from_secs(3),
        compression: Compression::Zstd,
        protocol: OtlpProtocol::Grpc,
        certificate: path("/traces/ca.pem"),
        client_key: path("/traces/key.pem"),
        client_certificate: path("/traces/client.pem"),
        insecure: true,
    };
    assert_eq!(traces, expected);
    let metrics = config.otlp_metrics();
    assert_eq!(metrics.endpoint.as_ref().unwrap().expose(), "https://all:4318");
    let expected = OtlpConfig {
        endpoint: metrics.endpoint.clone(),
        headers: secret("a", "1"),
        timeout: Duration::from_secs(2),
        compression: Compression::None,
        certificate: path("/all/ca.pem"),
        client_key: path("/all/key.pem"),
        client_certificate: path("/all/client.pem"),
        ..OtlpConfig::default()
    };
    assert_eq!(metrics, expected);
}

#[test]
fn one_signal_alone_can_have_a_receiver() {
    let config = config(&[("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "https://mimir/otlp/v1/metrics")]);
    assert_eq!(config.otlp_traces().endpoint, None);
    assert!(config.otlp_metrics().endpoint_is_whole);
}

/// CORE-08
#[test]
fn an_endpoint_without_scheme_is_for_grpc_and_encrypted_unless_told_otherwise() {
    let base = [("OTEL_EXPORTER_OTLP_ENDPOINT", "tempo:4317"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")];
    let loaded = load(&[], &base, None).unwrap();
    assert_eq!(loaded.config.otlp_traces().endpoint.unwrap().expose(), "https://tempo:4317");
    assert_eq!(loaded.warnings, Vec::<String>::new());
    let insecure = [base[0], base[1], ("OTEL_EXPORTER_OTLP_INSECURE", "true")];
    let loaded = load(&[], &insecure, None).unwrap();
    assert_eq!(loaded.config.otlp_traces().endpoint.unwrap().expose(), "http://tempo:4317");
    assert!(loaded.warnings[0].contains("`http://tempo:4317` is not encrypted"), "{:?}", loaded.warnings);
    // Only traces are gRPC: for metrics the same endpoint lacks its scheme.
    let mixed = [base[0], ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc")];
    let error = load(&[], &mixed, None).unwrap_err().to_string();
    assert!(error.starts_with("OTEL_EXPORTER_OTLP_ENDPOINT = `tempo:4317` is not accepted"), "{error}");
}

/// SEC-07, LOG-32
#[test]
fn loki_and_pyroscope_have_their_own_credentials_and_times() {
    let config = config(&[
        ("ACM_LOKI_ENDPOINT", "https://loki"),
        ("OBS_LOKI_HEADERS", "x-key=a%20b"),
        ("OBS_LOKI_TENANT", "plant"),
        ("OBS_LOKI_BEARER_TOKEN", "t0ken"),
        ("OBS_LOKI_CERTIFICATE", "ca.pem"),
        ("OBS_PYROSCOPE_TIMEOUT", "1"),
        ("OBS_PYROSCOPE_CLIENT_KEY", "key.pem"),
        ("OBS_PYROSCOPE_CLIENT_CERTIFICATE", "client.pem"),
    ]);
    assert_eq!(config.loki.headers[0].1.expose(), "a b");
    assert_eq!(config.loki.tenant.unwrap().expose(), "plant");
    assert_eq!(config.loki.bearer_token.unwrap().expose(), "t0ken");
    assert_eq!(config.loki.certificate, Some("ca.pem".into()));
    assert_eq!(config.loki.timeout, Duration::from_secs(5));
    assert_eq!(config.pyroscope.timeout, Duration::from_millis(1));
    assert_eq!(config.pyroscope.client_key, Some("key.pem".into()));
    assert_eq!(config.pyroscope.client_certificate, Some("client.pem".into()));
    assert_eq!((config.pyroscope.tenant, config.pyroscope.certificate), (None, None));
}

#[test]
fn the_spool_is_off_until_it_has_a_folder() {
    assert_eq!(config(&[]).spool, SpoolConfig::default());
    let spool = config(&[
        ("OBS_SPOOL_DIR", "/var/spool/obs"),
        ("OBS_SPOOL_MAX_BYTES", "1048576"),
        ("OBS_SPOOL_MAX_AGE", "60"),
    ])
    .spool;
    let expected = SpoolConfig {
        dir: Some("/var/spool/obs".into()),
        max_bytes: 1 << 20,
        max_age: Duration::from_mins(1),
    };
    assert_eq!(spool, expected);
}

/// CFG-08
#[test]
fn the_level_of_obs_itself_is_read_in_any_case_and_a_bad_one_is_a_warning() {
    for (value, level) in [("debug", crate::DiagLevel::Debug), ("NONE", crate::DiagLevel::None)] {
        assert_eq!(config(&[("OTEL_LOG_LEVEL", value)]).diag_level, level);
    }
    let loaded = load(&[], &[("OTEL_LOG_LEVEL", "verbose")], None).unwrap();
    assert_eq!(loaded.config.diag_level, crate::DiagLevel::Warn);
    assert!(loaded.warnings[0].ends_with("; using warn"), "{:?}", loaded.warnings);
}

/// SEC-06
#[test]
fn plaintext_beyond_this_machine_is_a_warning_and_names_credentials_that_are_at_stake() {
    let quiet = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "k=v"),
        ("ACM_LOKI_ENDPOINT", "http://127.0.0.1:3100"),
        ("ACM_PYROSCOPE_ENDPOINT", "https://pyroscope"),
    ];
    assert_eq!(load(&[], &quiet, None).unwrap().warnings, Vec::<String>::new());

    let one = load(&[], &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318")], None).unwrap();
    assert_eq!(
        one.warnings,
        [
            "OTEL_EXPORTER_OTLP_ENDPOINT = `http://collector:4318` is not encrypted and leaves this machine: the data \
          can be read on the way; use https://"
        ]
    );
    for at_stake in [
        vec![("ACM_LOKI_ENDPOINT", "http://u:hunter2@loki:3100")],
        vec![("ACM_LOKI_ENDPOINT", "http://loki:3100"), ("OBS_LOKI_BEARER_TOKEN", "hunter2")],
        vec![("ACM_LOKI_ENDPOINT", "http://loki:3100"), ("OBS_LOKI_HEADERS", "k=hunter2")],
        vec![("ACM_LOKI_ENDPOINT", "http://loki:3100"), ("OBS_LOKI_CLIENT_CERTIFICATE", "c.pem")],
        vec![("ACM_PYROSCOPE_ENDPOINT", "http://p"), ("OBS_PYROSCOPE_TENANT", "hunter2")],
        vec![
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://t/?k=hunter2"),
            ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "k=hunter2"),
        ],
    ] {
        let warnings = load(&[], &at_stake, None).unwrap().warnings;
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].contains("the credentials and the data can be read"), "{warnings:?}");
        assert!(warnings[0].starts_with(at_stake[0].0) && !warnings[0].contains("hunter2"), "{warnings:?}");
    }
}

#[test]
fn what_is_disabled_is_not_warned_of() {
    let env = [("OTEL_SDK_DISABLED", "true"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318")];
    assert_eq!(load(&[], &env, None).unwrap().warnings, Vec::<String>::new());
    for off in [("OBS_TRACES_ENABLED", "false"), ("OTEL_TRACES_EXPORTER", "none")] {
        let env = [off, ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector:4318")];
        assert_eq!(load(&[], &env, None).unwrap().warnings, Vec::<String>::new());
    }
}
