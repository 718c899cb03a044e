//! The bar for the labelled fan: at least five of its six faults found, at most two episodes outside them, and the same
//! bytes on one thread and on two, with fitted models and with stored ones.

use std::path::{Path, PathBuf};

use obs_pipeline::RunRequest;
use obs_pipeline::evaluate::event_counts;

use super::support::{Ran, result_bytes, run};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)
}

fn request(out: PathBuf, db: Option<PathBuf>) -> RunRequest {
    RunRequest {
        inputs: vec![fixture("fd_fan.csv")],
        equipment: "FD_FAN".to_owned(),
        out: Some(out),
        db,
        ..RunRequest::default()
    }
}

fn on_threads(threads: usize, request: &RunRequest) -> Ran {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| run(request))
}

/// Start and end time of every labelled fault.
fn faults() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(fixture("fd_fan.labels.csv")).unwrap();
    text.lines()
        .skip(1)
        .map(|line| {
            let mut cells = line.split(',').map(str::to_owned);
            (cells.next().unwrap(), cells.next().unwrap())
        })
        .collect()
}

/// PIPE-06
#[test]
fn the_fans_faults_are_found_and_the_results_are_the_same_bytes_however_they_are_computed() {
    let folder = tempfile::tempdir().unwrap();
    let out = |name: &str| folder.path().join(name);
    let db = Some(out("obs.db"));

    let ran = on_threads(1, &request(out("one"), db.clone()));
    let report = ran.report();
    assert_eq!((report.rows.read, report.rows.train), (17_000, 10_200));

    let scored = &report.scored;
    let times: Vec<String> = (0..scored.time.len()).map(|row| scored.format_time(row)).collect();
    let rows = |start: &str, end: &str| {
        times.partition_point(|t| t.as_str() < start)..times.partition_point(|t| t.as_str() <= end)
    };
    let events: Vec<_> = faults().iter().map(|(start, end)| rows(start, end)).collect();
    assert!(events.len() == 6 && events.iter().all(|e| !e.is_empty()), "{events:?}");
    let episodes: Vec<_> = report.episodes.iter().map(|e| rows(&e.start, &e.end)).collect();
    let counts = event_counts(&episodes, &events);
    let healthy = (0..times.len()).filter(|row| !events.iter().any(|e| e.contains(row)));
    let (mut rows, mut alarms) = (0, 0);
    for row in healthy {
        rows += 1;
        alarms += usize::from(scored.fused[row] >= scored.threshold[row]);
    }
    let found = format!("{counts:?}; {alarms} alarms in {rows} healthy rows; {:#?}", report.episodes);
    assert!(counts.touched >= 5, "{found}");
    assert!(counts.false_episodes <= 2, "{found}");
    println!("{found}");

    let bytes = result_bytes(&out("one"));
    assert!(!report.models_reused);
    on_threads(2, &request(out("two"), None));
    assert!(result_bytes(&out("two")) == bytes, "two threads give other bytes than one");
    let again = on_threads(2, &request(out("again"), db));
    assert!(again.report().models_reused);
    assert!(result_bytes(&out("again")) == bytes, "stored models give other bytes than fitted ones");
}
