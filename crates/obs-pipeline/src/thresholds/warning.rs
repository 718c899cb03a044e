//! [`Warning`]: reasons to distrust a threshold.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A reason to distrust the thresholds; its `Display` is one plain sentence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Warning {
    /// Train has few rows.
    TrainShort {
        /// Training rows with a score.
        rows: usize,
        /// Rows asked for.
        needed: usize,
    },
    /// Train's rows are so alike their neighbours that they amount to few independent ones.
    FewStretches {
        /// Independent stretches found.
        stretches: f64,
        /// Stretches the quantile asks for: one over its tail.
        needed: f64,
    },
    /// Scored rows lie in operating states that train does not hold.
    Uncovered {
        /// Number of such rows.
        rows: usize,
        /// Their share of the scored rows, 0..=1.
        share: f64,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TrainShort { rows, needed } => {
                write!(f, "train has {rows} scored rows; thresholds want at least {needed}")
            }
            Self::FewStretches { stretches, needed } => write!(
                f,
                "train amounts to about {stretches:.0} independent stretches; this quantile wants at least {needed:.0}, \
                 so the false-alarm rate is uncertain"
            ),
            Self::Uncovered { rows, share } => write!(
                f,
                "{rows} scored rows ({:.1} %) lie in operating states that train does not cover; alarms there may be \
                 false",
                share * 100.0
            ),
        }
    }
}
