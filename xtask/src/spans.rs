//! `cargo xtask spans`: the registry of span names, one line a name or as a table with counts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use obs_core::names::registry::{self, SpanEntry};
use obs_core::names::{Phase, SpanKind};

/// Options of `cargo xtask spans`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// One line a name and nothing else: name, category, kind and phase, separated by tabs, in order of name
    #[arg(long)]
    list: bool,
}

/// Runs the task; the text is what it has to say.
pub(crate) fn run(args: &Args) -> String {
    if args.list { list() } else { table() }
}

/// Every entry, in order of name.
pub(crate) fn sorted() -> Vec<&'static SpanEntry> {
    let mut entries: Vec<_> = registry::all().collect();
    entries.sort_by_key(|entry| entry.name);
    entries
}

/// The phase in words; `-` for none, so that no field is empty.
fn phase(entry: &SpanEntry) -> &'static str {
    entry.phase().map_or("-", Phase::as_str)
}

fn list() -> String {
    let mut text = String::new();
    for entry in sorted() {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}\t{}\t{}\t{}",
            entry.name,
            entry.category(),
            entry.kind().as_str(),
            phase(entry)
        );
    }
    text
}

fn table() -> String {
    let entries = sorted();
    let width = entries.iter().map(|entry| entry.name.len()).max().unwrap_or_default();
    let mut text = format!("{:width$}  {:8}  {:8}  what it covers\n", "name", "kind", "phase");
    for entry in &entries {
        let optional = if entry.is_optional() { " (optional)" } else { "" };
        let _ = writeln!(
            text,
            "{:width$}  {:8}  {:8}  {}{optional}",
            entry.name,
            entry.kind().as_str(),
            phase(entry),
            entry.describes
        );
    }
    let kinds: Vec<String> = by_kind(&entries).iter().map(|(k, n)| format!("{} {n}", k.as_str())).collect();
    let categories: Vec<String> = by_category(&entries).iter().map(|(c, n)| format!("{c} {n}")).collect();
    let _ = writeln!(text, "\n{} names", entries.len());
    let _ = writeln!(text, "kinds: {}", kinds.join(", "));
    let _ = writeln!(text, "categories: {}", categories.join(", "));
    text
}

/// Names of each kind, all five kinds.
pub(crate) fn by_kind(entries: &[&SpanEntry]) -> Vec<(SpanKind, usize)> {
    let of = |kind| entries.iter().filter(|entry| entry.kind() == kind).count();
    SpanKind::ALL.into_iter().map(|kind| (kind, of(kind))).collect()
}

/// Names of each category that has any, in order of category.
pub(crate) fn by_category(entries: &[&'static SpanEntry]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for entry in entries {
        *counts.entry(entry.category()).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SPAN-21
    #[test]
    fn the_list_has_a_line_of_four_fields_for_each_name_in_order() {
        let list = list();
        let lines: Vec<Vec<&str>> = list.lines().map(|line| line.split('\t').collect()).collect();
        assert!(lines.len() >= 75, "{}", lines.len());
        assert!(lines.iter().all(|line| line.len() == 4 && line.iter().all(|field| !field.is_empty())));
        assert!(lines.is_sorted_by(|a, b| a[0] < b[0]));
        assert!(lines.contains(&vec!["fit.pca", "fit", "internal", "fit"]));
        assert!(lines.contains(&vec!["pipeline.run", "pipeline", "server", "-"]));
    }

    /// SPAN-21
    #[test]
    fn the_table_ends_with_counts_that_add_up() {
        let table = table();
        let total = sorted().len();
        assert!(table.contains(&format!("\n{total} names\n")), "{table}");
        for word in ["\nkinds: ", "\ncategories: "] {
            let line = table.split(word).nth(1).and_then(|rest| rest.lines().next()).unwrap();
            let sum: usize =
                line.split(", ").map(|c| c.split(' ').nth(1).unwrap().parse::<usize>().unwrap()).sum();
            assert_eq!(sum, total, "{line}");
        }
    }
}
