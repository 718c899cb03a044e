//! [`db`]: statements of a database.

use super::kind::sealed::Recorded;
use super::operation::Operation;
use super::slow::{Said, Stopwatch};
use super::sql::without_literals;
use super::work::Work;
use crate::span::Span;
use crate::tracer::Tracer;
use obs_core::{keys, names};
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// What is recorded for a product that nobody named.
const OTHER: &str = "other_sql";
/// Bytes of a statement that are recorded.
const MOST_TEXT: usize = 4096;

/// A statement of a database: see [`db`].
pub struct Db {
    system: Cow<'static, str>,
    /// The verb in upper case.
    verb: String,
    table: Cow<'static, str>,
    rows: Option<u64>,
    /// As it was given, with whatever literals it has.
    statement: Option<String>,
    slow_after: Option<Duration>,
    stopwatch: Option<Stopwatch>,
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the statement, whose literals must not come to light.
        f.debug_struct("Db").field("verb", &self.verb).field("table", &self.table).finish_non_exhaustive()
    }
}

/// A statement: a client span `sql.<operation>` with `db.system.name`, `db.operation.name`, `db.collection.name` and
/// `acm.table`.
///
/// `operation` is the statement's verb in any case, or what a program calls its statement: `insert`, `bulk_insert`. One that
/// cannot be part of a name makes the span `sql.query`. `table` may be empty where there is none.
///
/// Values never become attributes. Queries that take 1 s or longer, or what [`SlowQueries`](super::SlowQueries) says, get
/// `acm.slow`.
pub fn db(tracer: &Tracer, operation: impl AsRef<str>, table: impl Into<Cow<'static, str>>) -> Operation<Db> {
    let operation = operation.as_ref();
    let kind = Db {
        system: Cow::Borrowed(OTHER),
        verb: operation.to_ascii_uppercase(),
        table: table.into(),
        rows: None,
        statement: None,
        slow_after: None,
        stopwatch: None,
    };
    Operation::new(tracer, name_of("sql", operation, "sql.query"), kind)
}

/// `<category>.<part>` in lower case, or `otherwise` when that is no name.
pub(super) fn name_of(category: &str, part: &str, otherwise: &'static str) -> Cow<'static, str> {
    let name = format!("{category}.{}", part.to_ascii_lowercase());
    match names::registry::find(&name) {
        Some(entry) => Cow::Borrowed(entry.name),
        None if !part.contains('.') && names::check(&name).is_ok() => Cow::Owned(name),
        None => Cow::Borrowed(otherwise),
    }
}

impl Operation<Db> {
    /// The product, by its name in OpenTelemetry's conventions: `postgresql`, `sqlite`, `mysql`, `microsoft.sql_server`
    /// (also for `mssql` and `sqlserver`), …; default `other_sql`.
    pub fn system(mut self, system: impl Into<Cow<'static, str>>) -> Self {
        self.kind.system = match system.into() {
            old if matches!(old.as_ref(), "mssql" | "sqlserver") => Cow::Borrowed("microsoft.sql_server"),
            old if old.as_ref() == "postgres" => Cow::Borrowed("postgresql"),
            name => name,
        };
        self
    }

    /// How many rows it writes (`acm.n_rows`); what is known only later is told to [`Work::<Db>::rows`](Work::rows).
    pub fn rows(mut self, rows: u64) -> Self {
        self.kind.rows = Some(rows);
        self
    }

    /// Records the statement's text as `db.query.text`, with `?` in place of every literal and without comments: see
    /// [`without_literals`]. At most 4,096 bytes. Not recorded otherwise.
    pub fn statement(mut self, sql: impl Into<String>) -> Self {
        self.kind.statement = Some(sql.into());
        self
    }

    /// This one is slow from this time on, whatever holds for others.
    pub fn slow_after(mut self, threshold: Duration) -> Self {
        self.kind.slow_after = Some(threshold);
        self
    }
}

impl Work<Db> {
    /// How many rows it read or wrote (`acm.n_rows`).
    pub fn rows(&mut self, rows: u64) {
        self.kind.rows = Some(rows);
        self.set("n_rows", rows);
    }
}

impl Recorded for Db {
    fn begin(&mut self, span: &mut Span, tracer: &Tracer) {
        let statement = self.statement.take();
        if span.is_recording() {
            span.set(keys::DB_SYSTEM_NAME, self.system.as_ref());
            span.set(keys::DB_OPERATION_NAME, self.verb.as_str());
            if !self.table.is_empty() {
                span.set(keys::DB_COLLECTION_NAME, self.table.as_ref());
                span.set("table", self.table.as_ref());
            }
            if let Some(rows) = self.rows {
                span.set("n_rows", rows);
            }
            if let Some(sql) = statement {
                let mut text = without_literals(&sql, &self.system);
                text.truncate(text.floor_char_boundary(MOST_TEXT));
                span.set(keys::DB_QUERY_TEXT, text);
            }
        }
        self.stopwatch = Stopwatch::start(tracer, self.slow_after);
    }

    fn end(&mut self, span: &mut Span) {
        if let Some(stopwatch) = &self.stopwatch {
            let said =
                Said { operation: &self.verb, table: &self.table, system: &self.system, rows: self.rows };
            stopwatch.stop(span, &said);
        }
    }
}
