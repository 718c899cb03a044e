//! The versions of the log tables.
//!
//! Other parts of obs keep tables in the same file, so `PRAGMA user_version` cannot tell whose version it is. Each part
//! has rows of its own in `obs_migrations` instead; ours are those of the part `logs`.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

const PART: &str = "logs";

/// What leads from each version to the next; the first from an empty file to version 1. Entries are never changed.
const STEPS: [&str; 1] = ["CREATE TABLE ACM_RunLogs (
        ID INTEGER PRIMARY KEY,
        RunID TEXT,
        EquipID INTEGER,
        LoggedAt TEXT NOT NULL,
        Level TEXT NOT NULL,
        Category TEXT,
        Component TEXT,
        Message TEXT NOT NULL,
        Context TEXT NOT NULL,
        TraceID TEXT,
        SpanID TEXT,
        LineID BLOB NOT NULL UNIQUE CHECK (length(LineID) = 16)
    );
    CREATE INDEX ACM_RunLogs_RunID ON ACM_RunLogs (RunID);"];

/// The newest version.
pub(super) const KNOWN: i64 = STEPS.len() as i64;

/// Brings the tables to the newest version; returns the version they have then, which is higher than [`KNOWN`] when a
/// newer program made them.
pub(super) fn apply(connection: &mut Connection) -> rusqlite::Result<i64> {
    // Immediate, so that two programs that open a fresh file at once make the tables one after the other.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS obs_migrations (
            part TEXT NOT NULL,
            version INTEGER NOT NULL,
            applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
            PRIMARY KEY (part, version)
        );",
    )?;
    let found = transaction
        .query_row("SELECT max(version) FROM obs_migrations WHERE part = ?1", [PART], |row| {
            row.get::<_, Option<i64>>(0)
        })
        .optional()?
        .flatten()
        .unwrap_or(0);
    for (version, step) in (1..).zip(STEPS).skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step)?;
        transaction
            .execute("INSERT INTO obs_migrations (part, version) VALUES (?1, ?2)", params![PART, version])?;
    }
    transaction.commit()?;
    Ok(found.max(KNOWN))
}
