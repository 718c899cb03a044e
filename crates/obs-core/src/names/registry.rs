//! The registry of span names: every name that obs, its batch, its helpers for operations and its agents record or
//! keep for themselves, with what it says and carries.
//!
//! Category, kind and phase follow from the name and are not stored. A name of a program's own needs no entry; the
//! registry is what dashboards, the reference page and the lint rely on.

mod agents;
mod attribute;
mod conclusions;
mod input;
mod learning;
mod operations;
mod storage;

pub use attribute::{Attribute, AttributeType, COMMON};

use super::{Category, Phase, SpanKind, prefix, span_kind};

/// Whether runs of the batch always record a span of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// In every run of the batch that comes to a result.
    Always,
    /// Optional: only when this holds.
    When(&'static str),
}

/// A registered span name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanEntry {
    /// The canonical name.
    pub name: &'static str,
    /// What the span covers, in one line.
    pub describes: &'static str,
    /// Whether a run always records it.
    pub presence: Presence,
    /// What it carries beside [`COMMON`].
    pub attributes: &'static [Attribute],
}

impl SpanEntry {
    /// The part before the first dot.
    pub fn category(&self) -> &'static str {
        prefix(self.name)
    }

    /// Its kind under the default map.
    pub fn kind(&self) -> SpanKind {
        span_kind(self.name)
    }

    /// The phase of the batch it belongs to; `None` for the root and for names outside the batch.
    pub fn phase(&self) -> Option<Phase> {
        Phase::of(self.name)
    }

    /// Whether some runs have no such span.
    pub fn is_optional(&self) -> bool {
        matches!(self.presence, Presence::When(_))
    }
}

/// A name that every run records.
const fn always(name: &'static str, describes: &'static str, attributes: &'static [Attribute]) -> SpanEntry {
    SpanEntry { name, describes, presence: Presence::Always, attributes }
}

/// A name that is recorded when `when` holds.
const fn optional(
    name: &'static str,
    when: &'static str,
    describes: &'static str,
    attributes: &'static [Attribute],
) -> SpanEntry {
    SpanEntry { name, describes, presence: Presence::When(when), attributes }
}

/// One slice for each area, in the order of a run.
const AREAS: [&[SpanEntry]; 6] =
    [input::SPANS, learning::SPANS, conclusions::SPANS, storage::SPANS, operations::SPANS, agents::SPANS];

/// Every registered name, area by area in the order of a run.
///
/// ```
/// use obs_core::names::registry;
/// assert!(registry::all().count() >= 75);
/// ```
pub fn all() -> impl Iterator<Item = &'static SpanEntry> {
    AREAS.into_iter().flatten()
}

/// The entry of a canonical name. Old names have none: ask [`canonical`](super::canonical) first.
pub fn find(name: &str) -> Option<&'static SpanEntry> {
    all().find(|entry| entry.name == name)
}

/// Whether a canonical name is registered. Besides the names of [`all`] these are the names `detector.<issue type>`
/// with an issue type of the program's own.
///
/// ```
/// use obs_core::names::registry;
/// assert!(registry::contains("fit.pca") && registry::contains("detector.stale_index"));
/// assert!(!registry::contains("fit.tea"));
/// ```
pub fn contains(name: &str) -> bool {
    let issue = || name.strip_prefix("detector.").is_some_and(|issue| !issue.contains('.'));
    find(name).is_some() || (super::check(name).is_ok() && issue())
}

/// Whether names may begin with this part: a [`Category`], or the first part of a registered name.
pub fn knows_category(first_part: &str) -> bool {
    Category::ALL.iter().any(|category| category.as_str() == first_part)
        || all().any(|entry| entry.category() == first_part)
}

#[cfg(test)]
mod tests;
