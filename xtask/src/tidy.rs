//! `cargo xtask tidy`: the repository's rules as code. Every breach is listed, not only the first.

mod docs;
mod files;
mod licences;
mod manifests;
mod sources;

use std::fmt;
use std::path::Path;

use crate::repo::{self, Unreadable};
use files::File;

/// Why the repository is not tidy, or could not be looked at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A file or folder cannot be read.
    #[error(transparent)]
    Io(#[from] Unreadable),
    /// Rules are broken.
    #[error("{} found:{}", count(problems.len()), list(problems))]
    Untidy { problems: Vec<Problem> },
}

/// One breach of one rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The file, as seen from the root.
    path: String,
    /// Line, counted from 1; none where the whole file is meant.
    line: Option<usize>,
    what: String,
}

impl Problem {
    fn of_file(path: &str, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: None, what: what.into() }
    }

    fn at(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: Some(line), what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.what),
            None => write!(f, "{}: {}", self.path, self.what),
        }
    }
}

fn count(problems: usize) -> String {
    if problems == 1 { "1 problem".to_owned() } else { format!("{problems} problems") }
}

fn list(problems: &[Problem]) -> String {
    problems.iter().fold(String::new(), |text, problem| text + "\n  " + &problem.to_string())
}

/// Checks this repository; the text is what there is to say when all is well.
pub(crate) fn run() -> Result<String, Error> {
    let root = repo::root();
    let files = files::read(&root)?;
    let problems = check(&root, &files);
    if problems.is_empty() {
        Ok(format!("tidy: {} files\n", files.len()))
    } else {
        Err(Error::Untidy { problems })
    }
}

/// Every breach of every rule.
fn check(root: &Path, files: &[File]) -> Vec<Problem> {
    let mut problems = Vec::new();
    problems.extend(docs::check(root, files));
    problems.extend(manifests::check(files));
    problems.extend(sources::check(files));
    problems.extend(licences::check(files));
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_breach_is_listed_on_a_line_of_its_own() {
        let problems = vec![Problem::of_file("Cargo.toml", "one"), Problem::at("a/b.rs", 7, "two")];
        let text = Error::Untidy { problems }.to_string();
        assert_eq!(text, "2 problems found:\n  Cargo.toml: one\n  a/b.rs:7: two");
    }

    #[test]
    fn a_folder_that_is_no_repository_breaks_several_rules_at_once() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("src")).unwrap();
        std::fs::write(root.path().join("src/main.rs"), "fn main() {}\n").unwrap();
        std::fs::write(root.path().join("README.md"), "See `docs/guide.md`.\n").unwrap();
        let files = files::read(root.path()).unwrap();
        let problems = check(root.path(), &files);
        let paths: Vec<&str> = problems.iter().map(|p| p.path.as_str()).collect();
        assert_eq!(paths, ["README.md", "Cargo.toml", "src/main.rs", "Cargo.toml"]);
    }
}
