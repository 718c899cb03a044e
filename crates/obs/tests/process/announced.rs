//! What is said at the start, and what is never said.

use crate::example::run;
use obs_testing::{LokiServer, OtlpServer, PyroscopeServer, Reply};
use serde_json::Value;

/// CORE-13
#[test]
fn each_destination_is_announced_by_one_info_line_with_endpoint_protocol_and_sampling() {
    let (otlp, loki) = (OtlpServer::start().unwrap(), LokiServer::start().unwrap());
    let pyroscope = PyroscopeServer::start().unwrap();
    let (otlp_url, loki_url, pyroscope_url) = (otlp.url(), loki.url(), pyroscope.url());
    let env = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", otlp_url.as_str()),
        ("ACM_LOKI_ENDPOINT", &loki_url),
        ("ACM_PYROSCOPE_ENDPOINT", &pyroscope_url),
        ("OTEL_TRACES_SAMPLER_ARG", "0.25"),
    ];
    let ended = run("short_batch", &env);
    let lines = ended.lines();
    let announced: Vec<&Value> = lines.iter().filter(|line| line["logger"] == "obs.init").collect();
    let expected = [
        ("traces initialized", &otlp_url, "OTLP/HTTP protobuf"),
        ("metrics initialized", &otlp_url, "OTLP/HTTP protobuf"),
        ("logs initialized", &"stdout".to_owned(), "JSON lines"),
        ("logs initialized", &loki_url, "Loki push, snappy protobuf"),
        ("profiles initialized", &pyroscope_url, "Pyroscope ingest, pprof"),
    ];
    assert_eq!(announced.len(), expected.len(), "{}", ended.stdout);
    for (message, endpoint, protocol) in expected {
        let line = announced.iter().find(|line| {
            let to = line["endpoint"].as_str().unwrap_or_default();
            line["message"] == message && to.starts_with(endpoint.as_str())
        });
        let line = line.unwrap_or_else(|| panic!("no `{message}` for {endpoint} in {}", ended.stdout));
        assert_eq!((&line["level"], &line["protocol"]), (&"INFO".into(), &protocol.into()));
        assert_eq!(line["sample_ratio"], 0.25);
    }
}

/// CORE-13, SEC-07
#[test]
fn a_password_goes_to_the_back_end_and_into_no_output() {
    let (otlp, loki) = (OtlpServer::start().unwrap(), LokiServer::start().unwrap());
    let echo = || Reply::Status(401, Vec::new(), b"user me with s3cret (bWU6czNjcmV0) may not".to_vec());
    for http in [otlp.http(), loki.http()] {
        http.script([echo(), echo()]);
    }
    let with_password = |url: String| url.replace("http://", "http://me:s3cret@");
    let (otlp_url, loki_url) = (with_password(otlp.url()), with_password(loki.url()));
    let env = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", otlp_url.as_str()),
        ("ACM_LOKI_ENDPOINT", &loki_url),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-token=t0psecret"),
    ];
    let ended = run("short_batch", &env);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stderr.contains("401"), "the refusal is told: {}", ended.stderr);
    let requests = otlp.http().requests();
    assert!(!requests.is_empty() && !loki.http().requests().is_empty());
    for request in &requests {
        assert_eq!(request.header("authorization"), Some("Basic bWU6czNjcmV0"));
        assert_eq!(request.header("x-token"), Some("t0psecret"));
    }
    for output in [&ended.stdout, &ended.stderr] {
        for secret in ["s3cret", "bWU6czNjcmV0", "t0psecret"] {
            assert!(!output.contains(secret), "{secret} in {output}");
        }
    }
}

/// CORE-13
#[test]
fn a_refused_setting_stops_the_start_without_showing_a_password() {
    for url in
        ["http://me:s3cret@collector:99999", "s3cret@collector:4318/x://y", "ftp://me:s3cret@collector"]
    {
        let ended = run("short_batch", &[("OTEL_EXPORTER_OTLP_ENDPOINT", url)]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.stderr.contains("OTEL_EXPORTER_OTLP_ENDPOINT"), "{}", ended.stderr);
        assert!(!ended.stderr.contains("s3cret") && ended.stdout.is_empty(), "{ended:?}");
    }
}
