//! `cargo xtask lint-obs`: names of spans, timers and loggers in Rust sources against the naming convention.
//!
//! A source is parsed, then its tokens are walked ([`scan`]); what is found is judged by the tables of
//! `obs_core::names` ([`judge`]). `// obs-lint: allow(reason)` on the line before a name keeps the lint quiet about it.
//! In tests only errors are told: tests use old and unknown names on purpose.

mod files;
mod judge;
mod scan;
mod source;
mod tests_of_source;

use std::fmt;
use std::fmt::Write as _;
use std::path::PathBuf;

use crate::repo::{self, Unreadable};
use crate::said::{Said, counted};

/// Options of `cargo xtask lint-obs`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files, and folders that are searched for `.rs` files; default: this repository
    paths: Vec<PathBuf>,
    /// Fail on warnings as well
    #[arg(long)]
    strict: bool,
}

/// Why sources could not be looked at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A file or folder cannot be read.
    #[error(transparent)]
    Io(#[from] Unreadable),
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Severity {
    /// Worth knowing; never fails.
    Note,
    /// Against the convention; fails with `--strict`.
    Warning,
    /// Breaks a rule of names, or is no Rust source; fails.
    Error,
}

/// One thing to say about one place.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    /// Counted from 1.
    line: usize,
    /// In characters, counted from 1.
    column: usize,
    severity: Severity,
    message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        write!(f, "{}:{}:{}: {severity}: {}", self.path, self.line, self.column, self.message)
    }
}

/// Runs the task; not good when there are errors, or warnings that `--strict` minds.
pub(crate) fn run(args: &Args) -> Result<Said, Error> {
    let files =
        if args.paths.is_empty() { files::below(&repo::root(), "")? } else { files::named(&args.paths)? };
    let (mut findings, mut names) = (Vec::new(), 0);
    for file in &files {
        let checked = source::check(file);
        names += checked.names;
        findings.extend(checked.findings);
    }
    let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let mut text = String::new();
    for finding in &findings {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{finding}");
    }
    let _ = writeln!(
        text,
        "lint-obs: {} in {}: {}, {}, {}",
        counted(names, "name"),
        counted(files.len(), "file"),
        counted(errors, "error"),
        counted(warnings, "warning"),
        counted(count(Severity::Note), "note")
    );
    Ok(Said { text, good: errors == 0 && (warnings == 0 || !args.strict) })
}

#[cfg(test)]
mod tests;
