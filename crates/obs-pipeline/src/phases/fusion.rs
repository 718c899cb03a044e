//! `fusion.*`, `thresholds.calculate`: one score out of many, where it alarms, and the episodes it has.

use super::Phases;
use super::baseline::Parts;
use super::calibrate::Calibrated;
use super::features::Features;
use super::models::Models;
use super::regimes::Regimes;
use crate::config::FOLDS;
use crate::detect::{Kind, culprits};
use crate::episodes::{Episode, detect, label_rows, mark_onsets};
use crate::fusion::{Stream, Weights, combine};
use crate::report::{CulpritReport, EpisodeReport};
use crate::thresholds::Thresholds;
use obs_metrics::Severity;
use obs_trace::{Outcome, span};
use std::ops::Range;

/// Sensors named per episode.
pub(super) const CULPRITS: usize = 3;

#[derive(Debug)]
pub(crate) struct Fused {
    /// Fused score of the training rows, out of fold.
    pub(crate) out_of_fold: Vec<f64>,
    /// Where its filters restarted: breaks in time and edges of folds.
    pub(crate) out_of_fold_breaks: Vec<usize>,
    /// Fused score of the scored rows.
    pub(crate) score: Vec<f64>,
    pub(crate) thresholds: Thresholds,
    /// Threshold of every scored row.
    pub(crate) limits: Vec<f64>,
    pub(crate) episodes: Vec<EpisodeReport>,
    /// Episode number of every scored row; 0 outside.
    pub(crate) labels: Vec<u32>,
}

pub(crate) fn fusion(
    phases: &Phases<'_>,
    calibrated: &Calibrated,
    regimes: &Regimes,
    models: &Models,
    features: &Features,
    parts: &Parts,
) -> Fused {
    let tracer = &phases.instruments.tracer;
    let mut outer = span!(tracer, "fusion", n_samples = features.score.rows);
    let healthy = as_streams(&calibrated.out_of_fold);
    let weights = tune(phases, &healthy);
    let out_of_fold_breaks = with_fold_edges(&parts.train.breaks, features.train.rows);
    let (out_of_fold, score) = {
        let _span = span!(tracer, "fusion.combine", n_streams = weights.entries.len());
        let config = &phases.config.fusion;
        (
            combine(&healthy, &weights, &out_of_fold_breaks, config),
            combine(&as_streams(&calibrated.score), &weights, &parts.score.breaks, config),
        )
    };
    let thresholds = thresholds(phases, &out_of_fold, regimes);
    let limits = thresholds.for_rows(score.len(), Some(&regimes.score));
    let mut found = {
        let mut span = span!(tracer, "fusion.detect_episodes", n_samples = score.len());
        let found = detect(&score, &limits, &parts.score.breaks, &phases.config.episodes);
        span.set("n_episodes", found.len());
        found
    };
    {
        let _span = span!(tracer, "fusion.cusum", n_episodes = found.len());
        let breaks = &parts.score.breaks;
        mark_onsets(&mut found, &score, thresholds.baseline, breaks, &phases.config.episodes);
    }
    let labels = label_rows(score.len(), &found);
    let episodes: Vec<EpisodeReport> = found.iter().map(|e| report(e, models, features, parts)).collect();
    outer.set("n_episodes", episodes.len());
    tell(phases, &episodes);
    Fused { out_of_fold, out_of_fold_breaks, score, thresholds, limits, episodes, labels }
}

