//! `OTEL_SDK_DISABLED`, and what turns traces alone off.

use crate::example::run;
use obs_testing::{OtlpServer, PyroscopeServer};

/// CFG-03, SB-17
#[test]
fn a_disabled_sdk_sends_nothing_and_logs_still_print() {
    for (value, disabled) in [("true", true), ("TRUE", true), ("false", false), ("yes", false)] {
        let (otlp, pyroscope) = (OtlpServer::start().unwrap(), PyroscopeServer::start().unwrap());
        let (otlp_url, pyroscope_url) = (otlp.url(), pyroscope.url());
        let env = [
            ("OTEL_SDK_DISABLED", value),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", otlp_url.as_str()),
            ("ACM_PYROSCOPE_ENDPOINT", &pyroscope_url),
        ];
        let ended = run("short_batch", &env);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(otlp.http().requests().is_empty(), disabled, "{value}");
        if disabled {
            assert!(pyroscope.http().requests().is_empty());
        }
        let messages: Vec<String> =
            ended.lines().iter().map(|l| l["message"].as_str().unwrap().to_owned()).collect();
        for message in ["batch started", "detector fitted", "batch ended"] {
            assert!(messages.iter().any(|m| m == message), "{value}: {messages:?}");
        }
    }
}

/// CORE-10, CFG-10, CFG-12
#[test]
fn without_traces_no_span_is_sent_and_metrics_still_are() {
    for off in [
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OPTIMIZER_ENABLE_TRACING", "false"),
        ("AURUM_TRACING_ENABLED", "false"),
    ] {
        let otlp = OtlpServer::start().unwrap();
        let url = otlp.url();
        let ended = run("short_batch", &[off, ("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str())]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(otlp.spans().is_empty() && !otlp.metrics().is_empty(), "{off:?}");
        let lines = ended.lines();
        assert!(lines.iter().all(|line| line["message"] != "traces initialized"), "{off:?}");
    }
}
