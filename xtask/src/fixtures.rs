//! `cargo xtask fixtures`: writes the generated data sets of `fixtures/`, or checks the committed ones.

mod faults;
mod gaps;
mod plant;
mod random;
mod schedule;
mod sensors;
mod series;

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::repo;

/// Options of `cargo xtask fixtures`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder to write to, or to check [default: fixtures/ of this repository]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write nothing; fail with the first line that differs from what would be written
    #[arg(long)]
    check: bool,
}

/// Why fixtures could not be written, or are not what they should be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A file or folder cannot be used.
    #[error("cannot {verb} {}", path.display())]
    Io {
        verb: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// A committed file is not what the model gives.
    #[error(
        "{}:{line}: committed {committed:?}, generated {generated:?}; `cargo xtask fixtures` writes it anew",
        path.display()
    )]
    Differs { path: PathBuf, line: usize, committed: String, generated: String },
}

/// Every generated file: name and content.
fn generated() -> [(&'static str, String); 2] {
    [("fd_fan.csv", series::data()), ("fd_fan.labels.csv", series::labels())]
}

/// Runs the task; the text is what it has to say.
pub(crate) fn run(args: &Args) -> Result<String, Error> {
    let folder = args.out.clone().unwrap_or_else(|| repo::root().join("fixtures"));
    let mut said = String::new();
    if !args.check {
        fs::create_dir_all(&folder).map_err(|source| Error::Io {
            verb: "create",
            path: folder.clone(),
            source,
        })?;
    }
    for (name, text) in generated() {
        let path = folder.join(name);
        let done = if args.check {
            check(&path, &text)?;
            "as generated"
        } else {
            fs::write(&path, &text).map_err(|source| Error::Io {
                verb: "write",
                path: path.clone(),
                source,
            })?;
            "written"
        };
        // Writing to a string cannot fail.
        let _ = writeln!(said, "{}: {} lines {done}", path.display(), text.lines().count());
    }
    Ok(said)
}

/// Compares the file with what it should be, byte for byte.
fn check(path: &Path, generated: &str) -> Result<(), Error> {
    let bytes = fs::read(path).map_err(|source| Error::Io { verb: "read", path: path.to_owned(), source })?;
    if bytes == generated.as_bytes() {
        return Ok(());
    }
    let committed = String::from_utf8_lossy(&bytes);
    let (mut left, mut right) = (committed.split_inclusive('\n'), generated.split_inclusive('\n'));
    let mut line = 1;
    loop {
        match (left.next(), right.next()) {
            (Some(a), Some(b)) if a == b => line += 1,
            (a, b) => {
                let shown = |text: Option<&str>| text.unwrap_or("end of file").to_owned();
                return Err(Error::Differs {
                    path: path.to_owned(),
                    line,
                    committed: shown(a),
                    generated: shown(b),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(out: &Path, check: bool) -> Args {
        Args { out: Some(out.to_owned()), check }
    }

    #[test]
    fn the_committed_files_are_the_generated_ones() {
        run(&args(&repo::root().join("fixtures"), true)).unwrap();
    }

    #[test]
    fn what_was_written_passes_the_check() {
        let folder = tempfile::tempdir().unwrap();
        run(&args(folder.path(), false)).unwrap();
        let said = run(&args(folder.path(), true)).unwrap();
        assert!(said.contains("fd_fan.csv: 17001 lines as generated"), "{said}");
    }

    #[test]
    fn a_changed_digit_is_named_by_line_with_both_versions() {
        let folder = tempfile::tempdir().unwrap();
        run(&args(folder.path(), false)).unwrap();
        let path = folder.path().join("fd_fan.labels.csv");
        let text = fs::read_to_string(&path).unwrap().replace("stuck_sensor", "stuck_needle");
        fs::write(&path, text).unwrap();
        let error = run(&args(folder.path(), true)).unwrap_err().to_string();
        assert!(error.contains("fd_fan.labels.csv:4: committed"), "{error}");
        assert!(error.contains("stuck_needle") && error.contains("stuck_sensor"), "{error}");
    }

    #[test]
    fn a_cut_file_differs_where_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        fs::write(&path, "a\nb\n").unwrap();
        let error = check(&path, "a\nb\nc\n").unwrap_err().to_string();
        assert!(error.contains(":3: committed \"end of file\""), "{error}");
        fs::write(&path, "a\r\nb\n").unwrap();
        assert!(check(&path, "a\nb\n").is_err());
    }

    #[test]
    fn a_missing_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = run(&args(folder.path(), true)).unwrap_err().to_string();
        assert!(error.starts_with("cannot read ") && error.ends_with("fd_fan.csv"), "{error}");
    }
}
