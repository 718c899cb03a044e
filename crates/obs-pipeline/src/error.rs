//! [`RunError`]: why a run failed.

use crate::detect::DetectError;
use crate::input::InputError;
use std::path::PathBuf;

/// Why a run failed. [`RunError::is_usage`] tells bad input from trouble on the way.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The input, or the baseline, cannot be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The baseline's sensors are not those of the input.
    #[error(
        "baseline {path} has other columns than the input: {difference}; both must hold the same sensors"
    )]
    BaselineColumns {
        /// The baseline file.
        path: PathBuf,
        /// What differs.
        difference: String,
    },
    /// A share of rows that is none.
    #[error("training share {0} is not accepted: expected a number above 0 and below 1")]
    TrainFraction(f64),
    /// A number of rows that cannot be trained on.
    #[error("training on 0 rows is not possible: expected 1 or more rows")]
    TrainRows,
    /// A detector cannot be fitted.
    #[error(transparent)]
    Detect(#[from] DetectError),
    /// The output folder or a file in it cannot be written.
    #[error("cannot write {path}: {source}")]
    Output {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database cannot be opened or written.
    #[error("cannot use database {path}: {source}")]
    Database {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
}

impl RunError {
    /// Whether the caller can mend it: bad input, options or targets, as against a failure during the run.
    pub fn is_usage(&self) -> bool {
        !matches!(self, Self::Detect(_))
    }
}
