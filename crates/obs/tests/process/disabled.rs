//! `OTEL_SDK_DISABLED`.

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
