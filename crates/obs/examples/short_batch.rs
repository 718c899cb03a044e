//! A batch of a few milliseconds, configured by the environment alone. Dropping the guard delivers everything.
//!
//! Try it with `OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318` and `ACM_LOKI_ENDPOINT=http://localhost:3100`.

use obs::obs_metrics::Status;
use obs::{InitError, RunContext, log, span};

fn main() -> Result<(), InitError> {
    let _telemetry = obs::init("acm-batch")?;
    obs::set_context(RunContext {
        equipment: Some("FD_FAN".to_owned()),
        equip_id: Some(7),
        ..RunContext::default()
    });
    let logger = obs::logger("acm.batch");
    let _run = span!(obs::tracer(), "pipeline.run");
    log::run!(logger, "batch started"; "rows" => 1500);
    {
        let _fit = span!(obs::tracer(), "fit.pca", n_samples = 1500, n_features = 9);
        log::model!(logger, "detector fitted"; "detector" => "pca");
    }
    obs::record_batch_processed("FD_FAN", 0.012, 1500, Status::Success);
    obs::record_health_score("FD_FAN", 98.5);
    log::run!(logger, "batch ended");
    Ok(())
}
