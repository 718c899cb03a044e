//! Check of `docs/reference/dependencies.md`: every dependency of the workspace is on it, and nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use toml::{Table, Value};

use super::Error;

const PAGE: &str = "docs/reference/dependencies.md";

/// Compares manifest and page; the number of dependencies if they agree.
pub(super) fn check(root: &Path) -> Result<usize, Error> {
    let read = |name: &str| {
        let path = root.join(name);
        fs::read_to_string(&path).map_err(Error::io("read", &path))
    };
    compare(&read("Cargo.toml")?, &read(PAGE)?)
}

fn compare(manifest: &str, page: &str) -> Result<usize, Error> {
    let manifest: Table = manifest.parse()?;
    let (needed, described) = (external(&manifest), described(page));
    let list =
        |names: Vec<&String>| names.into_iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    let missing: Vec<&String> = needed.difference(&described).collect();
    if !missing.is_empty() {
        return Err(Error::Dependencies(format!("no line for {}", list(missing))));
    }
    let gone: Vec<&String> = described.difference(&needed).collect();
    if !gone.is_empty() {
        return Err(Error::Dependencies(format!("a line for {}, not in the workspace", list(gone))));
    }
    Ok(needed.len())
}

/// Every entry of `[workspace.dependencies]` that is not a crate of ours.
fn external(manifest: &Table) -> BTreeSet<String> {
    let entries = manifest.get("workspace").and_then(|w| w.get("dependencies")).and_then(Value::as_table);
    let own = |value: &Value| value.get("path").is_some();
    entries.into_iter().flatten().filter(|(_, value)| !own(value)).map(|(name, _)| name.clone()).collect()
}

/// The names that begin a line of one of the page's tables: `| `name` | …`.
fn described(page: &str) -> BTreeSet<String> {
    page.lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(name, _)| name.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str =
        "[workspace.dependencies]\nobs = { path = \"crates/obs\" }\ncsv = \"1\"\ntoml = \"1\"\n";

    #[test]
    fn a_page_with_a_line_for_each_passes() {
        let page = "| crate | for |\n|---|---|\n| `csv` | tables |\n| `toml` | settings |\n";
        assert_eq!(compare(MANIFEST, page).unwrap(), 2);
    }

    #[test]
    fn missing_and_surplus_lines_are_named() {
        let error = compare(MANIFEST, "| `csv` | tables |\n").unwrap_err().to_string();
        assert_eq!(error, "docs/reference/dependencies.md: no line for `toml`");
        let page = "| `csv` | a |\n| `toml` | b |\n| `serde` | c |\n";
        let error = compare(MANIFEST, page).unwrap_err().to_string();
        assert_eq!(error, "docs/reference/dependencies.md: a line for `serde`, not in the workspace");
        assert!(matches!(compare("[", ""), Err(Error::Manifest(_))));
    }
}
