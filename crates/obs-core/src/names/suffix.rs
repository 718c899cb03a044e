//! The verbs that names end in, and those that should be one of them.

/// The convention's verbs, in pairs: a step and its counterpart.
pub const SUFFIXES: [(&str, &str); 4] =
    [("train", "score"), ("load", "save"), ("compute", "calculate"), ("validate", "check")];

/// Verbs that say the same as one of the convention's.
const SYNONYMS: [(&str, &str); 14] = [
    ("training", "train"),
    ("learn", "train"),
    ("predict", "score"),
    ("scoring", "score"),
    ("read", "load"),
    ("restore", "load"),
    ("store", "save"),
    ("dump", "save"),
    ("computation", "compute"),
    ("calc", "calculate"),
    ("calculation", "calculate"),
    ("validation", "validate"),
    ("verify", "check"),
    ("checking", "check"),
];

/// The name with the convention's verb in place of its last part, when that is another word for one; `None` when there
/// is nothing to mend. Single-part names are categories and stay.
///
/// ```
/// use obs_core::names::suggestion;
/// assert_eq!(suggestion("models.store").as_deref(), Some("models.save"));
/// assert_eq!(suggestion("models.save"), None);
/// ```
pub fn suggestion(name: &str) -> Option<String> {
    let (front, last) = name.rsplit_once('.')?;
    let (_, better) = SYNONYMS.iter().find(|(word, _)| *word == last)?;
    Some(format!("{front}.{better}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NAME-04
    #[test]
    fn another_word_for_a_verb_of_the_convention_is_mended() {
        for (name, better) in [
            ("features.training", Some("features.train")),
            ("features.compute.predict", Some("features.compute.score")),
            ("models.read", Some("models.load")),
            ("models.dump", Some("models.save")),
            ("thresholds.calc", Some("thresholds.calculate")),
            ("data.verify", Some("data.check")),
            ("data.validate", None),
            ("fit.pca", None),
            ("store", None),
        ] {
            assert_eq!(suggestion(name).as_deref(), better, "{name}");
        }
    }

    #[test]
    fn every_suggestion_is_a_verb_of_the_convention() {
        let known = |verb: &str| SUFFIXES.iter().any(|(a, b)| *a == verb || *b == verb);
        for (word, better) in SYNONYMS {
            assert!(known(better) && !known(word), "{word} -> {better}");
        }
    }
}
