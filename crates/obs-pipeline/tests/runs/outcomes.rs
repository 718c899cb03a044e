//! Every way a run can end, and what it leaves behind: reports, spans, metrics, log lines, tables.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use obs_core::Ids;
use obs_logs::LogCategory;
use obs_metrics::Value as Reading;
use obs_pipeline::{RunError, RunOutcome, RunRequest, Train};
use obs_trace::{Outcome, Status};
use rusqlite::Connection;

use super::support::{Plant, Ran, result_bytes, run};

/// Rows of a request's run in each table that holds rows by run.
pub(crate) fn rows_by_table(db: &Path, request: &RunRequest) -> BTreeMap<String, i64> {
    let connection = Connection::open(db).unwrap();
    let mut tables = connection
        .prepare(
            "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND c.name = 'RunID' ORDER BY m.name",
        )
        .unwrap();
    let run_id = request.run_id.unwrap().to_string();
    let names: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    names
        .into_iter()
        .map(|table| {
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE RunID = ?1");
            let rows = connection.query_row(&sql, [&run_id], |row| row.get(0)).unwrap();
            (table, rows)
        })
        .collect()
}

/// The reading of a counter or gauge, or the count of a histogram; 0 without the series.
fn metric(ran: &Ran, family: &str, labels: &[&str]) -> f64 {
    let family = ran.metrics.family(family).unwrap();
    family.with(labels).map_or(0.0, |series| match &series.value {
        Reading::Counter { total, .. } => *total,
        Reading::Gauge(value) => *value,
        Reading::Histogram(histogram) => histogram.count() as f64,
        Reading::Info => 1.0,
    })
}

fn assert_ended(ran: &Ran, status: &str, outcome: Outcome) {
    let root = ran.span("pipeline.run");
    assert_eq!(root.outcome, outcome, "{:?}", ran.result);
    assert_eq!(matches!(root.status, Status::Error(_)), outcome == Outcome::Fail);
    for other in ["success", "noop", "fail"] {
        let runs = f64::from(u8::from(other == status));
        assert!((metric(ran, "acm_batches", &["pump", other]) - runs).abs() < 1e-9, "{other}");
        assert!((metric(ran, "acm_run_duration_seconds", &["pump", other]) - runs).abs() < 1e-9, "{other}");
    }
    assert!(ran.lines.last().unwrap().json().contains(&format!("\"outcome\":\"{status}\"")));
}

