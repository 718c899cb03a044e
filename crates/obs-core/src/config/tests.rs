//! Precedence, provenance and every way to be refused.

use super::*;
use std::collections::{HashMap, HashSet};
use std::path::Path;

mod destinations;
mod resource;
mod traces;
mod vocabulary;

fn load(builder: &[(&str, &str)], env: &[(&str, &str)], file: Option<&Path>) -> Result<Loaded, ConfigError> {
    let builder: Vec<_> = builder.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let variables: Vec<String> = env.iter().map(|(name, _)| (*name).to_owned()).collect();
    let env: HashMap<_, _> = env.iter().copied().collect();
    let lookup = |name: &str| env.get(name).map(|v| (*v).to_owned());
    Config::load(&Sources { builder: &builder, env: &lookup, variables: &variables, file })
}

fn file(content: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), content).unwrap();
    file
}

/// CFG-01, CFG-02, CFG-05..07, SB-18
#[test]
fn nothing_set_gives_the_documented_defaults() {
    let config = load(&[], &[], None).unwrap().config;
    assert_eq!(config, Config::default());
    assert_eq!(config.service_name, "acm");
    assert_eq!((config.otlp.endpoint, config.pyroscope.endpoint), (None, None));
    assert_eq!(config.log_level, LogLevel::Info);
}

#[test]
fn the_table_and_the_default_value_agree() {
    for setting in SETTINGS.iter().filter(|s| !s.default.is_empty() && s.key != "log.format") {
        let set = load(&[(setting.key, setting.default)], &[], None).unwrap().config;
        assert_eq!(set, Config::default(), "{}", setting.key);
    }
}

/// CFG-01
#[test]
fn builder_beats_environment_beats_file_beats_default() {
    let file = file("[service]\nname = \"from-file\"\nenvironment = \"plant\"\n[profile]\nhz = 50\n");
    let env = [("OTEL_SERVICE_NAME", "from-env"), ("OBS_PROFILE_HZ", "")];
    let loaded = load(&[], &env, Some(file.path())).unwrap();
    assert_eq!(loaded.config.service_name, "from-env");
    assert_eq!(loaded.config.environment, "plant");
    assert_eq!(loaded.config.profile_hz, 50, "an empty variable counts as unset");
    assert_eq!(loaded.provenance("service.name"), Provenance::Environment("OTEL_SERVICE_NAME"));
    assert_eq!(loaded.provenance("profile.hz"), Provenance::File(file.path().to_owned()));
    assert_eq!(loaded.provenance("log.level"), Provenance::Default);
    let loaded = load(&[("service.name", "from-code")], &env, Some(file.path())).unwrap();
    assert_eq!(loaded.config.service_name, "from-code");
    assert_eq!(loaded.provenance("service.name"), Provenance::Builder);
}

/// CFG-03, SB-17
#[test]
fn the_sdk_is_disabled_by_true_in_any_case() {
    for value in ["true", "TRUE", "True"] {
        assert!(load(&[], &[("OTEL_SDK_DISABLED", value)], None).unwrap().config.sdk_disabled);
    }
    assert!(!load(&[], &[("OTEL_SDK_DISABLED", "false")], None).unwrap().config.sdk_disabled);
}

/// CFG-01..08: for every setting, so that none is forgotten.
#[test]
fn a_bad_value_of_any_setting_is_one_line_that_names_variable_value_and_what_is_accepted() {
    for setting in SETTINGS {
        let bad = "b\u{1}d, t=%zz";
        for variable in setting.variables() {
            let said = match load(&[], &[(variable, bad)], None) {
                Ok(loaded) if setting.lenient || setting.key == "resource.attributes" => {
                    loaded.warnings[0].clone()
                }
                Err(error) if !setting.lenient => error.to_string(),
                other => panic!("{variable}: {other:?}"),
            };
            let shown = if setting.secret { "***" } else { "b\\u{1}d, t=%zz" };
            let expected = match setting.key {
                // Each pair is judged on its own.
                "resource.attributes" => format!("{variable}: `b\\u{{1}}d` is not accepted: expected"),
                _ => format!("{variable} = `{shown}` is not accepted: expected {}", setting.accepts),
            };
            assert!(said.starts_with(&expected), "{said}");
            assert!(!said.contains(['\n', '\u{1}']), "{said}");
            assert!(!variable.is_empty() && !setting.doc.is_empty(), "{}", setting.key);
        }
    }
}

#[test]
fn keys_and_variables_are_each_used_once() {
    let mut seen = HashSet::new();
    for setting in &SETTINGS {
        assert!(seen.insert(setting.key), "{}", setting.key);
        for variable in setting.variables() {
            assert!(seen.insert(variable), "{variable}");
        }
    }
}

