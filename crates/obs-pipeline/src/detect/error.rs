//! [`DetectError`]: why a detector could not be fitted, saved or loaded.

/// Why a detector could not be fitted, saved or loaded. Scoring never fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DetectError {
    /// Training holds too little to learn from.
    #[error("{detector} needs at least {needed} training rows, got {rows}")]
    TooFewRows {
        /// Name of the detector kind.
        detector: &'static str,
        /// Rows given.
        rows: usize,
        /// Rows needed.
        needed: usize,
    },
    /// Training has no column.
    #[error("{detector} needs at least one sensor, got none")]
    NoSensors {
        /// Name of the detector kind.
        detector: &'static str,
    },
    /// More sensors than the model's format can count.
    #[error("{detector} takes at most {most} sensors, got {sensors}")]
    TooManySensors {
        /// Name of the detector kind.
        detector: &'static str,
        /// Sensors given.
        sensors: usize,
        /// Sensors accepted.
        most: usize,
    },
    /// A training cell is `NaN` or infinite.
    #[error(
        "training row {row}, sensor {sensor} is {value}; fill gaps first, only finite values are accepted"
    )]
    NotFinite {
        /// Row of the cell, from 0.
        row: usize,
        /// Column of the cell, from 0.
        sensor: usize,
        /// What it holds.
        value: f64,
    },
    /// A setting outside its range.
    #[error("detector setting {field} is {value}; accepted: {accepted}")]
    Config {
        /// Path of the setting in [`DetectConfig`](super::DetectConfig), such as `gmm.ridge`.
        field: &'static str,
        /// Its value.
        value: String,
        /// What would do.
        accepted: &'static str,
    },
    /// Fewer than two folds, or more than there are rows.
    #[error("{folds} folds of {rows} training rows; accepted: 2 to the number of rows")]
    Folds {
        /// Folds asked for.
        folds: usize,
        /// Training rows.
        rows: usize,
    },
    /// A matrix that no added ridge makes positive definite.
    #[error("{detector}: the sensors' {cols} x {cols} covariance cannot be factored")]
    Singular {
        /// Name of the detector kind.
        detector: &'static str,
        /// Its size.
        cols: usize,
    },
    /// A model could not be written.
    #[error("{detector} model cannot be encoded")]
    Encode {
        /// Name of the detector kind.
        detector: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// Bytes that are no model.
    #[error("stored model cannot be decoded")]
    Decode(#[source] serde_json::Error),
    /// A model of a format or kind this version does not know.
    #[error("stored model has {what} {found}; accepted: {accepted}")]
    Unknown {
        /// `format` or `kind`.
        what: &'static str,
        /// What was found.
        found: String,
        /// What would do.
        accepted: &'static str,
    },
    /// A model that decodes but contradicts itself.
    #[error("stored {detector} model is damaged: its parts do not fit together")]
    Damaged {
        /// Name of the detector kind.
        detector: &'static str,
    },
}
