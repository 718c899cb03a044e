//! What the naming convention says about a name.

use obs_core::names::{Category, SUFFIXES, check, component, new_name, prefix, registry, suggestion};

use super::Severity;
use super::scan::{Found, What};

/// Everything there is to say about a name, worst first.
pub(super) fn judge(found: &Found) -> Vec<(Severity, String)> {
    match found.what {
        What::Span => span(&found.name),
        What::Component => known_component(&found.name.to_ascii_lowercase()).into_iter().collect(),
        What::Logger => {
            component::of_logger(&found.name).and_then(|name| known_component(&name)).into_iter().collect()
        }
    }
}

fn span(name: &str) -> Vec<(Severity, String)> {
    if let Err(error) = check(name) {
        return vec![(Severity::Error, format!("span name `{name}`: {error}"))];
    }
    if let Some(new) = new_name(name) {
        return vec![(
            Severity::Warning,
            format!("span name `{name}` is an old one: `{new}` is its new name"),
        )];
    }
    let mut said = Vec::new();
    let first = prefix(name);
    if !registry::knows_category(first) {
        said.push((
            Severity::Warning,
            format!("span name `{name}`: unknown category `{first}`; known are {}", categories()),
        ));
    }
    if let Some(better) = suggestion(name) {
        let verbs: Vec<String> = SUFFIXES.iter().map(|(a, b)| format!("{a}/{b}")).collect();
        said.push((
            Severity::Warning,
            format!("span name `{name}`: `{better}` ends in a verb of the convention ({})", verbs.join(", ")),
        ));
    }
    if said.is_empty() && !registry::contains(name) {
        said.push((
            Severity::Note,
            format!("span name `{name}` is not registered; `cargo xtask spans` prints those that are"),
        ));
    }
    said
}

/// The categories, and the first parts of names that stand alone.
fn categories() -> String {
    let mut known: Vec<&str> = Category::ALL.into_iter().map(Category::as_str).collect();
    for entry in registry::all() {
        if !known.contains(&entry.category()) {
            known.push(entry.category());
        }
    }
    known.sort_unstable();
    known.join(", ")
}

fn known_component(name: &str) -> Option<(Severity, String)> {
    if component::find(name).is_some() {
        return None;
    }
    let known: Vec<&str> = component::COMPONENTS.iter().map(|component| component.name).collect();
    Some((Severity::Warning, format!("unknown component `{name}`; known are {}", known.join(", "))))
}
