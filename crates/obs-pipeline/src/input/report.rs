//! [`ReadReport`]: what reading found, for the log, the run card and the people who own the data.

use serde::Serialize;

/// What reading found. Counts are over all files.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ReadReport {
    /// The files, in the order given.
    pub files: Vec<String>,
    /// Data rows seen, those that do not parse included.
    pub rows_read: u64,
    /// Rows that do not parse: a wrong number of fields, or a timestamp that is none.
    pub rows_dropped: u64,
    /// File and line of the first three of them.
    pub first_bad_lines: Vec<(String, u64)>,
    /// Rows replaced by a later row of the same time (and unit).
    pub duplicates: u64,
    /// Rows whose time is before that of the row above (in the same unit).
    pub unordered: u64,
    /// Cells of the frame without a number, over kept rows and sensors.
    pub missing_cells: u64,
    /// How many of `missing_cells` held text that is neither a number nor a known mark of absence (before
    /// duplicates were removed).
    pub unreadable_cells: u64,
    /// What separates fields: `comma`, `semicolon`, `tab`, `bar` or `blanks`.
    pub delimiter: String,
    /// Whether numbers are written with a decimal comma.
    pub decimal_comma: bool,
    /// The column the time came from; none where rows were numbered.
    pub timestamp_column: Option<String>,
    /// The forms of timestamps found, in words, with an example and the number of rows.
    pub timestamp_formats: Vec<String>,
    /// The median step of time in seconds; none on a counter axis or with fewer than two rows.
    pub cadence_seconds: Option<f64>,
    /// The step of time over which a gap is declared: seconds, or counts on a counter axis.
    pub gap_threshold: Option<f64>,
    /// Steps over `gap_threshold`; each starts a new stretch.
    pub gaps: u64,
    /// Columns that did not become sensors, each with the reason.
    pub dropped_columns: Vec<(String, String)>,
    /// What a person should know, one line each.
    pub warnings: Vec<String>,
}
