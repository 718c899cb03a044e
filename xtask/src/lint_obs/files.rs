//! The Rust files that the lint reads.

use std::fs;
use std::path::{Path, PathBuf};

use super::Error;
use crate::repo::unreadable;

/// A Rust file as it is on disk; it may not be text.
#[derive(Debug)]
pub(super) struct File {
    /// As findings name it.
    pub(super) path: String,
    pub(super) bytes: Vec<u8>,
    /// Whether all of it is test code, by where it is.
    pub(super) test: bool,
}

/// The files and folders a caller named. A file that is named is read whatever its place and extension.
pub(super) fn named(paths: &[PathBuf]) -> Result<Vec<File>, Error> {
    let mut files = Vec::new();
    for path in paths {
        let shown = path.display().to_string();
        let metadata = fs::metadata(path).map_err(unreadable(path))?;
        if metadata.is_dir() {
            files.extend(below(path, &format!("{}/", shown.trim_end_matches('/')))?);
        } else {
            let bytes = fs::read(path).map_err(unreadable(path))?;
            files.push(File { path: shown, bytes, test: false });
        }
    }
    Ok(files)
}

/// Every `.rs` file below a folder, in order of path; `prefix` goes before their paths. Hidden folders, `target` and
/// the cases of compile-fail suites (`tests/ui`) are passed over.
pub(super) fn below(folder: &Path, prefix: &str) -> Result<Vec<File>, Error> {
    let mut files = Vec::new();
    walk(folder, prefix, false, &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn walk(folder: &Path, prefix: &str, test: bool, files: &mut Vec<File>) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
        let entry = entry.map_err(unreadable(folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().map_err(unreadable(&entry.path()))?;
        let path = format!("{prefix}{name}");
        if kind.is_dir() {
            if !name.starts_with('.') && name != "target" && !(test && name == "ui") {
                walk(&entry.path(), &format!("{path}/"), test || name == "tests", files)?;
            }
        } else if kind.is_file() && Path::new(&name).extension().is_some_and(|ext| ext == "rs") {
            let bytes = fs::read(entry.path()).map_err(unreadable(&entry.path()))?;
            files.push(File { path, bytes, test: test || name == "tests.rs" });
        }
    }
    Ok(())
}
