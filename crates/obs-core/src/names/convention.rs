//! [`Names`]: the convention a tracer follows, with what users may choose about it.

use std::borrow::Cow;

use super::{KindMap, Phase, SpanKind, canonical, prefix};
use crate::keys;

/// How a tracer names things: the kinds of spans, whether old names become new ones, and the prefix of attribute keys.
///
/// The default is the convention as it stands: [`KindMap::v2`], old names renamed, keys prefixed with `acm.`.
///
/// ```
/// use obs_core::names::{KindMap, Names, SpanKind};
/// let names = Names::default()
///     .with_kinds(KindMap::v2().with("fit", SpanKind::Consumer))
///     .with_namespace("plant.")?;
///
/// let span = names.resolve("train.detector_fit");
/// assert_eq!((span.name.as_ref(), span.kind, span.category), ("models.fit", SpanKind::Server, "models"));
/// assert_eq!(names.attribute_key("n_samples"), "plant.n_samples");
/// assert_eq!(names.attribute_key("db.system.name"), "db.system.name");
/// # Ok::<(), obs_core::names::NamespaceError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    kinds: KindMap,
    aliases: bool,
    namespace: Cow<'static, str>,
}

/// What follows from the name of a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved<'a> {
    /// The name to record.
    pub name: Cow<'a, str>,
    /// Its kind.
    pub kind: SpanKind,
    /// Its first part (`acm.category`).
    pub category: &'a str,
    /// Its phase (`acm.phase`); `None` for the root and for names outside the batch.
    pub phase: Option<Phase>,
}

/// A prefix for attribute keys that cannot be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "namespace `{given}`: give words of lower-case letters, digits and `_`, each followed by a dot, as in `acm.` or \
     `acm.fan.`, or nothing for keys as they are written"
)]
pub struct NamespaceError {
    given: String,
}

impl Default for Names {
    fn default() -> Self {
        Self { kinds: KindMap::default(), aliases: true, namespace: Cow::Borrowed(keys::NAMESPACE) }
    }
}

impl Names {
    /// Spans get their kinds from this map; default [`KindMap::v2`].
    #[must_use = "the convention is returned, not changed in place"]
    pub fn with_kinds(self, kinds: KindMap) -> Self {
        Self { kinds, ..self }
    }

    /// Whether a renamed span is recorded under its new name; default `true`. With `false` an old name is recorded as
    /// it was written, for dashboards that still ask for it. Kind and phase are those of the new name either way.
    #[must_use = "the convention is returned, not changed in place"]
    pub fn with_aliases(self, aliases: bool) -> Self {
        Self { aliases, ..self }
    }

    /// What keys without a dot are prefixed with; default `acm.`. Empty leaves all keys as they are; anything else is
    /// made of words of `[a-z0-9_]`, each followed by a dot.
    pub fn with_namespace(self, namespace: impl Into<Cow<'static, str>>) -> Result<Self, NamespaceError> {
        let namespace = namespace.into();
        if is_namespace(&namespace) {
            Ok(Self { namespace, ..self })
        } else {
            Err(NamespaceError { given: namespace.into_owned() })
        }
    }

    /// The map of kinds.
    pub fn kinds(&self) -> &KindMap {
        &self.kinds
    }

    /// Whether old names become new ones.
    pub fn aliases(&self) -> bool {
        self.aliases
    }

    /// The prefix of keys without a dot, its dot included; may be empty.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// What follows from a name. Names that break a rule of [`check`](super::check) are resolved as well: a running
    /// program records a bad name rather than nothing.
    pub fn resolve<'a>(&self, name: &'a str) -> Resolved<'a> {
        let new = canonical(name);
        let recorded = if self.aliases { new } else { name };
        Resolved {
            name: Cow::Borrowed(recorded),
            kind: self.kinds.kind(name),
            category: prefix(recorded),
            phase: Phase::of(new),
        }
    }

    /// The key an attribute is exported under: one without a dot gets the namespace; one with a dot (prefixed already,
    /// or of OpenTelemetry's conventions) stays as it is.
    pub fn attribute_key<'a>(&self, key: &'a str) -> Cow<'a, str> {
        if self.namespace.is_empty() || key.contains('.') {
            Cow::Borrowed(key)
        } else {
            Cow::Owned([&self.namespace, key].concat())
        }
    }
}

/// Nothing, or words that each end in a dot.
fn is_namespace(text: &str) -> bool {
    let word =
        |word: &str| !word.is_empty() && word.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    text.is_empty() || text.strip_suffix('.').is_some_and(|words| words.split('.').all(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NAME-05
    #[test]
    fn an_old_name_is_recorded_as_the_new_one_unless_that_is_switched_off() {
        let names = Names::default();
        for (old, new) in super::super::aliases() {
            let renamed = names.resolve(old);
            assert_eq!(renamed, names.resolve(new), "{old}");
            let kept = names.clone().with_aliases(false).resolve(old);
            assert_eq!((kept.name.as_ref(), kept.category), (old, prefix(old)));
            assert_eq!((kept.kind, kept.phase), (renamed.kind, renamed.phase), "{old}");
        }
    }

    /// NAME-20, NAME-22
    #[test]
    fn category_and_phase_follow_from_the_recorded_name() {
        let names = Names::default();
        let span = names.resolve("test.span");
        assert_eq!((span.category, span.phase, span.kind), ("test", None, SpanKind::Internal));
        let span = names.resolve("load_data");
        assert_eq!((span.category, span.phase, span.kind), ("load", Some(Phase::Startup), SpanKind::Client));
    }

    /// NAME-13
    #[test]
    fn the_kinds_are_those_of_the_map_that_was_given() {
        let names = Names::default().with_kinds(KindMap::legacy().with("sql.query", SpanKind::Producer));
        assert_eq!(names.resolve("features.build").kind, SpanKind::Internal);
        assert_eq!(names.resolve("sql.query").kind, SpanKind::Producer);
        assert_eq!(names.resolve("sql.insert").kind, SpanKind::Client);
        assert_eq!(names.kinds().kind("models.fit"), SpanKind::Internal);
    }

    /// NAME-24
    #[test]
    fn keys_without_a_dot_get_the_namespace_and_others_none() {
        let names = Names::default();
        assert_eq!(names.attribute_key("n_samples"), "acm.n_samples");
        assert_eq!(names.attribute_key("acm.n_samples"), "acm.n_samples");
        assert_eq!(names.attribute_key("http.route"), "http.route");
        let bare = names.clone().with_namespace("").unwrap();
        assert_eq!(bare.attribute_key("n_samples"), "n_samples");
        let own = names.with_namespace("plant_7.fan.").unwrap();
        assert_eq!(own.attribute_key("n_samples"), "plant_7.fan.n_samples");
        assert_eq!(own.namespace(), "plant_7.fan.");
    }

    /// NAME-24
    #[test]
    fn a_namespace_that_would_spoil_keys_is_refused_with_what_is_accepted() {
        for bad in ["acm", ".", "acm..", ".acm.", "Acm.", "acm .", "acm-x.", "äcm.", "acm.\n"] {
            let error = Names::default().with_namespace(bad).unwrap_err().to_string();
            assert!(error.starts_with(&format!("namespace `{bad}`: give words")), "{error}");
        }
    }

    #[test]
    fn names_that_break_the_rules_are_resolved_all_the_same() {
        let names = Names::default();
        for bad in ["", ".", "Fit PCA", "a.b.c.d"] {
            assert_eq!(names.resolve(bad).name, bad);
        }
    }
}
