//! [`SpoolError`]: why a spool or a lane of it cannot be opened.

use std::io;
use std::path::{Path, PathBuf};

/// Why a spool or a lane of it cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpoolError {
    /// A file or folder of the spool cannot be used.
    #[error("spool: cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried: `create folder`, `list`, `lock`.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A lane is opened once in the life of a [`Spool`](super::Spool).
    #[error("spool: lane `{name}` has been opened before; each lane is opened once")]
    LaneTaken {
        /// The lane's name.
        name: String,
    },
}

impl SpoolError {
    /// For `map_err`.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }
}
