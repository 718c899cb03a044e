//! `drift`: has the fused score's level moved?

use super::Phases;
use super::baseline::Parts;
use super::fusion::Fused;
use crate::drift::{DriftBaseline, DriftSeries, DriftState, monitor};
use obs_trace::span;

pub(crate) fn drift(phases: &Phases<'_>, fused: &Fused, parts: &Parts) -> DriftSeries {
    let mut span = span!(phases.instruments.tracer, "drift", n_samples = fused.score.len());
    let config = &phases.config.drift;
    let baseline = DriftBaseline::fit(&fused.out_of_fold, &fused.out_of_fold_breaks, config);
    let series = monitor(&fused.score, &baseline, fused.thresholds.global, &parts.score.breaks, config);
    let state = series.latest().as_str();
    span.set("state", state);
    phases.instruments.metrics.record_drift_state(phases.equipment, metric_state(series.latest()));
    obs_logs::health!(phases.log(), "drift monitored"; "state" => state, "drifting_share" => series.share());
    series
}

fn metric_state(state: DriftState) -> obs_metrics::DriftState {
    match state {
        DriftState::Stable => obs_metrics::DriftState::Stable,
        DriftState::Drifting => obs_metrics::DriftState::Drifting,
        DriftState::Fault => obs_metrics::DriftState::Fault,
    }
}
