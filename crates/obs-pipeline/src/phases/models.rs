//! `models.*`, `fit.*`, `score.*`: detectors from the registry or freshly fitted, and their raw scores.

use super::Phases;
use super::baseline::Parts;
use super::features::Features;
use super::startup::Targets;
use crate::config::FOLDS;
use crate::detect::{self, Detector, Kind, OutOfFold, Stream};
use crate::error::RunError;
use crate::output::registry::{self, Entry};
use crate::request::RunRequest;
use obs_metrics::RowState;
use obs_trace::{Outcome, SpanGuard, Tracer, span};

/// A detector and what it scores on its own training rows when they are new to it.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) kind: Kind,
    pub(crate) detector: Box<dyn Detector>,
    pub(crate) out_of_fold: OutOfFold,
    pub(crate) version: i64,
}

#[derive(Debug)]
pub(crate) struct Models {
    pub(crate) models: Vec<Model>,
    /// Whether they came from the registry.
    pub(crate) reused: bool,
}

pub(crate) fn fit(
    phases: &Phases<'_>,
    features: &Features,
    parts: &Parts,
    request: &RunRequest,
    targets: &mut Targets,
) -> Result<Models, RunError> {
    let tracer = &phases.instruments.tracer;
    let stored = {
        let mut span = span!(tracer, "models.load", hash = features.hash.clone());
        let stored = load(phases, features, request, targets);
        span.outcome(if stored.is_some() { Outcome::Success } else { Outcome::Noop });
        stored
    };
    let reused = stored.is_some();
    let mut models = {
        let mut span =
            span!(tracer, "models.fit", n_detectors = Kind::ALL.len(), n_samples = features.train.rows);
        let models = if let Some(models) = stored {
            span.outcome(Outcome::Skip);
            for model in &models {
                detector_span(tracer, "fit", model.kind, &features.train).outcome(Outcome::Skip);
            }
            models
        } else {
            let fitted = fit_all(phases, features, parts);
            span.record_result(fitted)?
        };
        obs_logs::model!(phases.log(), "models ready";
            "reused" => reused, "n_detectors" => models.len(), "n_samples" => features.train.rows, "hash" => &features.hash);
        models
    };
    {
        let mut span = span!(tracer, "models.save");
        match &mut targets.database {
            Some(database) if !reused => {
                let saved = database.in_use(|c| save(c, features, request, &models));
                let version = span.record_result(saved)?;
                for model in &mut models {
                    model.version = version;
                }
                span.set("model_version", version);
            }
            _ => span.outcome(Outcome::Skip),
        }
    }
    Ok(Models { models, reused })
}

/// The models stored under this hash; `None` when there are none, or when they cannot be used, which is logged: the
/// registry is a cache, and fitting again is always right.
fn load(
    phases: &Phases<'_>,
    features: &Features,
    request: &RunRequest,
    targets: &Targets,
) -> Option<Vec<Model>> {
    let database = targets.database.as_ref()?;
    let entries = match database.read(|c| registry::find(c, request.equip_id, &features.hash)) {
        Ok(entries) => entries,
        Err(error) => {
            obs_logs::model!(warn: phases.log(), "model registry cannot be read: {error}");
            return None;
        }
    };
    let models: Option<Vec<Model>> = Kind::ALL
        .into_iter()
        .map(|kind| {
            let entry = entries.iter().find(|e| e.detector == kind.name())?;
            let detector = match detect::load(&entry.model) {
                Ok(detector) => detector,
                Err(error) => {
                    obs_logs::model!(warn: phases.log(), "stored model cannot be used: {error}"; "detector" => kind.name());
                    return None;
                }
            };
            let out_of_fold = registry::decode_streams(&entry.out_of_fold, features.train.rows)?;
            Some(Model { kind, detector, out_of_fold, version: entry.version })
        })
        .collect();
    models
}

