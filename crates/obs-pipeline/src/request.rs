//! [`RunRequest`]: what one run is asked to do.

use crate::input::ReadOptions;
use obs_core::RunId;
use std::path::PathBuf;

/// Which rows are known to be healthy.
#[derive(Clone, Debug, PartialEq)]
pub enum Train {
    /// All rows of this file; every row of the input is scored.
    Baseline {
        /// The file.
        path: PathBuf,
        /// It is stored with a sensor on each line.
        transpose: bool,
    },
    /// The first rows of the input, of each unit where it holds several.
    Rows(usize),
    /// The first share of the input, of each unit where it holds several; above 0 and below 1.
    Fraction(f64),
}

impl Default for Train {
    fn default() -> Self {
        Self::Fraction(0.6)
    }
}

/// One run.
#[derive(Clone, Debug, Default)]
pub struct RunRequest {
    /// Files to read, concatenated.
    pub inputs: Vec<PathBuf>,
    /// How to read them.
    pub read: ReadOptions,
    /// Which rows are healthy.
    pub train: Train,
    /// Name of the equipment.
    pub equipment: String,
    /// Number of the equipment.
    pub equip_id: i64,
    /// The run; a rerun of the same id replaces its rows in the result tables.
    pub run_id: Option<RunId>,
    /// Folder for `scores.csv` and `episodes.csv`.
    pub out: Option<PathBuf>,
    /// SQLite file for the result tables and the model registry.
    pub db: Option<PathBuf>,
}
