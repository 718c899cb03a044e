//! Where this repository is.

use std::path::{Path, PathBuf};

/// The repository's root folder: where the workspace manifest is.
pub(crate) fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}
