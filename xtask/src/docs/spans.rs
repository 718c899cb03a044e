//! `docs/reference/spans.md`, from a run of the pipeline over the first rows of the fan data set.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use obs_core::names::{Category, Phase, prefix, span_kind, suggestion};
use obs_core::{Ids, Ledger, ServiceIdentity, SpanId};
use obs_metrics::Metrics;
use obs_pipeline::{Instruments, Pipeline, PipelineConfig, RunRequest, Train};
use obs_trace::{SpanRecord, Tracer};

use super::{Error, head};

/// Rows of the data set that are run: enough for every phase, few enough for a moment's work.
const ROWS: usize = 1600;
const TRAIN_ROWS: usize = 1000;
const DATA: &str = "fixtures/fd_fan.csv";

/// The span tree of a run with result tables, then the rules that names follow.
pub(super) fn page(root: &Path) -> Result<String, Error> {
    let spans = record(root)?;
    if let Some((name, better)) = spans.iter().find_map(|s| Some((s.name.to_string(), suggestion(&s.name)?)))
    {
        return Err(Error::SpanName { name, better });
    }
    let mut page = head("Spans", "crates/obs-pipeline/src/phases.rs");
    let _ = write!(
        page,
        "The tree of a run with a database over the first {ROWS} rows of `{DATA}`. Spans that repeat below one parent \
         are listed once. Each also carries `acm.category`, `acm.service`, `acm.phase` (where the table below gives \
         one), `acm.outcome` and the run context (`acm.run_id`, `acm.equipment`, `acm.equip_id`, `acm.batch_num`, \
         `acm.batch_total`, as far as set).\n\n\
         | span | kind | category | phase | attributes of its own |\n|---|---|---|---|---|\n"
    );
    for line in Tree::new(&spans).lines() {
        page.push_str(&line);
    }
    page.push_str(&rules());
    Ok(page)
}

/// Runs the batch; the spans it ended, in order of their start.
fn record(root: &Path) -> Result<Vec<SpanRecord>, Error> {
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
struct Tree<'a> {
    children: HashMap<Option<SpanId>, Vec<&'a SpanRecord>>,
}

impl<'a> Tree<'a> {
    fn new(spans: &'a [SpanRecord]) -> Self {
        let mut children: HashMap<_, Vec<_>> = HashMap::new();
        for span in spans {
            children.entry(span.parent).or_default().push(span);
        }
        Self { children }
    }

    /// One line for each name below each parent, parents first.
    fn lines(&self) -> Vec<String> {
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

/// The categories with the kind and the phase each stands for.
fn rules() -> String {
    let mut text = String::from(
        "\n## Rules\n\n\
         A name is `category`, `category.operation` or `category.subcategory.operation`: at most three parts of lower-case \
         letters, digits and `_`, each starting with a letter. The macro `span!` refuses any other literal at compile \
         time. Kind and phase follow from the name; the tree above shows the few exact names that differ from their \
         category (`models.fit` and `models.score` are server spans, for instance).\n\n\
         | category | kind | phase |\n|---|---|---|\n",
    );
    for category in Category::ALL {
        let name = category.as_str();
        let phase = Phase::of(name).map_or("none", Phase::as_str);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| `{name}` | {} | {phase} |", span_kind(name).as_str());
    }
    text.push_str(
        "\nAttribute keys without a dot get the prefix `acm.` when exported; keys with one stay as they are.\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo;
    use obs_pipeline::phases::TOP_LEVEL;

    /// The names that the pipeline's sources hand to a tracer: a name that looks like one but is data has no category
    /// before its dot, or is listed here.
    fn names_in_sources() -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let folder = repo::root().join("crates/obs-pipeline/src/phases");
        for entry in fs::read_dir(folder).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            for quoted in text.split('"').skip(1).step_by(2) {
                if quoted.contains('.')
                    && Category::of(quoted).is_some()
                    && obs_core::names::check(quoted).is_ok()
                {
                    names.insert(quoted.to_owned());
                }
            }
        }
        // Messages of log lines and names of files, not spans.
        for other in ["analytics.json", "detector.fit", "detector.score", "episodes.csv"] {
            names.remove(other);
        }
        names
    }

    #[test]
    fn every_phase_and_every_name_in_the_sources_is_on_the_page() {
        let page = page(&repo::root()).unwrap();
        let sources = names_in_sources();
        assert!(sources.len() > 30, "{sources:?}");
        for name in TOP_LEVEL.into_iter().chain(sources.iter().map(String::as_str)) {
            assert!(page.contains(&format!("`{name}` | ")), "{name}");
        }
    }

    #[test]
    fn two_runs_give_one_page() {
        assert_eq!(page(&repo::root()).unwrap(), page(&repo::root()).unwrap());
    }

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
