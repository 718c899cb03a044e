//! A run of the pipeline over the first rows of the fan data set, and its tree of spans.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use obs_core::names::{Phase, prefix, span_kind};
use obs_core::{Ids, Ledger, ServiceIdentity, SpanId};
use obs_metrics::Metrics;
use obs_pipeline::{Instruments, Pipeline, PipelineConfig, RunRequest, Train};
use obs_trace::{SpanRecord, Tracer};

use crate::docs::Error;

/// Rows of the data set that are run: enough for every phase, few enough for a moment's work.
pub(super) const ROWS: usize = 1600;
const TRAIN_ROWS: usize = 1000;
pub(super) const DATA: &str = "fixtures/fd_fan.csv";

/// Runs the batch; the spans it ended, in order of their start.
pub(super) fn record(root: &Path) -> Result<Vec<SpanRecord>, Error> {
    let data = root.join(DATA);
    let text = fs::read_to_string(&data).map_err(Error::io("read", &data))?;
    let folder = tempfile::tempdir().map_err(Error::io("create a folder in", &std::env::temp_dir()))?;
    let input = folder.path().join("rows.csv");
    let head: String = text.split_inclusive('\n').take(ROWS + 1).collect();
    fs::write(&input, head).map_err(Error::io("write", &input))?;

    let tracer = Tracer::for_tests();
    let instruments = Instruments {
        tracer: tracer.clone(),
        log: slog::Logger::root(slog::Discard, slog::o!()),
        metrics: Metrics::new(ServiceIdentity::default(), Arc::new(Ledger::default())),
    };
    let request = RunRequest {
        inputs: vec![input],
        train: Train::Rows(TRAIN_ROWS),
        equipment: "FD_FAN".to_owned(),
        run_id: Some(Ids::sequential().run_id()),
        out: Some(folder.path().join("out")),
        db: Some(folder.path().join("obs.db")),
        ..RunRequest::default()
    };
    Pipeline::new(PipelineConfig::default(), instruments).run(&request)?;
    let mut spans = tracer.take_finished();
    spans.sort_by_key(|span| (span.start, span.span_id.get()));
    Ok(spans)
}

/// Spans by parent.
pub(super) struct Tree<'a> {
    children: HashMap<Option<SpanId>, Vec<&'a SpanRecord>>,
}

impl<'a> Tree<'a> {
    pub(super) fn new(spans: &'a [SpanRecord]) -> Self {
        let mut children: HashMap<_, Vec<_>> = HashMap::new();
        for span in spans {
            children.entry(span.parent).or_default().push(span);
        }
        Self { children }
    }

    /// One line for each name below each parent, parents first.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        self.descend(&[None], 0, &mut lines);
        lines
    }

    /// Lists what is below `parents`, which are all spans of one name below one parent.
    fn descend(&self, parents: &[Option<SpanId>], depth: usize, lines: &mut Vec<String>) {
        let below: Vec<&SpanRecord> =
            parents.iter().filter_map(|p| self.children.get(p)).flatten().copied().collect();
        let mut names: Vec<&str> = Vec::new();
        for span in &below {
            if !names.contains(&span.name.as_ref()) {
                names.push(&span.name);
            }
        }
        for name in names {
            let alike: Vec<&SpanRecord> = below.iter().filter(|s| s.name == name).copied().collect();
            lines.push(line(name, depth, &alike));
            let ids: Vec<Option<SpanId>> = alike.iter().map(|s| Some(s.span_id)).collect();
            self.descend(&ids, depth + 1, lines);
        }
    }
}

fn line(name: &str, depth: usize, alike: &[&SpanRecord]) -> String {
    let keys: BTreeSet<String> =
        alike.iter().flat_map(|span| span.own_attributes()).map(|(key, _)| format!("`{key}`")).collect();
    let keys: Vec<String> = keys.into_iter().collect();
    let indent = "&emsp;".repeat(depth);
    let phase = Phase::of(name).map_or("", Phase::as_str);
    format!(
        "| {indent}`{name}` | {} | `{}` | {phase} | {} |\n",
        span_kind(name).as_str(),
        prefix(name),
        keys.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_one_name_below_one_parent_take_one_line() {
        let tracer = Tracer::for_tests();
        {
            let _root = obs_trace::span!(tracer, "persist");
            drop(obs_trace::span!(tracer, "sql.insert", rows = 1));
            drop(obs_trace::span!(tracer, "sql.insert", "db.system.name" = "sqlite"));
        }
        let mut spans = tracer.take_finished();
        spans.sort_by_key(|s| s.start);
        assert_eq!(
            Tree::new(&spans).lines(),
            [
                "| `persist` | client | `persist` | persist |  |\n",
                "| &emsp;`sql.insert` | client | `sql` | persist | `acm.rows`, `db.system.name` |\n"
            ]
        );
    }
}