fn save(
    connection: &rusqlite::Transaction<'_>,
    features: &Features,
    request: &RunRequest,
    models: &[Model],
) -> rusqlite::Result<i64> {
    let version = registry::next_version(connection, request.equip_id)?;
    for model in models {
        // A model that cannot be written is not worth the run: the next one fits it again.
        let Ok(bytes) = model.detector.save() else { continue };
        let entry = Entry {
            detector: model.kind.name().to_owned(),
            version,
            model: bytes,
            out_of_fold: registry::encode_streams(&model.out_of_fold),
        };
        registry::insert(connection, request.equip_id, &features.hash, &entry)?;
    }
    Ok(version)
}

fn fit_all(phases: &Phases<'_>, features: &Features, parts: &Parts) -> Result<Vec<Model>, RunError> {
    let (train, breaks, config) = (&features.train, &parts.train.breaks, &phases.config.detect);
    let tracer = &phases.instruments.tracer;
    Kind::ALL
        .into_iter()
        .map(|kind| {
            let started = tracer.now();
            let mut span = detector_span(tracer, "fit", kind, train);
            let fitted = detect::fit(kind, train, breaks, config).and_then(|detector| {
                let out_of_fold = detect::out_of_fold(kind, train, breaks, config, FOLDS)?;
                Ok(Model { kind, detector, out_of_fold, version: 0 })
            });
            let model = span.record_result(fitted)?;
            drop(span);
            timed(phases, kind, started, "detector.fit");
            Ok(model)
        })
        .collect()
}

/// `fit.pca`, `score.gmm`, …: a table of literals, so that each name is one of the registered ones.
fn detector_span(tracer: &Tracer, phase: &'static str, kind: Kind, rows: &crate::Matrix) -> SpanGuard {
    let name = match (phase, kind) {
        ("fit", Kind::Ar1) => "fit.ar1",
        ("fit", Kind::Pca) => "fit.pca",
        ("fit", Kind::IForest) => "fit.iforest",
        ("fit", Kind::Gmm) => "fit.gmm",
        ("fit", Kind::Omr) => "fit.omr",
        (_, Kind::Ar1) => "score.ar1",
        (_, Kind::Pca) => "score.pca",
        (_, Kind::IForest) => "score.iforest",
        (_, Kind::Gmm) => "score.gmm",
        (_, Kind::Omr) => "score.omr",
    };
    let mut span = tracer.start_named(name);
    span.set("detector", kind.name());
    span.set("n_samples", rows.rows);
    span.set("n_features", rows.cols);
    span
}

fn timed(phases: &Phases<'_>, kind: Kind, started: u64, what: &'static str) {
    let seconds = phases.instruments.tracer.now().saturating_sub(started) as f64 / 1e9;
    phases.instruments.metrics.record_detector_duration(kind.name(), phases.equipment, seconds);
    obs_logs::perf!(phases.log(), "{what}"; "detector" => kind.name(), "duration_ms" => seconds * 1e3);
}

/// The raw streams of the scored rows, in the order of the detectors.
pub(crate) fn score(phases: &Phases<'_>, models: &Models, features: &Features, parts: &Parts) -> Vec<Stream> {
    let tracer = &phases.instruments.tracer;
    let rows = &features.score;
    let _span = span!(tracer, "models.score", n_detectors = models.models.len(), n_samples = rows.rows);
    let mut streams = Vec::new();
    for model in &models.models {
        let started = tracer.now();
        let mut span = detector_span(tracer, "score", model.kind, rows);
        if model.version > 0 {
            span.set("model_version", model.version);
        }
        streams.append(&mut model.detector.score(rows, &parts.score.breaks));
        drop(span);
        timed(phases, model.kind, started, "detector.score");
    }
    phases.instruments.metrics.record_rows(phases.equipment, RowState::Scored, rows.rows as u64);
    obs_logs::score!(phases.log(), "rows scored"; "rows" => rows.rows, "streams" => streams.len());
    streams
}
