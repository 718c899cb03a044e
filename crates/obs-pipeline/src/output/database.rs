//! [`Database`]: the SQLite file of results and models.

use super::tables::MIGRATIONS;
use crate::error::RunError;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Our part of the table of migrations.
const PART: &str = "pipeline";

/// How long a write waits for another process (or the log sink of this one) to finish its own.
const BUSY: Duration = Duration::from_secs(10);

/// An open result database.
#[derive(Debug)]
pub struct Database {
    path: PathBuf,
    connection: Connection,
}

impl Database {
    /// Opens or creates the file and brings its tables up to date.
    pub fn open(path: &Path) -> Result<Self, RunError> {
        let error = |source| RunError::Database { path: path.to_owned(), source };
        let mut connection = Connection::open(path).map_err(error)?;
        connection.busy_timeout(BUSY).map_err(error)?;
        prepare(&mut connection).map_err(error)?;
        Ok(Self { path: path.to_owned(), connection })
    }

    /// Reads through `f`.
    pub(crate) fn read<T>(&self, f: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, RunError> {
        f(&self.connection).map_err(|source| RunError::Database { path: self.path.clone(), source })
    }

    /// Runs `f` in a transaction that takes the write lock at once, so that it cannot fail half-way for want of it.
    pub(crate) fn in_use<T>(
        &mut self,
        f: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, RunError> {
        let path = &self.path;
        let run = |connection: &mut Connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = f(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        run(&mut self.connection).map_err(|source| RunError::Database { path: path.clone(), source })
    }

    /// Begins the transaction of a run's results; the caller commits it.
    pub(crate) fn begin(&mut self) -> Result<Transaction<'_>, RunError> {
        let path = self.path.clone();
        self.connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|source| RunError::Database { path, source })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Write-ahead logging lets readers and the log sink work beside a run; migrations bring old files up to date.
fn prepare(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "normal")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // The log sink keeps its own tables in the same file and its own part of this one.
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS obs_migrations (
             part TEXT NOT NULL, version INTEGER NOT NULL, applied_at TEXT NOT NULL, PRIMARY KEY (part, version)
         )",
    )?;
    let applied: i64 = transaction.query_row(
        "SELECT COALESCE(MAX(version), 0) FROM obs_migrations WHERE part = ?1",
        [PART],
        |row| row.get(0),
    )?;
    for (version, statements) in (1_i64..).zip(MIGRATIONS).skip(usize::try_from(applied).unwrap_or(0)) {
        transaction.execute_batch(statements)?;
        transaction.execute(
            "INSERT INTO obs_migrations (part, version, applied_at)
             VALUES (?1, ?2, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))",
            rusqlite::params![PART, version],
        )?;
    }
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opening_twice_applies_each_migration_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("obs.db");
        drop(Database::open(&path).unwrap());
        let database = Database::open(&path).unwrap();
        let applied: i64 = database
            .read(|c| {
                c.query_row("SELECT COUNT(*) FROM obs_migrations WHERE part = 'pipeline'", [], |r| r.get(0))
            })
            .unwrap();
        assert_eq!(applied, MIGRATIONS.len() as i64);
    }

    #[test]
    fn a_file_that_is_no_database_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        std::fs::write(
            &path,
            "this is a text file, long enough to be looked at as a database header\n".repeat(9),
        )
        .unwrap();
        let error = Database::open(&path).unwrap_err();
        assert!(error.is_usage());
        let text = error.to_string();
        assert!(text.contains("notes.txt") && text.contains("not a database"), "{text}");
    }
}
