//! `calibrate`: every stream to a robust z, by what training rows score out of fold.

use super::Phases;
use super::models::Models;
use crate::calibrate::{Calibration, is_ratio_scale};
use crate::detect::Stream;
use obs_trace::span;

/// Calibrated streams, name and values, of training rows (out of fold) and of scored rows, in the same order.
#[derive(Debug)]
pub(crate) struct Calibrated {
    pub(crate) out_of_fold: Vec<(&'static str, Vec<f64>)>,
    pub(crate) score: Vec<(&'static str, Vec<f64>)>,
}

pub(crate) fn calibrate(phases: &Phases<'_>, models: &Models, raw: &[Stream]) -> Calibrated {
    let mut span = span!(phases.instruments.tracer, "calibrate");
    let mut calibrated = Calibrated { out_of_fold: Vec::new(), score: Vec::new() };
    for healthy in models.models.iter().flat_map(|m| &m.out_of_fold.streams) {
        let Some(scored) = raw.iter().find(|s| s.name == healthy.name) else { continue };
        let ratio = is_ratio_scale(healthy.name);
        let calibration = Calibration::fit_with(&healthy.values, ratio, &phases.config.calibration);
        calibrated.out_of_fold.push((healthy.name, calibration.apply(&healthy.values)));
        calibrated.score.push((healthy.name, calibration.apply(&scored.values)));
    }
    span.set("n_streams", calibrated.score.len());
    calibrated
}
