//! [`Pipeline`]: one run, phase by phase, under one root span.

use crate::config::PipelineConfig;
use crate::error::RunError;
use crate::instruments::Instruments;
use crate::phases::startup::Targets;
use crate::phases::{self, Phases};
use crate::report::{RowCounts, RunOutcome, RunReport, Scored};
use crate::request::RunRequest;
use obs_metrics::Status;
use obs_trace::{Outcome, SpanGuard, span};
use std::time::Duration;

/// Runs the detector batch.
#[derive(Debug)]
pub struct Pipeline {
    config: PipelineConfig,
    instruments: Instruments,
}

impl Pipeline {
    /// A pipeline with these settings that records with these instruments.
    pub fn new(config: PipelineConfig, instruments: Instruments) -> Self {
        Self { config, instruments }
    }

    /// Takes `request` through all phases. The root span `pipeline.run` and everything below it has ended when this
    /// returns; result files and tables are written.
    pub fn run(&self, request: &RunRequest) -> Result<RunReport, RunError> {
        let started = self.instruments.tracer.now();
        let mut root = span!(self.instruments.tracer, "pipeline.run");
        obs_logs::run!(self.instruments.log, "batch started"; "inputs" => request.inputs.len());
        self.instruments.metrics.announce_equipment(&request.equipment);
        let phases = Phases::new(&self.instruments, &self.config, &request.equipment);
        let result = run(&phases, request);
        self.conclude(&mut root, request, started, &phases, result)
    }

    fn conclude(
        &self,
        root: &mut SpanGuard,
        request: &RunRequest,
        started: u64,
        phases: &Phases<'_>,
        result: Result<RunReport, RunError>,
    ) -> Result<RunReport, RunError> {
        let mut report = root.record_result(result);
        let _finalize = phases::finalize::finalize(phases);
        let elapsed = Duration::from_nanos(self.instruments.tracer.now().saturating_sub(started));
        let (status, rows) = match &mut report {
            Ok(report) => {
                report.warnings = phases.take_warnings();
                let (outcome, status) = match &report.outcome {
                    RunOutcome::Success => (Outcome::Success, Status::Success),
                    RunOutcome::Noop(reason) => {
                        obs_logs::run!(warn: self.instruments.log, "nothing to do: {reason}");
                        (Outcome::Noop, Status::Noop)
                    }
                };
                root.outcome(outcome);
                root.set("n_samples", report.rows.scored);
                (status, report.rows.scored)
            }
            Err(error) => {
                obs_logs::run!(error: self.instruments.log, "batch failed: {error}");
                (Status::Fail, 0)
            }
        };
        let (metrics, seconds) = (&self.instruments.metrics, elapsed.as_secs_f64());
        metrics.record_batch_processed(&request.equipment, seconds, rows, status);
        metrics.record_run(&request.equipment, status, seconds);
        obs_logs::run!(self.instruments.log, "batch ended";
            "outcome" => status.as_str(), "rows" => rows, "duration_ms" => seconds * 1e3);
        report
    }
}

/// The phases up to `persist`, in order.
fn run(phases: &Phases<'_>, request: &RunRequest) -> Result<RunReport, RunError> {
    let mut targets = phases::startup::startup(phases, request)?;
    let report = compute(phases, request, &mut targets)?;
    phases::persist::persist(phases, request, &report, &mut targets)?;
    Ok(report)
}

/// The phases between `startup` and `persist`.
fn compute(phases: &Phases<'_>, request: &RunRequest, targets: &mut Targets) -> Result<RunReport, RunError> {
    let mut loaded = phases::load::load(phases, request)?;
    let quality = phases::data::validate(phases, &loaded);
    if let Some(reason) = quality.noop.clone() {
        return Ok(RunReport { quality: Some(quality), ..RunReport::noop(reason, loaded.report) });
    }
    let parts = match phases::baseline::seed(phases, request, &mut loaded, &quality)? {
        Ok(parts) => parts,
        Err(reason) => {
            return Ok(RunReport { quality: Some(quality), ..RunReport::noop(reason, loaded.report) });
        }
    };
    let features = phases::features::build(phases, &parts);
    let models = phases::models::fit(phases, &features, &parts, request, targets)?;
    let raw = phases::models::score(phases, &models, &features, &parts);
    let regimes = phases::regimes::regimes(phases, &features, &parts);
    let calibrated = phases::calibrate::calibrate(phases, &models, &raw);
    let fused = phases::fusion::fusion(phases, &calibrated, &regimes, &models, &features, &parts);
    let drift = phases::drift::drift(phases, &fused, &parts);
    let outlook = phases::forecast::forecast(phases, &fused, &parts, loaded.report.cadence_seconds);
    let analytics =
        phases::analytics::generate(phases, &features, &parts, &calibrated, &outlook, &regimes, &models);

    Ok(RunReport {
        outcome: RunOutcome::Success,
        rows: RowCounts {
            read: loaded.report.rows_read + parts.baseline_rows_read,
            train: parts.train.rows() as u64,
            scored: parts.score.rows() as u64,
            dropped: loaded.report.rows_dropped + loaded.report.duplicates,
        },
        sensors: parts.score.names.clone(),
        read: loaded.report,
        quality: Some(quality),
        imputed_cells: features.imputed as u64,
        models_reused: models.reused,
        feature_hash: features.hash.clone(),
        thresholds: Some(fused.thresholds),
        episodes: fused.episodes,
        health: outlook.latest,
        drift: drift.latest(),
        rul: outlook.rul,
        rul_refusal: outlook.refusal,
        analytics: Some(analytics),
        warnings: Vec::new(),
        scored: Scored {
            axis: Some(parts.score.axis),
            breaks: parts.score.breaks,
            time: parts.score.time,
            streams: calibrated.score,
            fused: fused.score,
            threshold: fused.limits,
            episode: fused.labels,
            health: outlook.health,
            regime: regimes.score,
            drift: drift.state,
        },
    })
}
