//! Tests of `sqlite`.

use super::*;
use crate::testing::lines;
use obs_export::sink::send_items;

fn open_in(dir: &tempfile::TempDir) -> SqliteSink {
    SqliteSink::open(dir.path().join("obs.db")).unwrap()
}

fn rows(sink: &SqliteSink) -> i64 {
    sink.connection.query_row("SELECT count(*) FROM ACM_RunLogs", [], |row| row.get(0)).unwrap()
}

/// LOG-16
#[test]
fn a_line_becomes_a_row_with_its_columns_and_the_rest_as_context() {
    let dir = tempfile::tempdir().unwrap();
    let mut sink = open_in(&dir);
    let span = obs_core::active::ActiveSpan {
        trace_id: obs_core::TraceId::new(0xab).unwrap(),
        span_id: obs_core::SpanId::new(0xcd).unwrap(),
        sampled: true,
    };
    let run_id: obs_core::RunId = "0190b6e4-5c1a-4d1e-9f3a-2b7c8d9e0f10".parse().unwrap();
    let context = obs_core::RunContext {
        run_id: Some(run_id),
        equip_id: Some(7),
        equipment: Some("FD_FAN".into()),
        ..Default::default()
    };
    let lines = lines(|logs| {
        let _context = obs_core::active::attach_context(Some(context.share()));
        let _span = obs_core::active::enter(Some(span));
        slog::info!(logs.logger("acm.Loader"), # "DATA", "rows \"read\"\0\n"; "rows" => 1500, "we\"ird" => "é");
    });
    assert_eq!(send_items(&mut sink, &lines.iter().collect::<Vec<_>>()), Outcome::Delivered);

    let row: [Option<String>; 9] = sink
        .connection
        .query_row(
            "SELECT RunID, LoggedAt, Level, Category, Component, Message, Context, TraceID, SpanID FROM ACM_RunLogs \
             WHERE EquipID = 7",
            [],
            |row| {
                let mut texts: [Option<String>; 9] = Default::default();
                for (i, text) in texts.iter_mut().enumerate() {
                    *text = row.get(i)?;
                }
                Ok(texts)
            },
        )
        .unwrap();
    let [run, at, level, category, component, message, context, trace, span] = row.map(Option::unwrap);
    assert_eq!(run, run_id.to_string());
    assert_eq!(at, "2026-11-21T12:57:25.123456Z");
    assert_eq!([level, category, component], ["INFO", "DATA", "loader"]);
    assert_eq!(message, "rows \"read\"\0\n");
    assert_eq!(trace, format!("{:032x}", 0xab));
    assert_eq!(span, format!("{:016x}", 0xcd));
    let context: serde_json::Value = serde_json::from_str(&context).unwrap();
    assert_eq!(context["rows"], 1500);
    assert_eq!(context["we\"ird"], "é");
    assert_eq!(context["equipment"], "FD_FAN");
    assert_eq!(context["logger"], "acm.Loader");
    assert!(context.get("message").is_none() && context.get("run_id").is_none());
}

#[test]
fn a_line_sent_twice_is_stored_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut sink = open_in(&dir);
    let lines = lines(|logs| (0..3).for_each(|i| slog::info!(logs.root(), "line"; "i" => i)));
    let batch: Vec<_> = lines.iter().collect();
    assert_eq!(send_items(&mut sink, &batch[..2]), Outcome::Delivered);
    assert_eq!(send_items(&mut sink, &batch), Outcome::Delivered);
    assert_eq!(rows(&sink), 3);
    assert_eq!(sink.flush(), Ok(()));
}

#[test]
fn a_locked_database_is_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut sink = open_in(&dir);
    sink.connection.busy_timeout(Duration::ZERO).unwrap();
    let lines = lines(|logs| slog::info!(logs.root(), "line"));
    let batch: Vec<_> = lines.iter().collect();

    let other = Connection::open(dir.path().join("obs.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(send_items(&mut sink, &batch), Outcome::Retry { .. }));
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(send_items(&mut sink, &batch), Outcome::Delivered);
    assert_eq!(rows(&sink), 1);
}

#[test]
fn a_full_database_is_tried_again_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut sink = open_in(&dir);
    let lines = lines(|logs| slog::info!(logs.root(), "long"; "text" => "x".repeat(1 << 20)));
    let batch: Vec<_> = lines.iter().collect();
    sink.connection.pragma_update(None, "max_page_count", 10).unwrap();
    assert!(matches!(send_items(&mut sink, &batch), Outcome::Retry { .. }));
    sink.connection.pragma_update(None, "max_page_count", 1 << 20).unwrap();
    assert_eq!(send_items(&mut sink, &batch), Outcome::Delivered);
    assert_eq!(rows(&sink), 1);
}

#[test]
fn a_file_that_is_no_database_is_refused_at_open() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notes.txt");
    std::fs::write(&path, "not a database, but long enough to have a header".repeat(100)).unwrap();
    let error = SqliteSink::open(&path).unwrap_err();
    assert!(matches!(error, SqliteError::NotADatabase { .. }), "{error:?}");
    assert!(error.to_string().contains("notes.txt` is not a SQLite database"), "{error}");

    let error = SqliteSink::open(dir.path().join("absent/obs.db")).unwrap_err();
    assert!(matches!(error, SqliteError::Open { .. }), "{error:?}");
}

#[test]
fn tables_of_others_stay_and_tables_of_a_newer_version_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("obs.db");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE ACM_Runs (RunID TEXT); PRAGMA user_version = 42;").unwrap();
    drop(SqliteSink::open(&path).unwrap());
    drop(SqliteSink::open(&path).unwrap());
    let steps: i64 = other.query_row("SELECT count(*) FROM obs_migrations", [], |row| row.get(0)).unwrap();
    assert_eq!(steps, migrations::KNOWN);

    other.execute("INSERT INTO obs_migrations (part, version) VALUES ('logs', 99)", []).unwrap();
    let error = SqliteSink::open(&path).unwrap_err();
    assert!(matches!(error, SqliteError::Newer { found: 99, .. }), "{error:?}");
}
