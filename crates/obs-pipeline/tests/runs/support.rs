//! A small plant, and instruments whose recordings can be read back.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use obs_core::{Ids, Ledger, ServiceIdentity};
use obs_logs::{LogCategory, LogLine, Logs};
use obs_metrics::{Metrics, Snapshot};
use obs_pipeline::{Instruments, Pipeline, PipelineConfig, RunError, RunReport, RunRequest};
use obs_trace::{SpanRecord, Tracer};
use tempfile::TempDir;

/// Everything one run recorded, and what it gave.
pub(crate) struct Ran {
    pub(crate) result: Result<RunReport, RunError>,
    /// In start order.
    pub(crate) spans: Vec<SpanRecord>,
    pub(crate) lines: Vec<LogLine>,
    pub(crate) metrics: Snapshot,
}

impl Ran {
    pub(crate) fn report(&self) -> &RunReport {
        self.result.as_ref().unwrap()
    }

    pub(crate) fn span(&self, name: &str) -> &SpanRecord {
        self.spans.iter().find(|s| s.name == name).unwrap()
    }

    pub(crate) fn children(&self, parent: &SpanRecord) -> Vec<&SpanRecord> {
        self.spans.iter().filter(|s| s.parent == Some(parent.span_id)).collect()
    }

    pub(crate) fn categories(&self) -> std::collections::BTreeSet<LogCategory> {
        self.lines.iter().filter_map(LogLine::category).collect()
    }
}

/// Runs `request` with the default configuration.
pub(crate) fn run(request: &RunRequest) -> Ran {
    let tracer = Tracer::for_tests();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let output = Arc::clone(&lines);
    let identity = ServiceIdentity::default();
    let logs = Logs::builder(&identity).build(move |line| output.lock().unwrap().push(line));
    let metrics = Metrics::new(identity, Arc::new(Ledger::default()));
    let instruments =
        Instruments { tracer: tracer.clone(), log: logs.root().clone(), metrics: metrics.clone() };
    let result = Pipeline::new(PipelineConfig::default(), instruments).run(request);
    let mut spans = tracer.take_finished();
    // Spans finish children first; ids of a test tracer count up from 1 in start order, which also orders equal times.
    spans.sort_by_key(|s| (s.start, s.span_id));
    let lines = std::mem::take(&mut *lines.lock().unwrap());
    Ran { result, spans, lines, metrics: metrics.snapshot() }
}

/// A folder with an input file, and room for results.
pub(crate) struct Plant {
    dir: TempDir,
    pub(crate) request: RunRequest,
}

impl Plant {
    /// Four sensors that follow one load, `rows` rows in steps of ten minutes. In the last tenth `flow` drifts away.
    pub(crate) fn new(rows: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let input = dir.path().join("pump.csv");
        std::fs::write(&input, table(rows)).unwrap();
        let request = RunRequest {
            inputs: vec![input],
            equipment: "pump".to_owned(),
            equip_id: 7,
            run_id: Some(Ids::sequential().run_id()),
            ..RunRequest::default()
        };
        Self { dir, request }
    }

    /// The same with a result folder and a database.
    pub(crate) fn with_targets(rows: usize) -> Self {
        let mut plant = Self::new(rows);
        plant.request.out = Some(plant.path("out"));
        plant.request.db = Some(plant.path("obs.db"));
        plant
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

fn table(rows: usize) -> String {
    let mut generator = fastrand::Rng::with_seed(11);
    let mut noise = || generator.f64() - 0.5;
    let mut text = "timestamp,current,flow,pressure,temperature\n".to_owned();
    let mut load = 0.0;
    for row in 0..rows {
        load = 0.9 * load + noise();
        let fault = 0.05 * (row as f64 - 0.9 * rows as f64).max(0.0);
        let minutes = 10 * row;
        let (day, hour, minute) = (1 + minutes / 1440, minutes / 60 % 24, minutes % 60);
        let values = [
            70.0 + 4.0 * load + noise(),
            140.0 + 9.0 * load + 2.0 * noise() - fault,
            230.0 + 12.0 * load + 3.0 * noise(),
            45.0 + 2.0 * load + noise(),
        ];
        let _ = write!(text, "2024-01-{day:02}T{hour:02}:{minute:02}:00");
        for value in values {
            let _ = write!(text, ",{value:.4}");
        }
        text.push('\n');
    }
    text
}

/// Both result files of a folder.
pub(crate) fn result_bytes(folder: &Path) -> (Vec<u8>, Vec<u8>) {
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    (read("scores.csv"), read("episodes.csv"))
}
