//! Tests of the registry: its names are good ones, and there are as many as promised.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::names::{aliases, check, new_name, suggestion};

/// SPAN-21, NAME-01
#[test]
fn at_least_75_names_are_registered_each_once_and_each_by_the_rules() {
    let names: BTreeSet<&str> = all().map(|entry| entry.name).collect();
    assert_eq!(names.len(), all().count(), "each once");
    assert!(names.len() >= 75, "{}", names.len());
    for name in names {
        assert_eq!(check(name), Ok(()), "{name}");
        assert_eq!(suggestion(name), None, "{name}");
        assert_eq!(new_name(name), None, "{name} is an old name");
    }
}

/// SPAN-21
#[test]
fn the_counts_per_area_are_those_of_the_inventory() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in all() {
        *counts.entry(entry.category()).or_default() += 1;
    }
    let count = |categories: &str| categories.split(' ').map(|c| counts[c]).sum::<usize>();
    assert_eq!(count("fit score"), 10);
    assert_eq!(count("features"), 8);
    assert!(count("sql persist") >= 15, "{counts:?}");
    assert!(count("models") >= 8 && count("fusion") >= 3 && count("regimes") >= 4, "{counts:?}");
}

/// NAME-05
#[test]
fn every_renamed_span_is_registered_under_its_new_name() {
    for (old, new) in aliases() {
        assert!(find(new).is_some() && find(old).is_none(), "{old} -> {new}");
    }
}

/// NAME-03
#[test]
fn names_outside_of_the_categories_belong_to_helpers_that_stand_alone() {
    let others: BTreeSet<&str> =
        all().map(SpanEntry::category).filter(|first| Category::of(first).is_none()).collect();
    assert_eq!(others, BTreeSet::from(["cache", "http"]));
    for known in ["fit", "cache", "episodes"] {
        assert!(knows_category(known), "{known}");
    }
    assert!(!knows_category("test"));
}

/// DOC-05
#[test]
fn all_five_kinds_occur_among_the_names() {
    let kinds: BTreeSet<SpanKind> = all().map(SpanEntry::kind).collect();
    assert_eq!(kinds, BTreeSet::from(SpanKind::ALL));
}

#[test]
fn every_entry_says_what_it_is_and_names_each_key_once() {
    for entry in all() {
        assert!(!entry.describes.is_empty() && !entry.describes.ends_with('.'), "{}", entry.name);
        if let Presence::When(when) = entry.presence {
            assert!(!when.is_empty(), "{}", entry.name);
        }
        let keys: BTreeSet<&str> = entry.attributes.iter().chain(COMMON).map(|a| a.key).collect();
        assert_eq!(keys.len(), entry.attributes.len() + COMMON.len(), "{}", entry.name);
    }
}

/// One key means one thing: its type does not depend on the span.
#[test]
fn a_key_has_one_type_on_all_spans() {
    let mut types: BTreeMap<&str, AttributeType> = BTreeMap::new();
    for attribute in all().flat_map(|entry| entry.attributes).chain(COMMON) {
        let known = *types.entry(attribute.key).or_insert(attribute.value);
        assert_eq!(known, attribute.value, "{}", attribute.key);
    }
}

/// SPAN-25
#[test]
fn issue_types_of_a_program_s_own_count_as_registered() {
    assert!(contains("detector.small_files") && contains("detector.stale_index"));
    for name in ["detector", "detector.", "detector.a.b", "detector.Stale", "agent.stale_index"] {
        assert!(!contains(name), "{name}");
    }
}

/// SPAN-23..28
#[test]
fn spans_of_analysis_and_agent_carry_what_dashboards_ask_for() {
    for (name, keys) in [
        ("analysis.analyze_query", "job_id issues_detected"),
        ("analysis.fetch_data", ""),
        ("detector.data_skew", "detector_type issue_detected severity"),
        ("agent.call_optimizer", "job_id issues_count"),
        ("agent.build_context", ""),
        (
            "agent.llm_invocation",
            "model messages_count has_tool_calls tool_calls_count gen_ai.operation.name gen_ai.request.model",
        ),
    ] {
        let entry = find(name).unwrap_or_else(|| panic!("{name}"));
        for key in keys.split_whitespace() {
            assert!(entry.attributes.iter().any(|a| a.key == key), "{name}: {key}");
        }
    }
}
