//! [`SqliteSink`]: lines as rows of `ACM_RunLogs` in a SQLite file.

mod columns;
mod migrations;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use obs_core::DropReason;
use obs_export::{Batch, Cause, Encoder, Outcome, Sink};
use rusqlite::{Connection, ErrorCode, TransactionBehavior, params};

use crate::line::LogLine;
use columns::{Columns, Rows};

/// How long one statement waits for another process's lock before the batch goes back to the engine.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// `OR IGNORE` makes a replayed line a no-op: its `LineID` is there already.
const INSERT: &str = "INSERT OR IGNORE INTO ACM_RunLogs (RunID, EquipID, LoggedAt, Level, Category, Component, \
    Message, Context, TraceID, SpanID, LineID) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

/// Writes lines to a SQLite file, one transaction per batch.
///
/// The file may hold other tables and have other writers: it is in WAL mode, a locked database is tried again, and so
/// is a full disk. A line that arrives twice (a batch repeated after a crash) is stored once.
pub struct SqliteSink {
    connection: Connection,
}

/// A database that cannot be used for logs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqliteError {
    /// It exists and is something else.
    #[error("`{path}` is not a SQLite database: give another file, or none to have it made", path = path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of obs made its tables.
    #[error(
        "`{path}` has version {found} of the log tables, and this program knows up to {known}: use a newer program",
        path = path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Version of the tables in it.
        found: i64,
        /// Newest version this program knows.
        known: i64,
    },
    /// It cannot be opened, or its tables cannot be made.
    #[error("log database `{path}`: {source}", path = path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
}

impl std::fmt::Debug for SqliteSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteSink").field("path", &self.connection.path()).finish_non_exhaustive()
    }
}

impl SqliteSink {
    /// Opens `path`, making the file and its tables if they do not exist.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SqliteError> {
        let path = path.as_ref();
        let open = |source: rusqlite::Error| match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => SqliteError::NotADatabase { path: path.to_owned() },
            _ => SqliteError::Open { path: path.to_owned(), source },
        };
        let mut connection = Connection::open(path).map_err(open)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(open)?;
        connection.pragma_update(None, "journal_mode", "wal").map_err(open)?;
        connection.pragma_update(None, "synchronous", "normal").map_err(open)?;
        let found = migrations::apply(&mut connection).map_err(open)?;
        if found > migrations::KNOWN {
            return Err(SqliteError::Newer { path: path.to_owned(), found, known: migrations::KNOWN });
        }
        Ok(Self { connection })
    }

    fn insert(&mut self, rows: &[Option<Columns<'_>>]) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut insert = transaction.prepare_cached(INSERT)?;
        for row in rows.iter().flatten() {
            insert.execute(params![
                row.run_id,
                row.equip_id,
                row.logged_at,
                row.level,
                row.category,
                row.component,
                row.message,
                row.context,
                row.trace_id,
                row.span_id,
                row.line_id,
            ])?;
        }
        drop(insert);
        transaction.commit()
    }
}

/// What a failed batch means: whether it may succeed later, in smaller parts, or never.
fn outcome(error: &rusqlite::Error) -> Outcome {
    let message = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::TooBig) => Outcome::TooLarge { message },
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::OutOfMemory
            | ErrorCode::SchemaChanged
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::OperationInterrupted,
        ) => Outcome::Retry { cause: Cause::Local, after: None, message },
        _ => Outcome::Refused { reason: DropReason::WriteFailed, message },
    }
}

impl Sink<LogLine> for SqliteSink {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn encoder(&self) -> Arc<dyn Encoder<LogLine>> {
        Arc::new(Rows)
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        let rows: Vec<_> = batch.records.iter().map(|record| Columns::of(record.bytes)).collect();
        if let Err(error) = self.insert(&rows) {
            return outcome(&error);
        }
        let refused: Vec<usize> = (0..rows.len()).filter(|i| rows[*i].is_none()).collect();
        if refused.is_empty() {
            return Outcome::Delivered;
        }
        let message = format!("{} records are no log lines", refused.len());
        Outcome::Partial { refused, reason: DropReason::WriteFailed, message }
    }

    /// In WAL mode a commit reaches the disk with the next checkpoint; this is one, without waiting for readers.
    fn flush(&mut self) -> Result<(), String> {
        self.connection
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
            .map_err(|e| format!("log database: {e}"))
    }
}

#[cfg(test)]
mod tests;
