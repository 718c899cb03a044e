//! The macros: categories, levels, and what is not evaluated.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail their test")]

use std::cell::Cell;
use std::sync::{Arc, Mutex};

use obs_core::{Clock, ServiceIdentity};
use obs_logs::{Level, LogCategory, LogLine, Logs};

fn logs(level: Level) -> (Logs, Arc<Mutex<Vec<LogLine>>>) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let output = Arc::clone(&lines);
    let logs = Logs::builder(&ServiceIdentity::default())
        .level(level)
        .clock(Clock::manual(1))
        .build(move |line| output.lock().unwrap().push(line));
    (logs, lines)
}

fn json(line: &LogLine) -> serde_json::Value {
    serde_json::from_str(line.json()).unwrap()
}

/// LOG-01, LOG-04..15, CORE-16
#[test]
fn each_category_has_a_macro_that_takes_a_message_and_fields() {
    let (logs, lines) = logs(Level::Info);
    let logger = logs.logger("acm.pipeline");
    obs_logs::run!(logger, "batch_started"; "equipment" => "FD_FAN", "rows" => 1500);
    obs_logs::cfg!(logger, "loaded"; "keys" => 12);
    obs_logs::data!(logger, "read {} rows", 1500; "row_count" => 1500);
    obs_logs::feat!(logger, "computed");
    obs_logs::model!(logger, "trained"; "loss" => 0.25);
    obs_logs::score!(logger, "scored");
    obs_logs::fuse!(logger, "fused");
    obs_logs::perf!(logger, "detector.fit"; "duration_ms" => 234.5);
    obs_logs::health!(logger, "healthy");
    obs_logs::rul!(logger, "estimated"; "hours" => None::<f64>);
    obs_logs::forecast!(logger, "forecast");
    obs_logs::sql!(logger, "written");

    let lines = lines.lock().unwrap();
    let categories: Vec<_> = lines.iter().map(|l| l.category().unwrap()).collect();
    assert_eq!(categories, LogCategory::ALL);
    for line in lines.iter() {
        assert_eq!(json(line)["category"], line.category().unwrap().as_str());
        assert_eq!(line.level(), Level::Info);
    }
    let first = json(&lines[0]);
    assert_eq!((&first["equipment"], &first["rows"]), (&"FD_FAN".into(), &1500.into()));
    assert_eq!(json(&lines[2])["message"], "read 1500 rows");
    assert_eq!(json(&lines[7])["duration_ms"], 234.5);
    assert!(json(&lines[9])["hours"].is_null());

    let counts = logs.counts();
    assert_eq!((counts.total(), counts.level(Level::Info), counts.renamed), (12, 12, 0));
    assert!(counts.categories().all(|(_, n)| n == 1));
}

#[test]
fn a_category_takes_another_level() {
    let (logs, lines) = logs(Level::Trace);
    obs_logs::data!(warn: logs.root(), "gaps"; "n" => 3);
    obs_logs::sql!(critical: logs.root(), "gone");
    obs_logs::run!(trace: logs.logger("x"), "detail");
    obs_logs::error!(logs.root(), "plain");
    let lines = lines.lock().unwrap();
    let levels: Vec<_> = lines.iter().map(LogLine::level).collect();
    assert_eq!(levels, [Level::Warn, Level::Critical, Level::Trace, Level::Error]);
    assert_eq!(json(&lines[0])["level"], "WARN");
    assert_eq!(lines[3].category(), None);
    assert!(json(&lines[3]).get("category").is_none());
}

/// LOG-03
#[test]
fn arguments_of_lines_below_the_level_are_not_evaluated() {
    let (logs, lines) = logs(Level::Warn);
    let calls = Cell::new(0);
    let expensive = || {
        calls.set(calls.get() + 1);
        calls.get()
    };
    obs_logs::data!(logs.root(), "{}", expensive(); "n" => expensive());
    obs_logs::debug!(logs.root(), "{}", expensive(); "n" => expensive());
    obs_logs::info!(logs.root(), "{}", expensive(); "n" => expensive());
    slog::info!(logs.root(), "formatted by nobody"; "n" => slog::FnValue(|_| unreachable_value()));
    assert_eq!((calls.get(), lines.lock().unwrap().len()), (0, 0));
    obs_logs::warn!(logs.root(), "{}", expensive(); "n" => expensive());
    assert_eq!((calls.get(), lines.lock().unwrap().len()), (2, 1));
    logs.set_level(Level::Info);
    obs_logs::info!(logs.root(), "now");
    assert_eq!((logs.level(), lines.lock().unwrap().len()), (Level::Info, 2));
    assert_eq!(logs.counts().total(), 2);
}

fn unreachable_value() -> u8 {
    panic!("a filtered record was formatted")
}

#[test]
fn a_value_that_logs_while_it_is_formatted_makes_a_line_of_its_own() {
    struct Talkative(slog::Logger);
    impl std::fmt::Display for Talkative {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            obs_logs::info!(self.0, "inner"; "k" => 1);
            f.write_str("shown")
        }
    }
    let (logs, lines) = logs(Level::Info);
    obs_logs::info!(logs.root(), "outer"; "a" => "before", "v" => %Talkative(logs.root().clone()), "b" => "after");
    let lines = lines.lock().unwrap();
    assert_eq!((json(&lines[0])["message"].clone(), lines[0].fields().count()), ("inner".into(), 1));
    let outer = json(&lines[1]);
    assert_eq!((&outer["a"], &outer["v"], &outer["b"]), (&"before".into(), &"shown".into(), &"after".into()));
}

#[test]
fn a_logger_outlives_its_logs() {
    let (logs, lines) = logs(Level::Info);
    let logger = logs.logger("a");
    drop(logs);
    std::thread::spawn(move || obs_logs::info!(logger, "late")).join().unwrap();
    assert_eq!(lines.lock().unwrap().len(), 1);
}
