//! `persist.*`, `sql.*`: results to files and tables.

use super::Phases;
use super::startup::Targets;
use crate::error::RunError;
use crate::output::{csv, tables};
use crate::report::{RunOutcome, RunReport};
use crate::request::RunRequest;
use obs_core::Ids;
use obs_trace::{Outcome, SpanGuard, Tracer, span};
use rusqlite::Transaction;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

pub(crate) fn persist(
    phases: &Phases<'_>,
    request: &RunRequest,
    report: &RunReport,
    targets: &mut Targets,
) -> Result<(), RunError> {
    let mut span = span!(phases.instruments.tracer, "persist");
    if request.out.is_none() && targets.database.is_none() {
        span.outcome(Outcome::Skip);
        return Ok(());
    }
    let result = write(phases, request, report, targets);
    span.record_result(result)
}

fn write(
    phases: &Phases<'_>,
    request: &RunRequest,
    report: &RunReport,
    targets: &mut Targets,
) -> Result<(), RunError> {
    let tracer = &phases.instruments.tracer;
    let mut tables = Tables::begin(targets, request)?;
    // A run that found nothing to do leaves its reason behind, not empty results.
    if report.outcome == RunOutcome::Success {
        write_scores(tracer, request, report, tables.as_mut())?;
        write_episodes(tracer, request, report, tables.as_mut())?;
        write_analytics(request, report)?;
    }
    let Some(mut tables) = tables else { return Ok(()) };
    write_findings(tracer, report, &mut tables)?;
    let rows = tables.rows;
    {
        let mut span = span!(tracer, "sql.batch_commit", n_rows = rows);
        let committed = tables.commit();
        span.record_result(committed)?;
    }
    obs_logs::sql!(phases.log(), "results committed"; "rows" => rows);
    Ok(())
}

fn write_scores(
    tracer: &Tracer,
    request: &RunRequest,
    report: &RunReport,
    tables: Option<&mut Tables<'_>>,
) -> Result<(), RunError> {
    let mut span = span!(tracer, "persist.scores", n_samples = report.scored.fused.len());
    if let Some(folder) = &request.out {
        let file = create(&folder.join("scores.csv"));
        let written = file.and_then(|(path, file)| {
            csv::write_scores(file, &report.scored).map_err(|source| RunError::Output { path, source })
        });
        span.record_result(written)?;
    }
    if let Some(tables) = tables {
        let sql = span!(tracer, "sql.scores.write");
        let written =
            tables.insert(sql, "ACM_Scores_Wide", |t, owner| tables::insert_scores(t, owner, &report.scored));
        span.record_result(written)?;
    }
    Ok(())
}

fn write_analytics(request: &RunRequest, report: &RunReport) -> Result<(), RunError> {
    let Some((folder, analytics)) = request.out.as_ref().zip(report.analytics.as_ref()) else {
        return Ok(());
    };
    let (path, file) = create(&folder.join("analytics.json"))?;
    let mut out = BufWriter::new(file);
    // Flushed by hand: a full disk must not pass for a written file.
    serde_json::to_writer_pretty(&mut out, analytics)
        .map_err(std::io::Error::from)
        .and_then(|()| out.flush())
        .map_err(|source| RunError::Output { path, source })
}

fn write_episodes(
    tracer: &Tracer,
    request: &RunRequest,
    report: &RunReport,
    tables: Option<&mut Tables<'_>>,
) -> Result<(), RunError> {
    let episodes = &report.episodes;
    let mut span = span!(tracer, "persist.episodes", n_episodes = episodes.len());
    if let Some(folder) = &request.out {
        let file = create(&folder.join("episodes.csv"));
        let written = file.and_then(|(path, file)| {
            csv::write_episodes(file, episodes).map_err(|source| RunError::Output { path, source })
        });
        span.record_result(written)?;
    }
    if let Some(tables) = tables {
        let sql = span!(tracer, "sql.insert");
        let written = tables.insert(sql, "ACM_Episodes", |t, o| tables::insert_episodes(t, o, episodes));
        span.record_result(written)?;
        let sql = span!(tracer, "sql.insert");
        let written =
            tables.insert(sql, "ACM_EpisodeCulprits", |t, o| tables::insert_culprits(t, o, episodes));
        span.record_result(written)?;
    }
    Ok(())
}

