//! The spans of whole runs against the registry of names.

use std::collections::BTreeSet;

use obs_core::names::Names;
use obs_core::names::registry::{self, Attribute, AttributeType, COMMON};
use obs_trace::{Outcome, SpanRecord, Value};

use super::support::{Plant, Ran, run};

#[expect(clippy::panic, reason = "a test")]
fn type_of(value: &Value<'_>) -> AttributeType {
    match value {
        Value::Str(_) => AttributeType::Text,
        Value::I64(_) => AttributeType::Int,
        Value::F64(_) => AttributeType::Float,
        Value::Bool(_) => AttributeType::Bool,
        Value::Array(_) => panic!("no span of a run has a list: {value:?}"),
    }
}

/// Keys as exported, with their types.
fn carried(span: &SpanRecord) -> BTreeSet<(String, AttributeType)> {
    span.own_attributes().map(|(key, value)| (key.to_owned(), type_of(value))).collect()
}

fn exported(attribute: &Attribute) -> (String, AttributeType) {
    (Names::default().attribute_key(attribute.key).into_owned(), attribute.value)
}

fn names(ran: &Ran) -> BTreeSet<&str> {
    ran.spans.iter().map(|span| span.name.as_ref()).collect()
}

/// SPAN-22: no gap in the phases, with or without a place for results.
#[test]
fn every_name_that_is_not_optional_is_in_every_run_that_comes_to_a_result() {
    for plant in [Plant::new(400), Plant::with_targets(400)] {
        let ran = run(&plant.request);
        ran.report();
        let names = names(&ran);
        let always = registry::all().filter(|entry| !entry.is_optional());
        let gaps: Vec<&str> = always.map(|entry| entry.name).filter(|name| !names.contains(name)).collect();
        assert!(gaps.is_empty(), "{gaps:?}");
    }
}

/// SPAN-22: the optional names of the phases are those that say what they depend on.
#[test]
fn a_run_with_regimes_and_targets_records_every_name_that_depends_on_them() {
    let ran = run(&Plant::with_targets(1000).request);
    ran.report();
    let names = names(&ran);
    for name in [
        "regimes.label",
        "regimes.transient_detection",
        "persist.scores",
        "persist.episodes",
        "sql.connect",
        "sql.scores.write",
        "sql.batch_writes",
        "sql.bulk_insert",
        "sql.insert",
        "sql.batch_commit",
    ] {
        assert!(names.contains(name), "{name}");
        assert!(registry::find(name).is_some_and(registry::SpanEntry::is_optional), "{name}");
    }
}

/// SPAN-21, SPAN-22: also of runs that fail, have nothing to do, or reuse what an earlier one stored.
#[test]
fn whatever_a_run_records_is_registered_with_its_attributes() {
    let mut missing = Plant::new(20);
    missing.request.inputs = vec![missing.path("nowhere.csv")];
    let stored = Plant::with_targets(1000);
    for request in [&stored.request, &stored.request, &Plant::new(20).request, &missing.request] {
        let ran = run(request);
        for span in &ran.spans {
            let Some(entry) = registry::find(&span.name) else { panic!("{} is not registered", span.name) };
            assert_eq!(span.kind, entry.kind(), "{}", span.name);
            let known: BTreeSet<_> = entry.attributes.iter().chain(COMMON).map(exported).collect();
            let carried = carried(span);
            assert!(carried.is_subset(&known), "{}: {carried:?}, registered {known:?}", span.name);
            if span.outcome == Outcome::Success {
                let required: BTreeSet<_> =
                    entry.attributes.iter().filter(|a| a.when.is_none()).map(exported).collect();
                assert!(required.is_subset(&carried), "{}: {carried:?}, always {required:?}", span.name);
            }
        }
    }
}
