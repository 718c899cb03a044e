//! `startup`, `config.load`: what the run will write to is opened before anything is computed.

use super::Phases;
use crate::error::RunError;
use crate::output::Database;
use crate::request::{RunRequest, Train};
use obs_trace::span;

/// Where results go.
#[derive(Debug)]
pub(crate) struct Targets {
    pub(crate) database: Option<Database>,
}

pub(crate) fn startup(phases: &Phases<'_>, request: &RunRequest) -> Result<Targets, RunError> {
    let mut span = span!(phases.instruments.tracer, "startup");
    let result = open(phases, request);
    span.record_result(result)
}

fn open(phases: &Phases<'_>, request: &RunRequest) -> Result<Targets, RunError> {
    {
        let mut span = span!(phases.instruments.tracer, "config.load");
        let checked = check(phases, request);
        span.record_result(checked)?;
    }
    if let Some(folder) = &request.out {
        std::fs::create_dir_all(folder)
            .map_err(|source| RunError::Output { path: folder.clone(), source })?;
        // A folder may exist and still refuse files: better to know before the work than after it.
        let probe = folder.join(".obs-write-probe");
        std::fs::write(&probe, b"")
            .and_then(|()| std::fs::remove_file(&probe))
            .map_err(|source| RunError::Output { path: folder.clone(), source })?;
    }
    let database = match &request.db {
        Some(path) => {
            let mut span = span!(phases.instruments.tracer, "sql.connect", "db.system.name" = "sqlite");
            Some(span.record_result(Database::open(path))?)
        }
        None => None,
    };
    Ok(Targets { database })
}

fn check(phases: &Phases<'_>, request: &RunRequest) -> Result<(), RunError> {
    phases.config.detect.validate()?;
    match request.train {
        Train::Fraction(f) if !(f > 0.0 && f < 1.0) => return Err(RunError::TrainFraction(f)),
        Train::Rows(0) => return Err(RunError::TrainRows),
        _ => {}
    }
    obs_logs::cfg!(phases.log(), "configuration checked";
        "seed" => phases.config.detect.seed,
        "threshold_quantile" => phases.config.thresholds.quantile,
        "auto_tune" => phases.config.fusion.auto_tune);
    Ok(())
}
