//! `features.*`: sensors imputed and standardised by train, and the hash that names the models.

use super::Phases;
use super::baseline::Parts;
use crate::features::{Scaler, hash};
use crate::matrix::Matrix;
use obs_trace::span;

#[derive(Debug)]
pub(crate) struct Features {
    pub(crate) train: Matrix,
    pub(crate) score: Matrix,
    /// Cells filled with the training median, in both parts.
    pub(crate) imputed: usize,
    /// Hash of the training features and every parameter that shapes the models, 16 hex digits.
    pub(crate) hash: String,
}

pub(crate) fn build(phases: &Phases<'_>, parts: &Parts) -> Features {
    let tracer = &phases.instruments.tracer;
    let _span = span!(tracer, "features.build");
    let (scaler, train, imputed_train) = {
        let _span = span!(
            tracer,
            "features.compute.train",
            n_samples = parts.train.rows(),
            n_features = parts.train.sensors()
        );
        let (scaler, _) = Scaler::fit(&parts.train);
        let (train, imputed) = scaler.apply(&parts.train);
        (scaler, train, imputed)
    };
    let (score, imputed_score) = {
        let _span = span!(
            tracer,
            "features.compute.score",
            n_samples = parts.score.rows(),
            n_features = parts.score.sensors()
        );
        scaler.apply(&parts.score)
    };
    let hash = {
        let mut span = span!(tracer, "features.hash");
        // Settings are plain data and always serialise; were they not, an empty text would only miss the cache.
        let settings = serde_json::to_string(&phases.config.detect).unwrap_or_default();
        let params = format!("{settings};breaks={:?};folds={}", parts.train.breaks, crate::config::FOLDS);
        let hash = format!("{:016x}", hash(&train, &parts.train.names, &params));
        span.set("hash", hash.clone());
        hash
    };
    let imputed = imputed_train + imputed_score;
    phases.instruments.metrics.record_imputed_cells(phases.equipment, imputed as u64);
    obs_logs::feat!(phases.log(), "features built";
        "n_samples" => train.rows, "n_features" => train.cols, "imputed_cells" => imputed, "hash" => &hash);
    Features { train, score, imputed, hash }
}
