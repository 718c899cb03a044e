//! [`Category`]: the first part of a span name.

macro_rules! categories {
    ($($variant:ident = $text:literal),* $(,)?) => {
        /// The top-level categories of spans: the sixteen of the naming convention, then the registered extensions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Category {
            $(#[doc = concat!("`", $text, "`")] $variant,)*
        }

        impl Category {
            /// Every category.
            pub const ALL: [Self; [$($text),*].len()] = [$(Self::$variant),*];

            /// The category as span names spell it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }
    };
}

categories! {
    Startup = "startup",
    Load = "load",
    Features = "features",
    Models = "models",
    Fit = "fit",
    Score = "score",
    Regimes = "regimes",
    Calibrate = "calibrate",
    Fusion = "fusion",
    Thresholds = "thresholds",
    Episodes = "episodes",
    Drift = "drift",
    Forecast = "forecast",
    Analytics = "analytics",
    Persist = "persist",
    Finalize = "finalize",
    Sql = "sql",
    Data = "data",
    Config = "config",
    Baseline = "baseline",
    Pipeline = "pipeline",
    Agent = "agent",
    Analysis = "analysis",
    Detector = "detector",
}

impl Category {
    /// The category of a span name; `None` for one that is not registered.
    pub fn of(name: &str) -> Option<Self> {
        let prefix = super::prefix(name);
        Self::ALL.into_iter().find(|c| c.as_str() == prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NAME-03
    #[test]
    fn sixteen_categories_and_eight_extensions_are_known() {
        assert_eq!(Category::ALL.len(), 24);
        assert_eq!(Category::of("fit.pca"), Some(Category::Fit));
        assert_eq!(Category::of("sql.bulk_insert"), Some(Category::Sql));
        assert_eq!(Category::of("zzz.q"), None);
    }
}
