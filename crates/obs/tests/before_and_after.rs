//! Before `init` and after the guard is gone every call stays callable and does nothing. Alone in its process.

use obs::obs_metrics::Status;
use obs::{LogOutput, log, span};
use obs_testing::{LokiServer, OtlpServer};
use std::time::Duration;

/// One of everything.
fn use_everything() -> bool {
    let mut span = span!(obs::tracer(), "fit.pca", n_samples = 10);
    span.set("n_features", 3);
    log::run!(obs::logger("acm.batch"), "batch started"; "rows" => 1500);
    obs::record_batch_processed("FD_FAN", 0.5, 10, Status::Success);
    obs::record_detector_duration("pca", "FD_FAN", 0.1);
    obs::record_health_score("FD_FAN", 50.0);
    obs::metrics().snapshot();
    span.is_recording()
}

/// CORE-09
#[test]
fn calls_outside_the_life_of_the_guard_do_nothing_and_harm_nothing() {
    let (otlp, loki) = (OtlpServer::start().unwrap(), LokiServer::start().unwrap());
    let builder = obs::builder("acm-batch").logs(LogOutput::None).silent().otlp(otlp.url()).loki(loki.url());

    assert!(!use_everything(), "before init nothing is recorded");
    let telemetry = builder.clone().init().unwrap();
    assert!(use_everything());
    let (tracer, logger, metrics) = (obs::tracer(), obs::logger("acm.batch"), obs::metrics());
    let report = telemetry.shutdown(Duration::from_secs(5));
    assert!(report.is_clean(), "{report}");
    assert!(!use_everything(), "after the guard nothing is recorded");
    // Handles that outlive the guard are as harmless.
    drop(span!(tracer, "fit.gmm"));
    log::run!(logger, "too late");
    metrics.record_health_score("FD_FAN", 1.0);

    assert_eq!(otlp.spans().len(), 1, "{:?}", otlp.spans());
    let messages: Vec<String> = loki.lines().into_iter().map(|seen| seen.line).collect();
    assert!(messages.len() == 1 && messages[0].contains("batch started"), "{messages:?}");
    let requests = otlp.http().requests().len() + loki.http().requests().len();

    // A second life in the same process is a whole one.
    let telemetry = builder.init().unwrap();
    assert!(use_everything());
    assert!(telemetry.shutdown(Duration::from_secs(5)).is_clean());
    assert_eq!((otlp.spans().len(), loki.lines().len()), (2, 2));
    assert!(otlp.http().requests().len() + loki.http().requests().len() > requests);
}
