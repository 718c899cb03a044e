//! The tree of spans of one run, whole: SPAN-01 to SPAN-20, NAME-14, PIPE-05.
//!
//! The expected tree is `golden/span_tree.txt`. After a wanted change write it anew with
//! `OBS_BLESS=1 cargo test -p obs-pipeline --test runs golden_tree` and look at the difference.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use obs_core::SpanKind;
use obs_pipeline::detect::Kind;
use obs_trace::{SpanRecord, Value};

use super::support::{Plant, Ran, run};

/// One line for each span below `parent`: `name [kind]`, two blanks a level, in start order.
fn tree(ran: &Ran, parent: &SpanRecord, depth: usize, text: &mut String) {
    let _ = writeln!(text, "{:1$}{2} [{3}]", "", 2 * depth, parent.name, parent.kind.as_str());
    for child in ran.children(parent) {
        tree(ran, child, depth + 1, text);
    }
}

fn whole(value: &Value<'_>) -> bool {
    matches!(value, Value::I64(n) if *n > 0)
}

fn attribute<'a>(span: &'a SpanRecord, key: &str) -> Option<&'a Value<'static>> {
    span.attribute(&format!("acm.{key}"))
}

/// SPAN-01..20, NAME-14, PIPE-05
#[test]
fn one_run_gives_the_golden_tree() {
    let plant = Plant::with_targets(1000);
    let ran = run(&plant.request);
    ran.report();
    let roots: Vec<&SpanRecord> = ran.spans.iter().filter(|s| s.parent.is_none()).collect();
    assert_eq!(roots.len(), 1, "one root");
    let mut text = String::new();
    tree(&ran, roots[0], 0, &mut text);

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runs/golden/span_tree.txt");
    if std::env::var_os("OBS_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text, golden, "see the head of this file for how to accept a wanted change");
    assert_eq!(text.lines().count(), ran.spans.len(), "every span descends from the root");
    assert_eq!(roots[0].name, "pipeline.run");
    let trace = roots[0].trace_id;
    assert!(ran.spans.iter().all(|s| s.trace_id == trace), "one trace");

    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for span in &ran.spans {
        *kinds.entry(span.kind.as_str()).or_default() += 1;
    }
    for (kind, count) in &kinds {
        println!(
            "{kind}: {count} of {} spans, {:.0} %",
            ran.spans.len(),
            100.0 * *count as f64 / ran.spans.len() as f64
        );
    }
    assert_eq!(kinds.len(), 5, "all five kinds occur: {kinds:?}");
}

/// SPAN-20: `finalize` is the last child of the root, also of a run that fails or has nothing to do.
#[test]
fn finalize_comes_last_however_a_run_ends() {
    let (whole, short, mut missing) = (Plant::new(200), Plant::new(20), Plant::new(20));
    missing.request.inputs = vec![missing.path("nowhere.csv")];
    for plant in [whole, short, missing] {
        let ran = run(&plant.request);
        let root = ran.span("pipeline.run");
        let children = ran.children(root);
        let last = children.last().unwrap();
        assert_eq!((last.name.as_ref(), last.kind), ("finalize", SpanKind::Server));
        assert!(children.iter().all(|c| c.start <= last.start && c.end <= last.end), "{:?}", ran.result);
        assert!(root.start <= children[0].start && last.end <= root.end);
        assert_eq!(ran.spans.iter().filter(|s| s.name == "finalize").count(), 1);
    }
}

/// SPAN-08: nothing that takes time in fitting and scoring is outside of a detector's own span. Another process may
/// take the processor away between two spans, so the best of three runs counts.
#[test]
fn detector_spans_cover_fitting_and_scoring() {
    let plant = Plant::new(3000);
    let mut best = BTreeMap::from([("models.fit", 0.0), ("models.score", 0.0)]);
    for _ in 0..3 {
        let ran = run(&plant.request);
        for (name, share) in &mut best {
            let parent = ran.span(name);
            let covered: f64 = ran.children(parent).iter().map(|c| c.seconds()).sum();
            *share = f64::max(*share, covered / parent.seconds());
        }
        if best.values().all(|share| *share >= 0.95) {
            break;
        }
    }
    assert!(best.values().all(|share| (0.95..=1.0 + 1e-9).contains(share)), "{best:?}");
}

/// SPAN-01
#[test]
fn every_detector_has_a_fit_and_a_score_span_that_say_what_went_in() {
    let plant = Plant::new(400);
    let ran = run(&plant.request);
    for (phase, parent, rows) in [("fit", "models.fit", 240), ("score", "models.score", 160)] {
        let children = ran.children(ran.span(parent));
        let names: Vec<String> = children.iter().map(|c| c.name.clone().into_owned()).collect();
        let expected: Vec<String> = Kind::ALL.iter().map(|k| format!("{phase}.{}", k.name())).collect();
        assert_eq!(names, expected);
        for span in children {
            assert_eq!(attribute(span, "n_samples"), Some(&Value::I64(rows)), "{}", span.name);
            assert_eq!(attribute(span, "n_features"), Some(&Value::I64(4)), "{}", span.name);
        }
    }
}

/// SPAN-17, PIPE-10
#[test]
fn sql_spans_say_which_table_got_how_many_rows_and_the_tables_agree() {
    let plant = Plant::with_targets(1000);
    let ran = run(&plant.request);
    let tables = super::outcomes::rows_by_table(plant.request.db.as_ref().unwrap(), &plant.request);
    let writes: Vec<&SpanRecord> =
        ran.spans.iter().filter(|s| matches!(s.name.as_ref(), "sql.insert" | "sql.scores.write")).collect();
    let mut seen = BTreeSet::new();
    for span in &writes {
        let Some(Value::Str(table)) = attribute(span, "table") else { panic!("no table: {span:?}") };
        let Some(Value::I64(rows)) = attribute(span, "n_rows") else { panic!("no n_rows: {span:?}") };
        assert_eq!(tables.get(table.as_ref()), Some(rows), "{table}");
        assert!(seen.insert(table.clone()), "{table} is written once");
    }
    let filled: BTreeSet<_> = tables.iter().filter(|(_, n)| **n > 0).map(|(t, _)| t.as_str()).collect();
    let written: BTreeSet<_> = seen.iter().map(AsRef::as_ref).collect();
    assert!(filled.is_subset(&written), "{filled:?} {written:?}");
    assert!(filled.len() >= 9, "{filled:?}");
    assert!(attribute(ran.span("sql.bulk_insert"), "n_operations").is_some_and(whole));
    let committed: i64 = tables.values().sum();
    assert_eq!(attribute(ran.span("sql.batch_commit"), "n_rows"), Some(&Value::I64(committed)));
}
