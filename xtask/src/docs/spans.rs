//! `docs/reference/spans.md`: the registry of span names, and what a run of the pipeline records of it.

mod demo;
mod tables;

use std::fmt::Write as _;
use std::path::Path;

use obs_core::names::registry;

use super::{Error, head};

/// The registry with its counts, the tree of a run with result tables, then the rules that names follow.
pub(super) fn page(root: &Path) -> Result<String, Error> {
    let spans = demo::record(root)?;
    if let Some(span) = spans.iter().find(|span| !registry::contains(&span.name)) {
        return Err(Error::SpanName { name: span.name.to_string() });
    }
    let run: Vec<&str> = spans.iter().map(|span| span.name.as_ref()).collect();
    let (rows, data) = (demo::ROWS, demo::DATA);
    let mut page = head("Spans", "crates/obs-core/src/names");
    page.push_str(
        "Every span name that obs, its batch, its helpers for operations and its agents record or keep for themselves. \
         Programs may use other names by the rules below; `cargo xtask lint-obs` checks them, and `cargo xtask spans` \
         prints this list. The guide is `docs/guide/naming.md`.\n\n",
    );
    // Writing to a string cannot fail.
    let _ = writeln!(
        page,
        "\"In the run\" counts spans of a run with a database over the first {rows} rows of `{data}`, whose tree is \
         below."
    );
    page.push_str("\n## Kinds\n\n");
    page.push_str(&tables::kinds(&run));
    page.push_str("\n## Categories\n\n");
    page.push_str(&tables::categories(&run));
    page.push_str("\n## Names\n\nIn order of name. A name without a condition is in every run that comes to a result.\n\n");
    page.push_str(&tables::names(&run));
    page.push_str("\n## Attributes of every span\n\n");
    page.push_str(&tables::common());
    page.push_str("\n## Tree of a run\n\n");
    page.push_str(
        "Spans that repeat below one parent are listed once.\n\n\
         | span | kind | category | phase | attributes of its own |\n|---|---|---|---|---|\n",
    );
    for line in demo::Tree::new(&spans).lines() {
        page.push_str(&line);
    }
    page.push_str(
        "\n## Old names\n\nA span that is started under an old name is recorded under the new one.\n\n",
    );
    page.push_str(&tables::old_names());
    page.push_str("\n## Components\n\nThe last part of a logger's name, in lower case; a label in Loki.\n\n");
    page.push_str(&tables::components());
    page.push_str(RULES);
    Ok(page)
}

/// What names and keys follow.
const RULES: &str = "\n## Rules\n\n\
    A name is `category`, `category.operation` or `category.subcategory.operation`: at most three parts of lower-case \
    letters, digits and `_`, each starting with a letter. The macro `span!` refuses any other literal at compile time. \
    Kind and phase follow from the name; the tables above show the few exact names that differ from their category \
    (`models.fit` and `models.score` are server spans, for instance).\n\n\
    Attribute keys without a dot get the prefix `acm.` when exported; keys with one stay as they are.\n";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use obs_core::names::{Category, SpanKind, span_kind};
    use obs_pipeline::phases::TOP_LEVEL;

    use super::*;
    use crate::repo;

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

    /// SPAN-22
    #[test]
    fn every_phase_and_every_name_in_the_sources_is_in_the_tree() {
        let page = page(&repo::root()).unwrap();
        let tree =
            page.split("## Tree of a run").nth(1).and_then(|rest| rest.split("## Old names").next()).unwrap();
        let sources = names_in_sources();
        assert!(sources.len() > 30, "{sources:?}");
        for name in TOP_LEVEL.into_iter().chain(sources.iter().map(String::as_str)) {
            assert!(tree.contains(&format!("`{name}` | ")), "{name}");
        }
    }

    /// SPAN-21, DOC-05
    #[test]
    fn every_registered_name_has_a_line_with_its_kind() {
        let page = page(&repo::root()).unwrap();
        let names = page.split("## Names").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
        for entry in registry::all() {
            let line = format!("\n| `{}` | {} | ", entry.name, entry.kind().as_str());
            assert_eq!(names.matches(&line).count(), 1, "{}", entry.name);
        }
    }

    /// DOC-05, NAME-08..12: what the guide says of kinds is what the tables say.
    #[test]
    fn the_guide_gives_each_kind_its_colour_and_its_categories() {
        let guide = fs::read_to_string(repo::root().join("docs/guide/naming.md")).unwrap();
        for kind in SpanKind::ALL {
            let head = format!("\n| {} | {} | ", kind.as_str(), kind.colour());
            let row = guide.split(&head).nth(1).and_then(|rest| rest.lines().next());
            let row = row.unwrap_or_else(|| panic!("no row begins with {head}"));
            let categories = row.split(" | ").nth(1).unwrap().trim_end_matches(" |");
            for category in categories.split(", ").filter(|category| !category.contains(' ')) {
                assert_eq!(span_kind(category), kind, "{category}");
            }
        }
    }

    #[test]
    fn two_runs_give_one_page() {
        assert_eq!(page(&repo::root()).unwrap(), page(&repo::root()).unwrap());
    }
}
