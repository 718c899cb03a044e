//! Names that were used before, and the names they have now.

/// Old name, canonical name.
const ALIASES: [(&str, &str); 15] = [
    ("data.guardrails.data_quality", "data.validate"),
    ("features.compute_score", "features.compute.score"),
    ("features.compute_train", "features.compute.train"),
    ("forecasting.run", "forecast.run"),
    ("fusion.episodes", "fusion.detect_episodes"),
    ("load_data", "load.data"),
    ("models.persistence.load", "models.load"),
    ("models.persistence.save", "models.save"),
    ("outputs.comprehensive_analytics", "analytics.generate"),
    ("outputs.forecasting", "forecast.run"),
    ("persist.write_scores", "persist.scores"),
    ("score.detector_score", "models.score"),
    ("thresholds.adaptive", "thresholds.calculate"),
    ("train.detector_fit", "models.fit"),
    ("fusion.tune_weights", "fusion.auto_tune"),
];

/// The name a span should have: the new name of a renamed one, any other as it is.
///
/// ```
/// assert_eq!(obs_core::names::canonical("train.detector_fit"), "models.fit");
/// assert_eq!(obs_core::names::canonical("fit.pca"), "fit.pca");
/// ```
pub fn canonical(name: &str) -> &str {
    new_name(name).unwrap_or(name)
}

/// The new name of a renamed span; `None` for any other.
///
/// ```
/// assert_eq!(obs_core::names::new_name("load_data"), Some("load.data"));
/// assert_eq!(obs_core::names::new_name("load.data"), None);
/// ```
pub fn new_name(name: &str) -> Option<&'static str> {
    ALIASES.iter().find(|(old, _)| *old == name).map(|(_, new)| *new)
}

/// Every renamed span: old name, new name.
pub fn aliases() -> impl Iterator<Item = (&'static str, &'static str)> {
    ALIASES.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NAME-05
    #[test]
    fn renamed_spans_get_their_new_names() {
        assert_eq!(canonical("train.detector_fit"), "models.fit");
        assert_eq!(canonical("score.detector_score"), "models.score");
        assert_eq!(canonical("outputs.comprehensive_analytics"), "analytics.generate");
        assert_eq!(canonical("load_data"), "load.data");
    }

    #[test]
    fn new_names_are_valid_and_no_aliases_themselves() {
        for (_, new) in ALIASES {
            assert_eq!(super::super::check(new), Ok(()), "{new}");
            assert_eq!(canonical(new), new);
        }
    }
}
