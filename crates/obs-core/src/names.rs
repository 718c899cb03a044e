//! How spans are named, and what their names say: category, kind, phase.
//!
//! A span name is `category`, `category.operation` or `category.subcategory.operation`: at most three parts of
//! `[a-z0-9_]`, each starting with a letter.
//!
//! | to | see |
//! |---|---|
//! | check a name | [`check`], [`suggestion`] |
//! | know what follows from it | [`span_kind`], [`Phase::of`], [`Category::of`], [`prefix`] |
//! | let users choose kinds, old names or the prefix of keys | [`Names`], [`KindMap`] |
//! | look up what is recorded under which name | [`registry`], [`component`] |

mod alias;
mod category;
pub mod component;
mod convention;
mod kind;
mod literal;
mod phase;
pub mod registry;
mod suffix;

pub use alias::{aliases, canonical, new_name};
pub use category::Category;
pub use convention::{Names, NamespaceError, Resolved};
pub use kind::{KindMap, SpanKind, span_kind};
#[doc(hidden)]
pub use literal::check_literal;
pub use phase::Phase;
pub use suffix::{SUFFIXES, suggestion};

/// A name that breaks a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing before, after or between dots.
    #[error("a span name has no empty part: `fit.pca`, not `fit..pca` or `.pca`")]
    EmptyPart,
    /// More than three parts.
    #[error(
        "a span name has at most three parts: `data.validate.missing`, not `data.guardrails.data_quality.missing`"
    )]
    TooDeep,
    /// Something else than lower-case letters, digits and underscores.
    #[error(
        "a span name is made of lower-case letters, digits and `_`: `fit.pca`, not `Fit.PCA` or `fit pca`"
    )]
    BadCharacter,
    /// A part that starts with a digit or an underscore.
    #[error("each part of a span name starts with a letter: `fit.k2`, not `fit.2k`")]
    BadStart,
}

/// Checks a name; `const`, so that the macro can refuse a bad literal at compile time.
///
/// ```
/// use obs_core::names::{NameError, check};
/// assert_eq!(check("data.validate.missing"), Ok(()));
/// assert_eq!(check("data.guardrails.data_quality.missing_values"), Err(NameError::TooDeep));
/// ```
pub const fn check(name: &str) -> Result<(), NameError> {
    let bytes = name.as_bytes();
    let mut parts = 1;
    let mut at_start = true;
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            b'.' if at_start => return Err(NameError::EmptyPart),
            b'.' => {
                parts += 1;
                at_start = true;
            }
            b'a'..=b'z' => at_start = false,
            b'0'..=b'9' | b'_' if at_start => return Err(NameError::BadStart),
            b'0'..=b'9' | b'_' => {}
            _ => return Err(NameError::BadCharacter),
        }
        i += 1;
    }
    if at_start {
        return Err(NameError::EmptyPart);
    }
    if parts > 3 {
        return Err(NameError::TooDeep);
    }
    Ok(())
}

/// The part of a name before its first dot: its category.
pub fn prefix(name: &str) -> &str {
    name.split_once('.').map_or(name, |(first, _)| first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NAME-01, NAME-02, SB-21
    #[test]
    fn names_have_one_to_three_parts_of_lower_case_words() {
        for good in ["drift", "fit.pca", "features.compute.train", "data.validate.missing"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        let bad = [
            ("", NameError::EmptyPart),
            ("fit.", NameError::EmptyPart),
            (".pca", NameError::EmptyPart),
            ("fit..pca", NameError::EmptyPart),
            ("Fit.pca", NameError::BadCharacter),
            ("fit pca", NameError::BadCharacter),
            ("fit.pcä", NameError::BadCharacter),
            ("fit.2k", NameError::BadStart),
            ("data.guardrails.data_quality.missing_values", NameError::TooDeep),
        ];
        for (name, error) in bad {
            assert_eq!(check(name), Err(error), "{name}");
        }
    }

    #[test]
    fn the_prefix_is_the_part_before_the_first_dot() {
        assert_eq!(prefix("features.compute.train"), "features");
        assert_eq!(prefix("drift"), "drift");
    }
}
