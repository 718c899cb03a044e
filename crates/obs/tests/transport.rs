//! Settings of destinations reach the wire: credentials, compression, paths, times; and what is refused at start.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail their test")]

use obs::{Builder, LogOutput, Telemetry, log, span};
use obs_testing::http::{HttpServer, Request, Response};
use obs_testing::{LokiServer, OtlpServer, PyroscopeServer};
use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(5);

fn builder(settings: &[(&str, &str)]) -> Builder {
    let quiet = obs::builder("acm-batch").logs(LogOutput::None).silent();
    settings.iter().fold(quiet, |builder, (key, value)| builder.set(key, *value))
}

fn work(telemetry: &Telemetry) {
    for i in 0..100 {
        let _span = span!(telemetry.tracer(), "fit.pca", n_samples = i);
        log::model!(telemetry.logger("acm.batch"), "fitted {i}");
    }
}

fn refused(settings: &[(&str, &str)]) -> String {
    builder(settings).build_isolated().unwrap_err().to_string()
}

fn path(requests: &[Request]) -> Vec<&str> {
    let mut paths: Vec<&str> = requests.iter().map(Request::path).collect();
    paths.dedup();
    paths
}

/// SEC-07
#[test]
fn loki_and_pyroscope_get_their_tenant_their_token_and_their_headers() {
    let (loki, pyroscope) = (LokiServer::start().unwrap(), PyroscopeServer::start().unwrap());
    let telemetry = builder(&[
        ("loki.endpoint", &loki.url()),
        ("loki.tenant", "plant-9"),
        ("loki.bearer_token", "t0ken"),
        ("loki.headers", "x-key=a%20b"),
        ("pyroscope.endpoint", &pyroscope.url()),
        ("pyroscope.tenant", "plant-10"),
    ])
    .build_isolated()
    .unwrap();
    work(&telemetry);
    // Samples are taken by CPU time, so that much is spent.
    let mut spent = 0_u64;
    while pyroscope.http().requests().is_empty() && spent < 1 << 36 {
        for i in 0..1 << 22 {
            spent = std::hint::black_box(spent + (i & 1));
        }
        drop(telemetry.flush(DEADLINE));
    }
    assert!(telemetry.shutdown(DEADLINE).is_clean());
    let requests = loki.http().requests();
    let header = |name| requests[0].header(name);
    assert_eq!(header("x-scope-orgid"), Some("plant-9"));
    assert_eq!(header("authorization"), Some("Bearer t0ken"));
    assert_eq!(header("x-key"), Some("a b"));
    assert_eq!(pyroscope.http().requests()[0].header("x-scope-orgid"), Some("plant-10"));
}

/// CFG-02: a receiver of one signal is used as it is, that of all gets the signal's path.
#[test]
fn each_signal_goes_to_its_own_receiver_by_its_own_path() {
    let all = OtlpServer::start().unwrap();
    let traces = HttpServer::start(|_| Response::new(200)).unwrap();
    let telemetry = builder(&[
        ("otlp.endpoint", &all.url()),
        ("otlp.headers", "x-key=all"),
        ("otlp_traces.endpoint", &format!("{}/push/here", traces.url())),
        ("otlp_traces.headers", "x-key=traces"),
        ("otlp_traces.compression", "none"),
    ])
    .build_isolated()
    .unwrap();
    work(&telemetry);
    assert!(telemetry.shutdown(DEADLINE).is_clean());
    let (all, traces) = (all.http().requests(), traces.requests());
    assert_eq!((path(&all), path(&traces)), (vec!["/v1/metrics"], vec!["/push/here"]));
    assert_eq!((all[0].header("x-key"), traces[0].header("x-key")), (Some("all"), Some("traces")));
    assert_eq!(
        (all[0].header("content-encoding"), traces[0].header("content-encoding")),
        (Some("gzip"), None)
    );
    assert!(traces[0].raw_body.len() > 1024);
}

#[test]
fn zstd_is_what_the_receiver_gets_where_it_is_asked_for() {
    let receiver = HttpServer::start(|_| Response::new(200)).unwrap();
    let telemetry = builder(&[("otlp.endpoint", &receiver.url()), ("otlp.compression", "zstd")]);
    let telemetry = telemetry.build_isolated().unwrap();
    work(&telemetry);
    assert!(telemetry.shutdown(DEADLINE).is_clean());
    let requests = receiver.requests();
    let traces = requests.iter().find(|r| r.path() == "/v1/traces").unwrap();
    assert_eq!(traces.header("content-encoding"), Some("zstd"));
    assert!(traces.raw_body.starts_with(&0xFD2F_B528_u32.to_le_bytes()), "the magic number of zstd");
}

/// CORE-08: never silently something else than was asked for.
#[cfg(not(feature = "otlp-grpc"))]
#[test]
fn grpc_is_an_error_that_names_the_feature_it_needs() {
    let grpc = [("otlp.endpoint", "http://localhost:4317"), ("otlp.protocol", "grpc")];
    let message = refused(&grpc);
    assert!(message.starts_with("otlp.protocol = `grpc` needs the feature `otlp-grpc`"), "{message}");
    let message = refused(&[grpc[0], ("otlp_metrics.protocol", "grpc")]);
    assert!(message.starts_with("otlp_metrics.protocol = `grpc` needs"), "{message}");
    // Nobody sends there.
    assert!(builder(&grpc[1..]).build_isolated().is_ok());
}

/// SEC-06
#[test]
fn a_certificate_that_cannot_be_used_is_an_error_at_start_that_names_destination_and_file() {
    for (section, endpoint) in [
        ("otlp", "https://c"),
        ("loki", "https://l"),
        ("pyroscope", "https://p"),
        ("otlp_metrics", "https://m"),
    ] {
        for file in ["certificate", "client_certificate", "client_key"] {
            let (to, key) = (format!("{section}.endpoint"), format!("{section}.{file}"));
            let message = refused(&[(&to, endpoint), (&key, "/nonexistent/x.pem")]);
            assert!(message.contains("/nonexistent/x.pem"), "{message}");
            let destination = section.split('_').next().unwrap();
            assert!(message.starts_with(&format!("{destination}: ")), "{message}");
        }
    }
}

/// CORE-08
#[cfg(feature = "otlp-grpc")]
#[test]
fn traces_and_metrics_go_over_grpc_when_the_protocol_says_so() {
    let collector = obs_testing::OtlpGrpcServer::start().unwrap();
    let telemetry = builder(&[
        ("otlp.endpoint", &collector.url()),
        ("otlp.protocol", "grpc"),
        ("otlp.headers", "x-key=a%20b"),
    ])
    .build_isolated()
    .unwrap();
    work(&telemetry);
    telemetry.metrics().record_health_score("PRESS_7", 98.5);
    assert!(telemetry.shutdown(DEADLINE).is_clean());
    assert_eq!(collector.seen().spans.len(), 100);
    assert!(collector.seen().metrics.iter().any(|seen| seen.metric.name == "acm_health_score"));
}

#[cfg(feature = "otlp-grpc")]
#[test]
fn compression_that_grpc_does_not_have_is_an_error_that_says_which_it_has() {
    let said = refused(&[
        ("otlp.endpoint", "http://localhost:4317"),
        ("otlp.protocol", "grpc"),
        ("otlp.compression", "zstd"),
    ]);
    let expected =
        "otlp.compression = `zstd` is not accepted with otlp.protocol = `grpc`: expected none or gzip";
    assert_eq!(said, expected);
}