/// One span for each table, so that its `n_rows` is what the table holds of the run.
fn write_findings(tracer: &Tracer, report: &RunReport, tables: &mut Tables<'_>) -> Result<(), RunError> {
    let _span = span!(tracer, "sql.batch_writes");
    if report.outcome == RunOutcome::Success {
        let _span = span!(tracer, "sql.bulk_insert", n_operations = 3);
        let scored = &report.scored;
        let span = span!(tracer, "sql.insert");
        tables.insert(span, "ACM_HealthTimeline", |t, o| tables::insert_health(t, o, scored))?;
        let span = span!(tracer, "sql.insert");
        tables.insert(span, "ACM_RegimeTimeline", |t, o| tables::insert_regimes(t, o, scored))?;
        let span = span!(tracer, "sql.insert");
        tables.insert(span, "ACM_DriftSeries", |t, o| tables::insert_drift(t, o, scored))?;
    }
    if let Some(thresholds) = &report.thresholds {
        let span = span!(tracer, "sql.insert");
        tables.insert(span, "ACM_Thresholds", |t, o| tables::insert_thresholds(t, o, thresholds))?;
    }
    if let Some(quality) = &report.quality {
        let span = span!(tracer, "sql.insert");
        tables.insert(span, "ACM_DataQuality", |t, o| tables::insert_quality(t, o, quality))?;
    }
    if let Some(rul) = &report.rul {
        let span = span!(tracer, "sql.insert");
        tables.insert(span, "ACM_RUL", |t, o| tables::insert_rul(t, o, rul))?;
    }
    let span = span!(tracer, "sql.insert");
    tables.insert(span, "ACM_Runs", |t, o| tables::insert_run(t, o, report))
}

fn create(path: &Path) -> Result<(std::path::PathBuf, File), RunError> {
    let file = File::create(path).map_err(|source| RunError::Output { path: path.to_owned(), source })?;
    Ok((path.to_owned(), file))
}

/// The one transaction that a run's results are written in: all of them, or none.
struct Tables<'a> {
    transaction: Transaction<'a>,
    path: &'a Path,
    run_id: String,
    request: &'a RunRequest,
    rows: usize,
}

impl<'a> Tables<'a> {
    /// `None` without a database.
    fn begin(targets: &'a mut Targets, request: &'a RunRequest) -> Result<Option<Self>, RunError> {
        let (Some(database), Some(path)) = (&mut targets.database, request.db.as_deref()) else {
            return Ok(None);
        };
        // Without an id of its own a run may not replace the rows of another one.
        let run_id = request.run_id.unwrap_or_else(|| Ids::Random.run_id()).to_string();
        let tables = Self { transaction: database.begin()?, path, run_id, request, rows: 0 };
        tables::clear(&tables.transaction, tables.owner()).map_err(|e| tables.error(e))?;
        Ok(Some(tables))
    }

    fn owner(&self) -> tables::Owner<'_> {
        tables::Owner {
            run_id: &self.run_id,
            equip_id: self.request.equip_id,
            equipment: &self.request.equipment,
        }
    }

    fn error(&self, source: rusqlite::Error) -> RunError {
        RunError::Database { path: self.path.to_owned(), source }
    }

    fn insert(
        &mut self,
        mut span: SpanGuard,
        table: &'static str,
        insert: impl FnOnce(&Transaction<'_>, tables::Owner<'_>) -> rusqlite::Result<usize>,
    ) -> Result<(), RunError> {
        span.set("table", table);
        span.set("db.system.name", "sqlite");
        span.set("db.operation.name", "INSERT");
        span.set("db.collection.name", table);
        let written = insert(&self.transaction, self.owner()).map_err(|e| self.error(e));
        let rows = span.record_result(written)?;
        span.set("n_rows", rows);
        self.rows += rows;
        Ok(())
    }

    fn commit(self) -> Result<(), RunError> {
        let path = self.path;
        self.transaction.commit().map_err(|source| RunError::Database { path: path.to_owned(), source })
    }
}
