//! `regimes.*`: which operating state each row is in.

use super::Phases;
use super::baseline::Parts;
use super::features::Features;
use crate::regimes::{UNKNOWN, fit};
use obs_trace::{Outcome, span};

/// Regime of every training row and every scored row; all unknown where none could be found.
#[derive(Debug)]
pub(crate) struct Regimes {
    pub(crate) train: Vec<i32>,
    pub(crate) score: Vec<i32>,
}

pub(crate) fn regimes(phases: &Phases<'_>, features: &Features, parts: &Parts) -> Regimes {
    let tracer = &phases.instruments.tracer;
    let mut outer = span!(tracer, "regimes", n_samples = features.train.rows);
    let fitted = {
        let mut span = span!(tracer, "regimes.fit", n_samples = features.train.rows);
        let fitted = fit(&features.train, &parts.train.breaks, &phases.config.regimes);
        match &fitted {
            Ok(fitted) => span.set("n_regimes", fitted.count),
            Err(error) => span.record_error(error),
        }
        fitted
    };
    let regimes = match fitted {
        Ok(regimes) => regimes,
        Err(error) => {
            // Thresholds then are those of all rows together; the run goes on.
            outer.outcome(Outcome::Fail);
            obs_logs::model!(warn: phases.log(), "no operating regimes: {error}");
            phases.warned(format!("no operating regimes: {error}"));
            return Regimes {
                train: vec![UNKNOWN; features.train.rows],
                score: vec![UNKNOWN; features.score.rows],
            };
        }
    };
    let (train, score) = {
        let mut span = span!(tracer, "regimes.label", n_samples = features.score.rows);
        let train = regimes.label(&features.train, &parts.train.breaks);
        let score = regimes.label(&features.score, &parts.score.breaks);
        let unknown = score.regime.iter().filter(|r| **r == UNKNOWN).count();
        span.set("n_unknown", unknown);
        obs_logs::model!(phases.log(), "regimes labelled";
            "regimes" => regimes.count, "silhouette" => regimes.silhouette, "unknown_rows" => unknown);
        (train, score)
    };
    {
        let mut span = span!(tracer, "regimes.transient_detection", n_samples = features.score.rows);
        span.set("n_transients", score.transient.iter().filter(|t| **t).count());
    }
    Regimes { train: train.regime, score: score.regime }
}
