//! [`LogCategory`]: which part of a run a line speaks of.

macro_rules! categories {
    ($($(#[$doc:meta])* $variant:ident = $text:literal),* $(,)?) => {
        /// Which part of a run a line speaks of: the twelve categories of ACM's logger.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum LogCategory {
            $($(#[$doc])* $variant,)*
        }

        impl LogCategory {
            /// Every category.
            pub const ALL: [Self; [$($text),*].len()] = [$(Self::$variant),*];

            /// The category as lines spell it, and the slog tag that carries it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// The category that a slog tag names; `None` for other tags.
            pub fn from_tag(tag: &str) -> Option<Self> {
                match tag {
                    $($text => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

categories! {
    /// The run's own life: started, ended.
    Run = "RUN",
    /// Configuration.
    Cfg = "CFG",
    /// Loading and validating data.
    Data = "DATA",
    /// Feature engineering.
    Feat = "FEAT",
    /// Training and caching of models.
    Model = "MODEL",
    /// Scoring.
    Score = "SCORE",
    /// Fusion and episodes.
    Fuse = "FUSE",
    /// How long things took.
    Perf = "PERF",
    /// Health of the equipment.
    Health = "HEALTH",
    /// Remaining useful life.
    Rul = "RUL",
    /// Forecasts.
    Forecast = "FORECAST",
    /// The database.
    Sql = "SQL",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_categories_exactly() {
        for category in LogCategory::ALL {
            assert_eq!(LogCategory::from_tag(category.as_str()), Some(category));
        }
        assert_eq!(LogCategory::from_tag("run"), None);
        assert_eq!(LogCategory::from_tag(""), None);
    }
}
