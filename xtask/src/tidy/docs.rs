//! Rule: a path that our pages name exists.

use std::path::Path;

use super::Problem;
use super::files::File;

/// Code in a page counts as a path of ours when it begins with one of these.
const ROOTS: [&str; 4] = ["crates/", "docs/", "fixtures/", "xtask/"];

/// Every path in backticks, in every page but the changelog (which may speak of what is gone), that does not exist.
pub(super) fn check(root: &Path, files: &[File]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.is("md") && file.path != "CHANGELOG.md") {
        for (line, path) in named_paths(&file.text) {
            if !root.join(path).exists() {
                problems.push(Problem::at(&file.path, line, format!("names `{path}`, which does not exist")));
            }
        }
    }
    problems
}

/// The paths in backticks outside code blocks, each with its line.
fn named_paths(page: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut in_block = false;
    for (index, line) in page.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            // Between backticks are the odd pieces; the last piece, if odd, was never closed.
            let pieces: Vec<&str> = line.split('`').collect();
            let closed = (pieces.len() - 1) / 2 * 2;
            found.extend(
                pieces[..closed].iter().skip(1).step_by(2).filter_map(|c| path(c)).map(|p| (index + 1, p)),
            );
        }
    }
    found
}

/// The path that a piece of code begins with: without line number, anchor or arguments, and up to the folder before a
/// wildcard such as `*` or `<name>`.
fn path(code: &str) -> Option<&str> {
    if !ROOTS.iter().any(|root| code.starts_with(root)) {
        return None;
    }
    let word = code.split([' ', '#', ':']).next().unwrap_or(code);
    let fixed = match word.find(['*', '<', '{', '…', '$']) {
        Some(wildcard) => &word[..word[..wildcard].rfind('/')?],
        None => word.trim_end_matches('/'),
    };
    Some(fixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_cut_down_to_the_path_it_names() {
        let cases = [
            ("crates/obs/src/lib.rs", Some("crates/obs/src/lib.rs")),
            ("crates/obs/src/lib.rs:12", Some("crates/obs/src/lib.rs")),
            ("docs/guide.md#start", Some("docs/guide.md")),
            ("fixtures/", Some("fixtures")),
            ("fixtures/a.csv --json", Some("fixtures/a.csv")),
            ("docs/adr/<number>-<title>.md", Some("docs/adr")),
            ("crates/*/Cargo.toml", Some("crates")),
            ("cargo run fixtures/a.csv", None),
            ("src/lib.rs", None),
        ];
        for (code, named) in cases {
            assert_eq!(path(code), named, "{code}");
        }
    }

    #[test]
    fn paths_in_blocks_and_open_backticks_are_passed_over() {
        let page =
            "a `docs/a.md` b `docs/b.md`\n```text\n`docs/c.md`\n```\nx ` docs/d.md\n`docs/e.md` `docs/f.md\n";
        assert_eq!(named_paths(page), [(1, "docs/a.md"), (1, "docs/b.md"), (6, "docs/e.md")]);
    }

    #[test]
    fn a_missing_path_is_told_with_page_and_line() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("docs")).unwrap();
        let page =
            |path: &str| File { path: path.to_owned(), text: "see `docs/`\nand `docs/gone.md`\n".to_owned() };
        let problems = check(root.path(), &[page("CHANGELOG.md"), page("README.md")]);
        assert_eq!(problems, [Problem::at("README.md", 2, "names `docs/gone.md`, which does not exist")]);
    }
}
