//! [`Phase`]: the part of a run that a span belongs to.

/// The phases of a run (`acm.phase`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// Arguments, configuration, data and its validation.
    Startup,
    /// Features and fitting.
    Fit,
    /// Scoring up to episodes and drift.
    Score,
    /// Health and remaining life.
    Forecast,
    /// Analytics, result tables, the end of the run.
    Persist,
}

impl Phase {
    /// The phase as attributes spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Startup => "startup",
            Self::Fit => "fit",
            Self::Score => "score",
            Self::Forecast => "forecast",
            Self::Persist => "persist",
        }
    }

    /// The phase of a span name: exact names first, then the category. `None` for the root and for names outside the
    /// batch.
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "models.score" | "features.compute.score" => return Some(Self::Score),
            "models.save" => return Some(Self::Persist),
            _ => {}
        }
        match super::prefix(name) {
            "startup" | "config" | "load" | "data" | "baseline" => Some(Self::Startup),
            "features" | "models" | "fit" => Some(Self::Fit),
            "score" | "regimes" | "calibrate" | "fusion" | "thresholds" | "episodes" | "drift" => {
                Some(Self::Score)
            }
            "forecast" => Some(Self::Forecast),
            "analytics" | "persist" | "sql" | "finalize" => Some(Self::Persist),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NAME-22
    #[test]
    fn a_phase_follows_from_the_name() {
        assert_eq!(Phase::of("load.data"), Some(Phase::Startup));
        assert_eq!(Phase::of("fit.gmm"), Some(Phase::Fit));
        assert_eq!(Phase::of("models.score"), Some(Phase::Score));
        assert_eq!(Phase::of("forecast.run"), Some(Phase::Forecast));
        assert_eq!(Phase::of("finalize"), Some(Phase::Persist));
        assert_eq!(Phase::of("pipeline.run"), None);
    }
}
