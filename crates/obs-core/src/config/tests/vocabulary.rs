//! One vocabulary over several prefixes: other names of a variable, and what contradicts or is unknown.

use super::*;
use crate::sampling::RootSampler;
use std::time::Duration;

fn config(env: &[(&str, &str)]) -> Config {
    let loaded = load(&[], env, None).unwrap();
    assert_eq!(loaded.warnings, Vec::<String>::new());
    loaded.config
}

/// CFG-09, CFG-10
#[test]
fn the_variables_of_optimizer_are_honoured() {
    let config = config(&[
        ("OPTIMIZER_LOKI_ENDPOINT", "https://loki:3100"),
        ("OPTIMIZER_ENVIRONMENT", "plant"),
        ("OPTIMIZER_ENABLE_TRACING", "false"),
        ("OPTIMIZER_TRACE_SAMPLE_RATE", "0.5"),
        ("OPTIMIZER_LOG_LEVEL", "DEBUG"),
    ]);
    assert_eq!(config.loki.endpoint.unwrap().expose(), "https://loki:3100");
    assert_eq!((config.environment.as_str(), config.traces_enabled), ("plant", false));
    assert_eq!(config.sampler.root, RootSampler::Ratio(0.5));
    assert_eq!(config.log_level, LogLevel::Debug);
}

/// CFG-10
#[test]
fn a_loki_that_is_turned_off_gets_no_lines_though_it_has_an_endpoint() {
    let endpoint = ("OPTIMIZER_LOKI_ENDPOINT", "http://loki:3100");
    assert_eq!(config(&[endpoint, ("OPTIMIZER_LOG_TO_LOKI", "false")]).loki.endpoint, None);
    let loaded = load(&[], &[endpoint, ("OPTIMIZER_LOG_TO_LOKI", "true")], None).unwrap();
    assert!(loaded.config.loki.endpoint.is_some());
}

/// CFG-11, CFG-12, CFG-16, CFG-19
#[test]
fn the_variables_of_aurum_are_honoured() {
    let config = config(&[
        ("AURUM_TRACING_ENABLED", "false"),
        ("AURUM_TRACING_SAMPLE_RATE", "0.25"),
        ("AURUM_TRACING_MAX_SPANS_PER_TRACE", "7"),
        ("AURUM_PERFORMANCE_TRACKING_ENABLED", "false"),
        ("AURUM_SLOW_QUERY_THRESHOLD_MS", "20"),
        ("AURUM_LOG_LEVEL", "error"),
        ("AURUM_LOG_FORMAT", "console"),
    ]);
    assert!(!config.traces_enabled);
    assert_eq!(config.sampler.root, RootSampler::Ratio(0.25));
    assert_eq!(config.span_limits.spans_per_trace, 7);
    let performance = PerformanceConfig { enabled: false, slow_query: Duration::from_millis(20) };
    assert_eq!(config.performance, performance);
    assert_eq!((config.log_level, config.log_format), (LogLevel::Error, Some(LogFormat::Console)));
}

/// CFG-09
#[test]
fn a_tempo_is_named_by_its_base_and_reached_over_grpc_at_the_port_of_grpc() {
    let receiver = |env: &[(&str, &str)]| {
        let traces = load(&[], env, None).unwrap().config.otlp_traces();
        (traces.endpoint.unwrap().expose().to_owned(), traces.protocol)
    };
    for (endpoint, reached, protocol) in [
        ("http://tempo:4317", "http://tempo:4317", OtlpProtocol::Grpc),
        ("tempo:4317", "https://tempo:4317", OtlpProtocol::Grpc),
        ("http://tempo:4318", "http://tempo:4318/v1/traces", OtlpProtocol::HttpProtobuf),
        ("http://tempo:3200/push", "http://tempo:3200/push", OtlpProtocol::HttpProtobuf),
    ] {
        assert_eq!(receiver(&[("OPTIMIZER_TEMPO_ENDPOINT", endpoint)]), (reached.to_owned(), protocol));
    }
    let told =
        [("OPTIMIZER_TEMPO_ENDPOINT", "http://t:4317"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")];
    assert_eq!(receiver(&told), ("http://t:4317/v1/traces".to_owned(), OtlpProtocol::HttpProtobuf));
    // The variable of OpenTelemetry is taken as it is.
    let own = [("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://t:4317")];
    assert_eq!(receiver(&own), ("http://t:4317".to_owned(), OtlpProtocol::HttpProtobuf));
}

/// CFG-22
#[test]
fn the_first_variable_of_a_setting_counts_and_another_value_elsewhere_is_a_warning_that_names_both() {
    let env = [
        ("AURUM_TRACING_SAMPLE_RATE", "0.5"),
        ("OPTIMIZER_TRACE_SAMPLE_RATE", "0.10"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.1"),
    ];
    let loaded = load(&[], &env, None).unwrap();
    assert_eq!(loaded.config.sampler.root, RootSampler::Ratio(0.1));
    assert_eq!(loaded.provenance("traces.sample_ratio"), Provenance::Environment("OTEL_TRACES_SAMPLER_ARG"));
    // 0.10 is the same number.
    assert_eq!(
        loaded.warnings,
        ["OTEL_TRACES_SAMPLER_ARG = `0.1` is used, not AURUM_TRACING_SAMPLE_RATE = `0.5`: both set \
          traces.sample_ratio"]
    );
    let loaded = load(&[], &env[..2], None).unwrap();
    assert_eq!(
        loaded.provenance("traces.sample_ratio"),
        Provenance::Environment("OPTIMIZER_TRACE_SAMPLE_RATE")
    );
    let loaded = load(&[("traces.sample_ratio", "1")], &env, None).unwrap();
    assert_eq!(loaded.warnings, Vec::<String>::new(), "the program has the last word");
}

/// CFG-22
#[test]
fn variables_stand_in_the_order_of_their_prefixes() {
    let rank = |name: &str| {
        let prefixes = ["OTEL_", "OBS_", "ACM_", "OPTIMIZER_", "AURUM_"];
        prefixes.iter().position(|prefix| name.starts_with(prefix)).unwrap()
    };
    for setting in &SETTINGS {
        assert!(setting.variables().is_sorted_by_key(rank), "{}", setting.key);
    }
}

/// CFG-22
#[test]
fn an_unknown_variable_of_obs_is_warned_of_and_one_of_others_is_not() {
    let loaded = load(&[], &[("OBS_SPOLL_DIR", "/x"), ("OTEL_NEW", "1"), ("HOME", "/h")], None).unwrap();
    assert_eq!(
        loaded.warnings,
        ["OBS_SPOLL_DIR is set but no setting has this variable: see docs/reference/environment.md"]
    );
}
