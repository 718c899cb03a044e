//! The tables of `docs/reference/spans.md` that come from the naming tables of `obs_core::names`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use obs_core::names::component::COMPONENTS;
use obs_core::names::registry::{Attribute, COMMON, Presence};
use obs_core::names::{Category, Names, Phase, SpanKind, aliases, prefix, span_kind};

use crate::docs::cell;
use crate::spans::{by_category, by_kind, sorted};

/// A table's head; rows follow.
fn table(columns: &[&str]) -> String {
    format!("| {} |\n|{}\n", columns.join(" | "), "---|".repeat(columns.len()))
}

/// Kind, colour, how many names, how many spans of the run and which share of it.
pub(super) fn kinds(run: &[&str]) -> String {
    let mut text = table(&["kind", "colour", "stands for", "names", "in the run", "share"]);
    for (kind, names) in by_kind(&sorted()) {
        let spans = run.iter().filter(|name| span_kind(name) == kind).count();
        let share = 100.0 * spans as f64 / run.len() as f64;
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {names} | {spans} | {share:.0} % |",
            kind.as_str(),
            kind.colour(),
            stands_for(kind)
        );
    }
    text
}

fn stands_for(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Internal => "work within the process",
        SpanKind::Server => "a stage that others wait for, or an incoming request",
        SpanKind::Client => "storage, or another service",
        SpanKind::Producer => "makes data for later stages",
        SpanKind::Consumer => "draws conclusions from earlier stages",
    }
}

/// The categories with the kind and the phase each stands for, then the first parts of names that stand alone.
pub(super) fn categories(run: &[&str]) -> String {
    let registered = by_category(&sorted());
    let mut spans: BTreeMap<&str, usize> = BTreeMap::new();
    for name in run {
        *spans.entry(prefix(name)).or_default() += 1;
    }
    let known = Category::ALL.into_iter().map(Category::as_str);
    let others = registered.keys().copied().filter(|first| Category::of(first).is_none());
    let mut text = table(&["category", "kind", "phase", "names", "in the run"]);
    for category in known.chain(others) {
        let _ = writeln!(
            text,
            "| `{category}` | {} | {} | {} | {} |",
            span_kind(category).as_str(),
            Phase::of(category).map_or("none", Phase::as_str),
            registered.get(category).unwrap_or(&0),
            spans.get(category).unwrap_or(&0)
        );
    }
    text
}

/// Every registered name.
pub(super) fn names(run: &[&str]) -> String {
    let mut text = table(&["span", "kind", "phase", "covers", "recorded when", "attributes", "in the run"]);
    for entry in sorted() {
        let when = match entry.presence {
            Presence::Always => "",
            Presence::When(when) => when,
        };
        let attributes: Vec<String> = entry.attributes.iter().map(attribute).collect();
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} | {} | {} |",
            entry.name,
            entry.kind().as_str(),
            entry.phase().map_or("", Phase::as_str),
            cell(entry.describes),
            cell(when),
            attributes.join(", "),
            run.iter().filter(|name| **name == entry.name).count()
        );
    }
    text
}

/// Key as exported, type, and a mark where not every span has it.
fn attribute(attribute: &Attribute) -> String {
    let key = Names::default().attribute_key(attribute.key).into_owned();
    let sometimes = attribute.when.map(|when| format!(", when {when}")).unwrap_or_default();
    format!("`{key}` ({}{})", attribute.value.as_str(), cell(&sometimes))
}

/// What any span may carry.
pub(super) fn common() -> String {
    let mut text = table(&["key", "type", "there when"]);
    for attribute in COMMON {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} |",
            Names::default().attribute_key(attribute.key),
            attribute.value.as_str(),
            attribute.when.unwrap_or("always")
        );
    }
    text
}

/// Renamed spans.
pub(super) fn old_names() -> String {
    let mut text = table(&["old name", "new name"]);
    let mut pairs: Vec<_> = aliases().collect();
    pairs.sort_unstable();
    for (old, new) in pairs {
        let _ = writeln!(text, "| `{old}` | `{new}` |");
    }
    text
}

/// Components of loggers.
pub(super) fn components() -> String {
    let mut text = table(&["component", "what it does"]);
    for component in COMPONENTS {
        let _ = writeln!(text, "| `{}` | {} |", component.name, cell(component.describes));
    }
    text
}
