//! Reads the files the rules look at.

use std::fs;
use std::path::Path;

use super::Error;
use crate::repo::unreadable;

/// Kinds of file that people write here, by extension. Data and lock files are left out.
const KINDS: [&str; 6] = ["md", "rs", "sh", "toml", "yaml", "yml"];
/// Files without a telling extension that rules ask for.
const NAMES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// A text file of the repository.
#[derive(Debug)]
pub(super) struct File {
    /// From the root, with forward slashes.
    pub(super) path: String,
    pub(super) text: String,
}

impl File {
    /// Whether the file's extension is `kind`.
    pub(super) fn is(&self, kind: &str) -> bool {
        extension(&self.path) == Some(kind)
    }
}

fn extension(path: &str) -> Option<&str> {
    Path::new(path).extension()?.to_str()
}

/// Every file the rules look at, in order of path. Hidden folders and `target` are passed over.
pub(super) fn read(root: &Path) -> Result<Vec<File>, Error> {
    let mut files = Vec::new();
    walk(root, "", &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn walk(folder: &Path, prefix: &str, files: &mut Vec<File>) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
        let entry = entry.map_err(unreadable(folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().map_err(unreadable(&entry.path()))?;
        let path = format!("{prefix}{name}");
        if kind.is_dir() {
            if !name.starts_with('.') && name != "target" {
                walk(&entry.path(), &format!("{path}/"), files)?;
            }
        } else if kind.is_file()
            && (NAMES.contains(&name.as_str()) || extension(&name).is_some_and(|kind| KINDS.contains(&kind)))
        {
            let bytes = fs::read(entry.path()).map_err(unreadable(&entry.path()))?;
            files.push(File { path, text: String::from_utf8_lossy(&bytes).into_owned() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_people_write_are_read_in_order_and_build_output_is_not() {
        let root = tempfile::tempdir().unwrap();
        for folder in ["b", ".git", "target"] {
            fs::create_dir(root.path().join(folder)).unwrap();
        }
        for file in ["b/lib.rs", "a.md", ".git/x.md", "target/y.rs", "data.csv", "LICENSE-MIT"] {
            fs::write(root.path().join(file), "text").unwrap();
        }
        let paths: Vec<String> = read(root.path()).unwrap().into_iter().map(|f| f.path).collect();
        assert_eq!(paths, ["LICENSE-MIT", "a.md", "b/lib.rs"]);
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let root = tempfile::tempdir().unwrap();
        let error = read(&root.path().join("gone")).unwrap_err().to_string();
        assert!(error.starts_with("cannot read ") && error.ends_with("gone"), "{error}");
    }
}
