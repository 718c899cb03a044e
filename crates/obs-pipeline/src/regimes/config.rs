//! [`RegimeConfig`] and [`RegimeError`].

use serde::{Deserialize, Serialize};

/// Settings of regime detection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RegimeConfig {
    /// Start of every random sequence. Default 7.
    pub seed: u64,
    /// Columns that tell the operating state (load, speed, valve positions). Default none given: all of them.
    pub columns: Option<Vec<usize>>,
    /// Fewest regimes looked for, at least 2. Default 2.
    pub min_regimes: usize,
    /// Most regimes looked for. Default 6.
    pub max_regimes: usize,
    /// Mean silhouette below which the rows form no groups and all are one regime. Default 0.25, where Kaufman and
    /// Rousseeuw ("Finding Groups in Data", 1990) see no substantial structure.
    pub min_silhouette: f64,
    /// Training rows that k-means works on; of longer trainings this many, evenly spread. Default 4,096.
    pub fit_rows: usize,
    /// Rows the silhouette is taken on: its cost grows with their square. Default 800.
    pub silhouette_rows: usize,
    /// Rows of the median filter that smooths labels, centred and odd. Default 5: a regime shorter than 3 rows is
    /// noise.
    pub smooth_rows: usize,
    /// A row is unknown beyond this many times the 99 % quantile of its regime's training distances. Default 2.
    pub far_factor: f64,
    /// Share of training steps that count as steady; a larger step is a transient. Default 0.99.
    pub steady_quantile: f64,
}

impl Default for RegimeConfig {
    fn default() -> Self {
        Self {
            seed: 7,
            columns: None,
            min_regimes: 2,
            max_regimes: 6,
            min_silhouette: 0.25,
            fit_rows: 4096,
            silhouette_rows: 800,
            smooth_rows: 5,
            far_factor: 2.0,
            steady_quantile: 0.99,
        }
    }
}

/// Why regimes could not be fitted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegimeError {
    /// Training holds too little to learn from.
    #[error("regimes need at least {needed} training rows, got {rows}")]
    TooFewRows {
        /// Rows given.
        rows: usize,
        /// Rows needed.
        needed: usize,
    },
    /// No operating sensor, or one that training does not have.
    #[error("regime column {column} does not exist; accepted: 0 to below {sensors}")]
    Column {
        /// The column asked for.
        column: usize,
        /// Columns there are.
        sensors: usize,
    },
    /// A setting outside its range.
    #[error("regime setting {field} is {value}; accepted: {accepted}")]
    Config {
        /// Name of the setting in [`RegimeConfig`].
        field: &'static str,
        /// Its value.
        value: String,
        /// What would do.
        accepted: &'static str,
    },
}

impl RegimeConfig {
    /// Checks every range; the error names the first setting out of it.
    pub fn validate(&self) -> Result<(), RegimeError> {
        let known = self.columns.as_ref().map_or(1, Vec::len);
        let checks = [
            ("columns", known.to_string(), known > 0, "at least one column"),
            ("min_regimes", self.min_regimes.to_string(), self.min_regimes >= 2, "2 or more"),
            (
                "max_regimes",
                self.max_regimes.to_string(),
                (self.min_regimes..=64).contains(&self.max_regimes),
                "min_regimes to 64",
            ),
            (
                "min_silhouette",
                self.min_silhouette.to_string(),
                (-1.0..=1.0).contains(&self.min_silhouette),
                "-1 to 1",
            ),
            ("fit_rows", self.fit_rows.to_string(), self.fit_rows >= 16, "16 or more"),
            ("silhouette_rows", self.silhouette_rows.to_string(), self.silhouette_rows >= 16, "16 or more"),
            ("smooth_rows", self.smooth_rows.to_string(), self.smooth_rows % 2 == 1, "an odd number"),
            (
                "far_factor",
                self.far_factor.to_string(),
                self.far_factor.is_finite() && self.far_factor > 0.0,
                "a finite number above 0",
            ),
            (
                "steady_quantile",
                self.steady_quantile.to_string(),
                (0.0..=1.0).contains(&self.steady_quantile),
                "0 to 1",
            ),
        ];
        match checks.into_iter().find(|c| !c.2) {
            Some((field, value, _, accepted)) => Err(RegimeError::Config { field, value, accepted }),
            None => Ok(()),
        }
    }
}