#[test]
fn a_bad_value_is_one_error_that_names_variable_value_and_what_is_accepted() {
    let cases = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318", "http:// or https://"),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "localhost:4318", "http:// or https://"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://", "http:// or https://"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "http/protobuf or grpc"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "br", "none, gzip or zstd"),
        ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "0", "whole milliseconds"),
        ("OTEL_EXPORTER_OTLP_INSECURE", "yes", "true or false"),
        ("ACM_LOKI_ENDPOINT", "http://loki:99999", "http:// or https://"),
        ("ACM_PYROSCOPE_ENDPOINT", "ftp://x", "http:// or https://"),
        ("ACM_LOG_LEVEL", "loud", "trace, debug, info"),
        ("ACM_LOG_FORMAT", "xml", "json or console"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1s", "whole milliseconds"),
        (
            "OTEL_TRACES_SAMPLER",
            "jaeger_remote",
            "always_on, always_off, traceidratio, parentbased_always_on",
        ),
        ("OTEL_TRACES_EXPORTER", "zipkin", "otlp and console"),
        ("OTEL_TRACES_EXPORTER", "none,otlp", "or none"),
        ("OTEL_PROPAGATORS", "tracecontext,b3", "tracecontext and baggage"),
        ("OTEL_SPAN_EVENT_COUNT_LIMIT", "-1", "from 0 to 4294967295"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0", "from 1 to 16777216"),
        ("OBS_TRACES_MAX_PER_SECOND", "0", "above 0"),
        ("OBS_TRACES_SAMPLE_NAMES", "fit.*=0.1,score.*=2", "name=ratio pairs"),
        ("OBS_TRACES_SAMPLE_NAMES", "f*t=0.1", "name=ratio pairs"),
        ("OBS_TRACES_SAMPLE_NAMES", ".*=0.1", "name=ratio pairs"),
        ("OBS_TRACES_TAIL_MAX_BYTES", "1000", "at least 1048576"),
        ("OBS_RESOURCE_DETECTORS", "aws", "host, process, container and k8s"),
        ("AURUM_SLOW_QUERY_THRESHOLD_MS", "1s", "whole milliseconds"),
        ("OBS_PROFILE_HZ", "0", "1 to 1000"),
        ("OBS_PROFILE_HZ", "99.5", "1 to 1000"),
        ("OBS_SPOOL_MAX_BYTES", "1048575", "at least 1048576"),
        ("OBS_SPOOL_MAX_AGE", "0", "whole seconds"),
        ("OTEL_SERVICE_NAME", "a\nb", "control character"),
    ];
    for (name, value, accepted) in cases {
        let error = load(&[], &[(name, value)], None).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(accepted), "{error}");
        assert!(error.contains(&value.escape_debug().to_string()), "{error}");
        assert!(!error.contains('\n'), "{error}");
    }
}

/// SEC-07
#[test]
fn secrets_are_shown_neither_by_errors_nor_by_the_value() {
    for setting in SETTINGS.iter().filter(|s| s.secret) {
        let error = load(&[], &[(setting.env, "hunter2\u{1}")], None).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        let good = if setting.key.ends_with("headers") { "k=hunter2" } else { "hunter2" };
        let loaded = load(&[], &[(setting.env, good)], None).unwrap();
        assert!(!format!("{loaded:?}").contains("hunter2"), "{}", setting.env);
    }
    for setting in SETTINGS.iter().filter(|s| s.key.ends_with(".endpoint")) {
        for bad in ["ftp://c/?k=hunter2", "http://u:hunter2@c:0", "c?hunter2"] {
            let error = load(&[], &[(setting.env, bad)], None).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
        let loaded = load(&[], &[(setting.env, "http://u:hunter2@c/?k=hunter2")], None).unwrap();
        assert!(!format!("{loaded:?}").contains("hunter2"), "{loaded:?}");
    }
}

#[test]
fn headers_are_percent_decoded() {
    let env = [("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Basic%20dTpw, x-scope-orgid=plant")];
    let headers = load(&[], &env, None).unwrap().config.otlp_traces().headers;
    assert_eq!(headers[0].0, "authorization");
    assert_eq!(headers[0].1.expose(), "Basic dTpw");
    assert_eq!(headers[1].1.expose(), "plant");
}

#[test]
fn files_that_cannot_be_used_say_why() {
    let missing = load(&[], &[], Some(Path::new("/nonexistent/obs.toml"))).unwrap_err().to_string();
    assert!(missing.contains("/nonexistent/obs.toml"), "{missing}");
    let broken = file("[otlp\n");
    assert!(load(&[], &[], Some(broken.path())).unwrap_err().to_string().contains("not valid TOML"));
    let unknown = file("[otlp]\nendpiont = \"http://x\"\n");
    let error = load(&[], &[], Some(unknown.path())).unwrap_err().to_string();
    assert!(error.contains("`otlp.endpiont`") && error.contains("otlp.endpoint"), "{error}");
    let bare = file("name = 3\n");
    assert!(load(&[], &[], Some(bare.path())).unwrap_err().to_string().contains("`name`"));
    let error = load(&[("no.such", "1")], &[], None).unwrap_err().to_string();
    assert!(error.contains("`no.such` in the builder"), "{error}");
}
