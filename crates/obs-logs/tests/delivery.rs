//! From a logger through the delivery engine to several sinks.

use std::sync::Arc;
use std::time::Duration;

use obs_core::{Clock, Diag, DropReason, Ledger, ServiceIdentity, Signal};
use obs_export::{Batch, Encoder, Engine, Limits, Outcome, Sink};
use obs_logs::sinks::{FileSink, Format, SqliteSink};
use obs_logs::{LogLine, Logs};

/// Accepts nothing.
struct Broken;

impl Sink<LogLine> for Broken {
    fn name(&self) -> &'static str {
        "broken"
    }

    fn encoder(&self) -> Arc<dyn Encoder<LogLine>> {
        Arc::new(Format::Json)
    }

    fn send(&mut self, _batch: &Batch<'_>) -> Outcome {
        Outcome::Refused { reason: DropReason::Refused, message: "never".to_owned() }
    }
}

/// LOG-16
#[test]
fn each_sink_gets_every_line_and_one_that_fails_stops_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let (log, db) = (dir.path().join("run.log"), dir.path().join("obs.db"));
    let ledger = Arc::new(Ledger::default());
    let quiet = Diag::to(Box::new(std::io::sink()), Clock::system());
    let engine = Engine::new(Arc::clone(&ledger), Clock::system(), quiet);
    let sinks: Vec<Box<dyn Sink<LogLine>>> = vec![
        Box::new(Broken),
        Box::new(FileSink::open(&log, Format::Json).unwrap()),
        Box::new(SqliteSink::open(&db).unwrap()),
    ];
    let stream = engine.stream(Signal::Log, sinks, Limits::default());
    let logs = Logs::builder(&ServiceIdentity::default()).build(move |line| stream.push_one(line));

    let logger = logs.logger("acm.pipeline");
    (0..500).for_each(|i| obs_logs::data!(logger, "row"; "i" => i));
    engine.shutdown(Duration::from_secs(30));
    obs_logs::run!(logger, "after the end");

    let text = std::fs::read_to_string(&log).unwrap();
    let order: Vec<i64> = text
        .lines()
        .map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap()["i"].as_i64().unwrap())
        .collect();
    assert_eq!(order, (0..500).collect::<Vec<_>>());
    let rows: i64 = rusqlite::Connection::open(&db)
        .unwrap()
        .query_row("SELECT count(*) FROM ACM_RunLogs WHERE Message = 'row'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 500);

    let account = ledger.snapshot().log;
    assert!(account.account.is_balanced(), "{account:?}");
    assert_eq!(account.account.created, logs.counts().total());
    assert_eq!(account.destinations["file"].delivered, 500);
    assert_eq!(account.destinations["sqlite"].delivered, 500);
    assert_eq!(account.destinations["broken"].dropped["refused"], 500);
    assert_eq!(account.destinations["file"].dropped["after_shutdown"], 1);
}
