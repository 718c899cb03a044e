//! One import is enough: everything a batch needs is in `obs`. Alone in its process, because it installs the globals.

use obs::config::ConfigError;
use obs::obs_metrics::Status;
use obs::{
    Builder, Config, Finished, InitError, LogOutput, Metrics, RunContext, ShutdownReport, SpanGuard,
    Telemetry, Tracer, log, span,
};
use std::time::Duration;

/// CORE-01, CORE-16
#[test]
fn a_batch_is_written_against_this_one_crate() -> Result<(), InitError> {
    let builder: Builder = obs::builder("acm-batch").logs(LogOutput::None);
    let telemetry: Telemetry = builder.on_span_end(|_| {}).init()?;
    obs::set_context(RunContext { equipment: Some("FD_FAN".to_owned()), ..RunContext::default() });
    let (tracer, logger): (Tracer, obs::slog::Logger) = (obs::tracer(), obs::logger("acm.batch"));
    {
        let mut root: SpanGuard = span!(tracer, "pipeline.run", n_samples = 1500);
        root.set("n_features", 9);
        log::run!(logger, "batch started"; "rows" => 1500);
        log::cfg!(logger, "configured");
        log::data!(logger, "loaded"; "row_count" => 1500);
        log::feat!(logger, "features built");
        log::model!(logger, "fitted {}", "pca");
        log::score!(logger, "scored");
        log::fuse!(logger, "fused");
        log::perf!(logger, "detector.fit"; "duration_ms" => 234.5);
        log::health!(logger, "health {:.1}", 98.5);
        log::rul!(logger, "remaining life");
        log::forecast!(logger, "forecast");
        log::sql!(warn: logger, "slow");
        log::info!(logger, "plain");
    }
    let metrics: Metrics = obs::metrics();
    obs::record_batch_processed("FD_FAN", 0.5, 1500, Status::Success);
    obs::record_detector_duration("pca", "FD_FAN", 0.1);
    assert!(obs::record_health_score("FD_FAN", 98.5));
    assert!(!obs::record_health_score("FD_FAN", f64::NAN) && !obs::record_health_score("FD_FAN", 101.0));

    let counts = telemetry.logs().counts();
    assert_eq!(counts.total(), 13);
    let categories: Vec<&str> =
        counts.categories().filter(|(_, n)| *n == 1).map(|(c, _)| c.as_str()).collect();
    let twelve =
        ["RUN", "CFG", "DATA", "FEAT", "MODEL", "SCORE", "FUSE", "PERF", "HEALTH", "RUL", "FORECAST", "SQL"];
    assert!(twelve.iter().all(|c| categories.contains(c)), "{categories:?}");
    let text = obs::obs_metrics::exposition::openmetrics(&metrics.snapshot());
    assert!(text.contains("acm_stage_duration_seconds_count{stage=\"pipeline.run\""), "{text}");
    assert!(text.contains("acm_health_score{equipment=\"FD_FAN\"} 98.5"), "{text}");

    let finished: Finished = telemetry.finish(Duration::from_secs(5));
    let report: ShutdownReport = finished.report;
    assert!(report.signals.is_balanced() && finished.profile.is_none());
    Ok(())
}

/// Errors are values of this crate too, and say what is accepted.
#[test]
fn a_bad_setting_is_an_error_that_names_it() {
    let error = obs::builder("acm-batch").set("log.level", "loud").load();
    let Err(InitError::Config(ConfigError::Value { what, value, .. })) = &error else {
        panic!("{error:?}");
    };
    assert_eq!((what.as_str(), value.as_str()), ("log.level", "loud"));
    assert_eq!(Config::default().service_name, "acm");
}
