//! `persist.*`, `sql.*`: results to files and tables.

use super::Phases;
use super::startup::Targets;
use crate::error::RunError;
use crate::output::{csv, tables};
use crate::report::RunReport;
use crate::request::RunRequest;
use obs_trace::{Outcome, SpanGuard, span};
use rusqlite::Transaction;
use std::fs::File;
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
    let mut transaction = Tables::begin(targets, request)?;
    {
        let mut span = span!(tracer, "persist.scores", n_samples = report.scored.fused.len());
        if let Some(folder) = &request.out {
            let file = create(&folder.join("scores.csv"));
            let written = file.and_then(|(path, file)| {
                csv::write_scores(file, &report.scored).map_err(|source| RunError::Output { path, source })
            });
            span.record_result(written)?;
        }
        if let Some(tables) = &mut transaction {
            let span = span!(tracer, "sql.scores.write");
            tables.insert(span, "ACM_Scores_Wide", |t, owner| {
                tables::insert_scores(t, owner, &report.scored)
            })?;
        }
    }
    {
        let mut span = span!(tracer, "persist.episodes", n_episodes = report.episodes.len());
        if let Some(folder) = &request.out {
            let file = create(&folder.join("episodes.csv"));
            let written = file.and_then(|(path, file)| {
                csv::write_episodes(file, &report.episodes)
                    .map_err(|source| RunError::Output { path, source })
            });
            span.record_result(written)?;
        }
        if let Some(tables) = &mut transaction {
            let span = span!(tracer, "sql.insert");
            tables.insert(span, "ACM_Episodes", |t, owner| {
                tables::insert_episodes(t, owner, &report.episodes)
            })?;
        }
    }
    if let Some(mut tables) = transaction {
        {
            let _span = span!(tracer, "sql.batch_writes");
            let span = span!(tracer, "sql.bulk_insert", n_operations = 3);
            tables
                .insert(span, "ACM_HealthTimeline", |t, o| tables::insert_timelines(t, o, &report.scored))?;
            let span = span!(tracer, "sql.insert");
            tables.insert(span, "ACM_Thresholds", |t, o| tables::insert_findings(t, o, report))?;
            let span = span!(tracer, "sql.insert");
            tables.insert(span, "ACM_Runs", |t, o| tables::insert_run(t, o, report))?;
        }
        let rows = tables.rows;
        let mut span = span!(tracer, "sql.batch_commit", n_rows = rows);
        let committed = tables.commit();
        span.record_result(committed)?;
        obs_logs::sql!(phases.log(), "results committed"; "rows" => rows);
    }
    Ok(())
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
        let run_id = request.run_id.map(|id| id.to_string()).unwrap_or_default();
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
