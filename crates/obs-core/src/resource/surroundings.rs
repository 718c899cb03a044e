//! [`Surroundings`]: the files and variables that detectors look at, injected so that tests have their own.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Longest value of an attribute, in bytes.
const VALUE_BYTES: usize = 255;

/// What is read of one file at most. A list of mounts has some hundred bytes for each; the other files have a line or two.
const FILE_BYTES: u64 = 256 * 1024;

/// Where detectors look.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The folder that stands for `/`.
    pub root: &'a Path,
    /// Looks up an environment variable.
    pub env: &'a dyn Fn(&str) -> Option<String>,
}

impl fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings").field("root", &self.root).finish_non_exhaustive()
    }
}

impl Surroundings<'static> {
    /// This machine and the environment of this process.
    pub fn here() -> Self {
        Self { root: Path::new("/"), env: &|name| std::env::var(name).ok() }
    }
}

impl Surroundings<'_> {
    /// The beginning of a file, given without its leading `/`; bytes that are not UTF-8 become U+FFFD. `None` for what
    /// cannot be read, and for what is no file: opening a pipe would wait for its other end.
    pub(super) fn read(&self, path: &str) -> Option<String> {
        let path = self.root.join(path);
        if !std::fs::metadata(&path).ok()?.is_file() {
            return None;
        }
        let mut bytes = Vec::new();
        File::open(&path).ok()?.take(FILE_BYTES).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The whole of a file that holds one value.
    pub(super) fn value(&self, path: &str) -> Option<String> {
        clean(&self.read(path)?)
    }

    /// Where a symbolic link points to, given without its leading `/`.
    pub(super) fn link(&self, path: &str) -> Option<PathBuf> {
        std::fs::read_link(self.root.join(path)).ok()
    }

    /// Whether there is such a file or folder.
    pub(super) fn exists(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    /// The first of these variables that has a usable value.
    pub(super) fn variable(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| clean(&(self.env)(name)?))
    }
}

/// A value without space around it, cut to 255 bytes; `None` for nothing, for text with a control character and for what
/// was not UTF-8.
pub(super) fn clean(text: &str) -> Option<String> {
    let text = text.trim();
    let text = &text[..text.floor_char_boundary(VALUE_BYTES)];
    let usable =
        !text.is_empty() && !text.chars().any(|c| c.is_control() || c == char::REPLACEMENT_CHARACTER);
    usable.then(|| text.to_owned())
}
