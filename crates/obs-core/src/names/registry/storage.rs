//! Results written, and the database.

use super::attribute::{Attribute, flag, int, text};
use super::{SpanEntry, always, optional};
use crate::keys;

const DATABASE: &str = "the run has a database";
const TARGETS: &str = "the run has a result folder or a database, and came to a result";
const STATEMENT: &str = "a program makes such a statement through obs";
const ON_ITS_OWN: &str = "a program writes these results on their own";

const TEXT: &str = "the program records it; without literals";
const SLOW: &str = "it took as long as the limit of slow queries, or longer";

const WRITE: &[Attribute] = &[
    text("table"),
    int("n_rows"),
    text(keys::DB_SYSTEM_NAME),
    text(keys::DB_OPERATION_NAME),
    text(keys::DB_COLLECTION_NAME),
    text(keys::DB_QUERY_TEXT).when(TEXT),
    flag("slow").when(SLOW),
];
const QUERY: &[Attribute] = &[
    text(keys::DB_SYSTEM_NAME),
    text(keys::DB_OPERATION_NAME),
    text(keys::DB_COLLECTION_NAME).when("the statement's table is known"),
    text("table").when("the statement's table is known"),
    int("n_rows").when("the number of rows is known"),
    text(keys::DB_QUERY_TEXT).when(TEXT),
    flag("slow").when(SLOW),
];

pub(super) const SPANS: &[SpanEntry] = &[
    always("persist", "Results written to files and tables", &[]),
    optional("persist.scores", TARGETS, "Scores of every row written", &[int("n_samples")]),
    optional("persist.episodes", TARGETS, "Episodes and their culprits written", &[int("n_episodes")]),
    optional("persist.analytics", ON_ITS_OWN, "Analytics written", &[]),
    optional("persist.forecast", ON_ITS_OWN, "Health and remaining life written", &[]),
    optional("sql.connect", DATABASE, "Database opened", &[text(keys::DB_SYSTEM_NAME)]),
    optional("sql.scores.write", DATABASE, "The wide table of scores written", WRITE),
    optional("sql.batch_writes", DATABASE, "Tables of findings written", &[]),
    optional("sql.bulk_insert", DATABASE, "Timelines written as one operation", &[int("n_operations")]),
    optional("sql.insert", "rows are inserted into a table", "Rows inserted into one table", WRITE),
    optional("sql.batch_commit", DATABASE, "Transaction of the run committed", &[int("n_rows")]),
    optional("sql.query", STATEMENT, "Any statement", QUERY),
    optional("sql.select", STATEMENT, "Rows read", QUERY),
    optional("sql.update", STATEMENT, "Rows changed", QUERY),
    optional("sql.delete", STATEMENT, "Rows deleted", QUERY),
    optional("sql.migrate", "tables are created or changed", "Tables brought to this version", QUERY),
];