/// PIPE-02, PIPE-05
#[test]
fn a_run_with_everything_leaves_files_tables_metrics_and_lines() {
    let plant = Plant::with_targets(1000);
    let ran = run(&plant.request);
    assert_ended(&ran, "success", Outcome::Success);
    let report = ran.report();
    assert_eq!((report.rows.read, report.rows.train, report.rows.scored), (1000, 600, 400));
    assert!(!report.episodes.is_empty(), "the drifting flow is seen");
    assert_eq!(report.episodes.last().unwrap().culprits[0].sensor, "flow");

    let (scores, episodes) = result_bytes(plant.request.out.as_ref().unwrap());
    let lines = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap().lines().count();
    assert_eq!((lines(&scores), lines(&episodes)), (401, 1 + report.episodes.len()));

    let recorded = |family, labels: &[&str]| metric(&ran, family, labels);
    for (state, rows) in [("read", 1000.0), ("train", 600.0), ("scored", 400.0)] {
        assert!((recorded("acm_rows", &["pump", state]) - rows).abs() < 1e-9, "{state}");
    }
    let health = recorded("acm_health_score", &["pump"]);
    assert!((health - report.health.unwrap().index).abs() < 1e-9);
    let severities = ["info", "warning", "critical"];
    let counted: f64 = severities.iter().map(|s| recorded("acm_episodes", &["pump", s])).sum();
    assert!((counted - report.episodes.len() as f64).abs() < 1e-9);
    for detector in ["ar1", "pca", "iforest", "gmm", "omr"] {
        assert!(recorded("acm_detector_duration_seconds", &[detector, "pump"]) >= 2.0, "{detector}");
    }
    assert!(recorded("acm_data_quality_score", &["pump"]) > 90.0);
    let states = ["stable", "drifting", "fault"].map(|s| recorded("acm_drift_state", &["pump", s]));
    assert!((states.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{states:?}");

    let mut expected = BTreeSet::from(LogCategory::ALL);
    let outlook = if report.rul.is_some() { LogCategory::Forecast } else { LogCategory::Rul };
    expected.remove(&outlook);
    assert_eq!(ran.categories(), expected, "a remaining life, or why there is none, and all else");
}

#[test]
fn too_little_data_is_a_noop_that_says_why() {
    let mut few_train = Plant::new(200);
    few_train.request.train = Train::Rows(10);
    let mut none_left = Plant::new(200);
    none_left.request.train = Train::Rows(5000);
    let cases =
        [(Plant::new(40), "40 rows"), (few_train, "10 training rows"), (none_left, "none is left to score")];
    for (mut plant, why) in cases {
        plant.request.db = Some(plant.path("obs.db"));
        let ran = run(&plant.request);
        let RunOutcome::Noop(reason) = &ran.report().outcome else { panic!("{why}: {:?}", ran.result) };
        assert!(reason.contains(why), "{reason}");
        assert_ended(&ran, "noop", Outcome::Noop);
        assert!(!ran.spans.iter().any(|s| s.name == "models.fit"), "{why}");
        let tables = rows_by_table(plant.request.db.as_ref().unwrap(), &plant.request);
        assert_eq!((tables["ACM_Runs"], tables["ACM_Scores_Wide"]), (1, 0), "{why}");
        let connection = Connection::open(plant.request.db.as_ref().unwrap()).unwrap();
        let row: (String, String) = connection
            .query_row("SELECT Outcome, Reason FROM ACM_Runs", [], |r| Ok((r.get(0)?, r.get(1)?)))
            .unwrap();
        assert_eq!(row, ("noop".to_owned(), reason.clone()));
    }
}

/// Whether an error is of the kind a case is about.
type Is = fn(&RunError) -> bool;

#[test]
fn bad_input_and_bad_targets_fail_with_the_file_named_and_nothing_fitted() {
    let mut missing = Plant::new(100);
    missing.request.inputs = vec![missing.path("nowhere.csv")];
    let mut blocked = Plant::new(100);
    blocked.request.out = Some(blocked.path("pump.csv").join("out"));
    let mut no_database = Plant::new(100);
    std::fs::write(
        no_database.path("notes.txt"),
        "not a database, but long enough for a header\n".repeat(20),
    )
    .unwrap();
    no_database.request.db = Some(no_database.path("notes.txt"));
    let cases: [(Plant, &str, Is); 3] = [
        (missing, "nowhere.csv", |e| matches!(e, RunError::Input(_))),
        (blocked, "out", |e| matches!(e, RunError::Output { .. })),
        (no_database, "notes.txt", |e| matches!(e, RunError::Database { .. })),
    ];
    for (plant, named, is) in cases {
        let ran = run(&plant.request);
        let error = ran.result.as_ref().unwrap_err();
        assert!(is(error) && error.is_usage() && error.to_string().contains(named), "{error:?}");
        assert_ended(&ran, "fail", Outcome::Fail);
        assert!(!ran.spans.iter().any(|s| s.name == "models.fit"), "{named}");
        assert!(ran.lines.iter().any(|l| l.json().contains("batch failed") && l.json().contains(named)));
    }
}

#[test]
fn a_rerun_replaces_its_rows_in_every_table() {
    let plant = Plant::with_targets(1000);
    let db = plant.request.db.clone().unwrap();
    let first_run = run(&plant.request);
    let first = rows_by_table(&db, &plant.request);
    assert_eq!(first["ACM_Scores_Wide"], 400);
    assert!(first_run.report().rul.is_some() == (first["ACM_RUL"] == 1));
    run(&plant.request).report();
    assert_eq!(rows_by_table(&db, &plant.request), first, "as many rows as before, in every table");

    let other = RunRequest { run_id: Some(Ids::Random.run_id()), ..plant.request.clone() };
    run(&other).report();
    assert_eq!(rows_by_table(&db, &other), first);
    assert_eq!(rows_by_table(&db, &plant.request), first, "another run leaves them alone");
}

/// A rerun that finds less than the run before leaves nothing of it.
#[test]
fn a_rerun_that_is_a_noop_removes_the_earlier_results() {
    let mut plant = Plant::with_targets(400);
    let db = plant.request.db.clone().unwrap();
    run(&plant.request).report();
    plant.request.train = Train::Rows(10);
    run(&plant.request).report();
    let tables = rows_by_table(&db, &plant.request);
    let left: Vec<_> =
        tables.iter().filter(|(_, rows)| **rows > 0).map(|(table, _)| table.as_str()).collect();
    assert_eq!(left, ["ACM_DataQuality", "ACM_Runs"]);
}

#[test]
fn runs_without_an_id_keep_each_others_rows() {
    let mut plant = Plant::with_targets(200);
    plant.request.run_id = None;
    run(&plant.request).report();
    run(&plant.request).report();
    let connection = Connection::open(plant.request.db.as_ref().unwrap()).unwrap();
    let runs: i64 = connection.query_row("SELECT COUNT(*) FROM ACM_Runs", [], |r| r.get(0)).unwrap();
    assert_eq!(runs, 2);
}

/// PIPE-11, PIPE-12
#[test]
fn the_second_run_on_the_same_baseline_uses_the_stored_models() {
    let plant = Plant::with_targets(1000);
    let first = run(&plant.request);
    let bytes = result_bytes(plant.request.out.as_ref().unwrap());
    assert!(!first.report().models_reused);
    assert_eq!(first.span("fit.pca").outcome, Outcome::Success);
    assert_eq!(first.span("models.load").outcome, Outcome::Noop);

    let second = run(&plant.request);
    assert!(second.report().models_reused);
    assert_eq!(second.report().feature_hash, first.report().feature_hash);
    for name in ["models.fit", "models.save", "fit.ar1", "fit.pca", "fit.iforest", "fit.gmm", "fit.omr"] {
        assert_eq!(second.span(name).outcome, Outcome::Skip, "{name}");
    }
    assert_eq!(second.span("score.pca").outcome, Outcome::Success);
    assert!(result_bytes(plant.request.out.as_ref().unwrap()) == bytes, "stored models give the same bytes");

    let other = RunRequest { train: Train::Rows(700), ..plant.request.clone() };
    let third = run(&other);
    assert!(!third.report().models_reused, "other training rows need other models");
    let connection = Connection::open(plant.request.db.as_ref().unwrap()).unwrap();
    let versions: (i64, i64) = connection
        .query_row("SELECT MAX(Version), COUNT(*) FROM ModelRegistry", [], |r| Ok((r.get(0)?, r.get(1)?)))
        .unwrap();
    assert_eq!(versions, (2, 10), "two versions of five detectors");
}
