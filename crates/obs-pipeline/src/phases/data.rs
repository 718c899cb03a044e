//! `data.validate`: the frame against the data contract.

use super::Phases;
use crate::input::Loaded;
use crate::input::quality::{Quality, validate as judge};
use obs_trace::{Outcome, span};

pub(crate) fn validate(phases: &Phases<'_>, loaded: &Loaded) -> Quality {
    let mut span = span!(phases.instruments.tracer, "data.validate", n_samples = loaded.frame.rows());
    let quality = judge(&loaded.frame, &phases.config.contract);
    for reason in &quality.reasons {
        obs_logs::data!(warn: phases.log(), "data contract: {reason}");
        phases.warned(reason.clone());
    }
    let usable = quality.usable.iter().filter(|u| **u).count();
    span.set("n_features", usable);
    span.set("quality_score", quality.score);
    if quality.noop.is_some() {
        span.outcome(Outcome::Noop);
    }
    phases.instruments.metrics.record_data_quality(phases.equipment, quality.score);
    obs_logs::data!(phases.log(), "data validated";
        "quality_score" => quality.score, "usable_sensors" => usable, "sensors" => quality.sensors.len());
    quality
}
