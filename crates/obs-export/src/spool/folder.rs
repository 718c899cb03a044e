//! Folders and files of the spool: made for the owner alone, listed, made durable.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Makes a folder and those above it, for the owner alone: records may hold personal data.
pub(super) fn create_all(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes a file that must not exist, for the owner alone.
pub(super) fn create_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
}

/// Opens a file to read and write.
pub(super) fn open_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open(path)
}

/// Makes the entries of a folder durable.
pub(super) fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Names in a folder, sorted, with whether each is a folder; neither links nor names that are no UTF-8 are ours. Empty
/// if there is no such folder.
pub(super) fn list(path: &Path) -> io::Result<Vec<(String, bool)>> {
    let entries = match path.read_dir() {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        let kind = entry.file_type()?;
        if let (Ok(name), true) = (entry.file_name().into_string(), kind.is_dir() || kind.is_file()) {
            names.push((name, kind.is_dir()));
        }
    }
    names.sort();
    Ok(names)
}

/// Whether `result` failed for another reason than that the file was gone already.
pub(super) fn missing_is_fine(result: io::Result<()>) -> io::Result<()> {
    result.or_else(|e| if e.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(e) })
}
