//! Rule: every crate says what it is for and takes the workspace's lints.

use toml::{Table, Value};

use super::Problem;
use super::files::File;

/// Checks the manifest of every member of the workspace.
pub(super) fn check(files: &[File]) -> Vec<Problem> {
    let manifest = |path: &str| files.iter().find(|file| file.path == path);
    let Some(root) = manifest("Cargo.toml") else {
        return vec![Problem::of_file("Cargo.toml", "the workspace has no manifest")];
    };
    let members = match root.text.parse::<Table>() {
        Ok(table) => members(&table),
        Err(error) => return vec![Problem::of_file("Cargo.toml", error.message())],
    };
    if members.is_empty() {
        return vec![Problem::of_file("Cargo.toml", "`workspace.members` names no crate")];
    }
    let mut problems = Vec::new();
    for member in members {
        let path = format!("{member}/Cargo.toml");
        let told = manifest(&path).map_or_else(
            || vec![Problem::of_file("Cargo.toml", format!("member `{member}` has no manifest"))],
            check_crate,
        );
        problems.extend(told);
    }
    problems
}

/// The folders in `workspace.members`.
fn members(manifest: &Table) -> Vec<String> {
    let list = manifest.get("workspace").and_then(|w| w.get("members")).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn check_crate(file: &File) -> Vec<Problem> {
    let table = match file.text.parse::<Table>() {
        Ok(table) => table,
        Err(error) => return vec![Problem::of_file(&file.path, error.message())],
    };
    let mut problems = Vec::new();
    let description = table.get("package").and_then(|p| p.get("description")).and_then(Value::as_str);
    if description.is_none_or(|text| text.trim().is_empty()) {
        problems.push(Problem::of_file(&file.path, "`package.description` is missing"));
    }
    let lints = table.get("lints").and_then(|l| l.get("workspace")).and_then(Value::as_bool);
    if lints != Some(true) {
        problems.push(Problem::of_file(&file.path, "`[lints] workspace = true` is missing"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(root: &str, member: &str) -> Vec<String> {
        let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
        let files = [file("Cargo.toml", root), file("crates/a/Cargo.toml", member)];
        check(&files).iter().map(ToString::to_string).collect()
    }

    const ROOT: &str = "[workspace]\nmembers = [\"crates/a\"]\n";

    #[test]
    fn a_described_crate_with_the_workspaces_lints_passes() {
        assert!(problems(ROOT, "[package]\ndescription = \"x\"\n[lints]\nworkspace = true\n").is_empty());
    }

    #[test]
    fn a_missing_description_and_missing_lints_are_told_apart() {
        let told = problems(ROOT, "[package]\ndescription = \" \"\n[lints]\nworkspace = false\n");
        assert_eq!(
            told,
            [
                "crates/a/Cargo.toml: `package.description` is missing",
                "crates/a/Cargo.toml: `[lints] workspace = true` is missing"
            ]
        );
    }

    #[test]
    fn members_without_manifest_and_broken_manifests_are_named() {
        assert_eq!(
            problems("[workspace]\nmembers = [\"crates/b\"]\n", ""),
            ["Cargo.toml: member `crates/b` has no manifest"]
        );
        assert!(problems("[workspace\n", "")[0].starts_with("Cargo.toml: "));
        assert!(problems(ROOT, "= 1")[0].starts_with("crates/a/Cargo.toml: "));
        assert_eq!(problems("[package]\n", ""), ["Cargo.toml: `workspace.members` names no crate"]);
    }
}