fn as_streams<'a>(streams: &'a [(&'static str, Vec<f64>)]) -> Vec<Stream<'a>> {
    streams.iter().map(|(name, z)| Stream { name, z }).collect()
}

fn tune(phases: &Phases<'_>, healthy: &[Stream<'_>]) -> Weights {
    let mut span = span!(phases.instruments.tracer, "fusion.auto_tune");
    let config = &phases.config.fusion;
    let weights = if config.auto_tune {
        Weights::auto_tune(healthy, config)
    } else {
        span.outcome(Outcome::Skip);
        let names: Vec<&str> = healthy.iter().map(|s| s.name).collect();
        Weights::equal(&names)
    };
    let text: Vec<String> = weights.entries.iter().map(|(name, w)| format!("{name}={w:.3}")).collect();
    obs_logs::fuse!(phases.log(), "fusion weights"; "auto_tune" => config.auto_tune, "weights" => text.join(" "));
    weights
}

/// Out-of-fold scores come from one model per fold: nothing may be filtered across an edge.
fn with_fold_edges(breaks: &[usize], rows: usize) -> Vec<usize> {
    let mut all: Vec<usize> =
        (1..FOLDS).map(|fold| fold * rows / FOLDS).chain(breaks.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn thresholds(phases: &Phases<'_>, out_of_fold: &[f64], regimes: &Regimes) -> Thresholds {
    let mut span = span!(phases.instruments.tracer, "thresholds.calculate", n_samples = out_of_fold.len());
    let config = &phases.config.thresholds;
    let mut thresholds = Thresholds::calculate(out_of_fold, Some(&regimes.train), config);
    let uncovered = thresholds.check_coverage(&regimes.train, &regimes.score, config);
    span.set("threshold", thresholds.global);
    span.set("n_regimes", thresholds.per_regime.len());
    obs_logs::fuse!(phases.log(), "thresholds calculated";
        "threshold" => thresholds.global,
        "per_regime" => thresholds.per_regime.len(),
        "false_alarm_rate" => thresholds.false_alarm_rate,
        "false_alarm_low" => thresholds.false_alarm_low,
        "false_alarm_high" => thresholds.false_alarm_high,
        "uncovered_share" => uncovered);
    for warning in &thresholds.warnings {
        obs_logs::fuse!(warn: phases.log(), "{warning}");
        phases.warned(warning.to_string());
    }
    thresholds
}

/// An episode with times and names in place of row and sensor numbers.
fn report(episode: &Episode, models: &Models, features: &Features, parts: &Parts) -> EpisodeReport {
    let shares = contributions(models, features, episode.rows()).unwrap_or_default();
    let named = culprits(&shares, CULPRITS);
    let score = &parts.score;
    EpisodeReport {
        start: score.format_time(episode.start_row),
        end: score.format_time(episode.end_row),
        onset: score.format_time(episode.onset_row),
        peak_z: episode.peak_z,
        mean_z: episode.mean_z,
        severity: episode.severity.as_str(),
        unit: score.unit.as_ref().map(|u| score.unit_names[u[episode.start_row] as usize].clone()),
        culprits: named
            .into_iter()
            .map(|(sensor, share)| CulpritReport { sensor: score.names[sensor].clone(), share })
            .collect(),
    }
}

/// Each sensor's share in what makes rows strange; `None` where it cannot be told, as with a single sensor.
pub(super) fn contributions(models: &Models, features: &Features, rows: Range<usize>) -> Option<Vec<f64>> {
    let omr = models.models.iter().find(|m| m.kind == Kind::Omr)?;
    omr.detector.contributions(&features.score, rows).filter(|shares| shares.len() > 1)
}

fn tell(phases: &Phases<'_>, episodes: &[EpisodeReport]) {
    for severity in Severity::ALL {
        let count = episodes.iter().filter(|e| e.severity == severity.as_str()).count();
        phases.instruments.metrics.record_episodes(phases.equipment, severity, count as u64);
    }
    obs_logs::fuse!(phases.log(), "episodes detected"; "episodes" => episodes.len());
    for episode in episodes {
        obs_logs::fuse!(phases.log(), "episode";
            "start" => &episode.start,
            "end" => &episode.end,
            "peak_z" => episode.peak_z,
            "severity" => episode.severity,
            "culprit" => episode.culprits.first().map(|c| c.sensor.as_str()));
    }
}
