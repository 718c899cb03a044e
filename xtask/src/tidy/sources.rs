//! Rules for single files: module docs first, nothing left undone, short enough to read in one sitting.

use super::Problem;
use super::files::File;

/// Most lines a file may have.
const LONGEST: usize = 600;

/// What finished code does not hold. Written in two parts, or this file would break its own rule.
const UNDONE: [(&str, &str); 3] = [
    (concat!("#[", "ignore"), "a test that does not run proves nothing: make it run or remove it"),
    (concat!("todo", "!("), "finish it or leave it out"),
    (concat!("FIX", "ME"), "fix it or write an issue"),
];

/// Checks every file people wrote; the changelog may be as long as it likes.
pub(super) fn check(files: &[File]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in files {
        let lines = file.text.lines().count();
        if lines > LONGEST && file.path != "CHANGELOG.md" {
            problems
                .push(Problem::of_file(&file.path, format!("{lines} lines; at most {LONGEST}, split it")));
        }
        if file.is("rs") {
            problems.extend(check_source(file));
        }
    }
    problems
}

fn check_source(file: &File) -> Vec<Problem> {
    let mut problems = Vec::new();
    let first = file.text.lines().next().unwrap_or_default();
    if first.strip_prefix("//!").is_none_or(|docs| docs.trim().is_empty()) {
        problems.push(Problem::at(
            &file.path,
            1,
            "the first line must be `//!` and say what the file is for",
        ));
    }
    for (index, line) in file.text.lines().enumerate() {
        for (mark, advice) in UNDONE {
            if line.contains(mark) {
                problems.push(Problem::at(&file.path, index + 1, format!("`{mark}`: {advice}")));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: &str) -> Vec<String> {
        check(&[File { path: path.to_owned(), text: text.to_owned() }])
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn a_source_file_that_begins_with_its_docs_passes() {
        assert!(problems("a.rs", "//! What this is for.\n\nfn f() {}\n").is_empty());
    }

    #[test]
    fn missing_and_empty_module_docs_are_told() {
        for text in ["fn f() {}\n", "", "//!\n", "// no docs\n", "#![allow(x)]\n//! Late.\n"] {
            assert_eq!(problems("a.rs", text).len(), 1, "{text:?}");
        }
        assert!(problems("a.toml", "x = 1\n").is_empty());
    }

    #[test]
    fn unfinished_code_is_told_with_its_line() {
        for (mark, _) in UNDONE {
            let told = problems("a.rs", &format!("//! Docs.\n\n{mark}\n"));
            assert!(told.len() == 1 && told[0].starts_with("a.rs:3: "), "{told:?}");
        }
    }

    #[test]
    fn files_over_the_limit_are_told_whatever_their_kind_but_the_changelog() {
        let text = format!("//! Docs.\n{}", "x\n".repeat(LONGEST));
        assert_eq!(
            problems("a.rs", &text),
            [format!("a.rs: {} lines; at most {LONGEST}, split it", LONGEST + 1)]
        );
        assert_eq!(problems("docs/a.md", &text).len(), 1);
        assert!(problems("CHANGELOG.md", &text).is_empty());
        assert!(problems("a.rs", &text[..text.len() - 2]).is_empty());
    }
}
