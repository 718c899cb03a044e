//! [`check_literal`]: a bad name in the source is a compile error.

use super::{NameError, check};

/// Stops compilation when a literal name breaks a rule of [`check`]: what the macros put into a constant.
///
/// # Panics
/// For a bad name, which is how a constant says no.
#[expect(clippy::panic, reason = "runs in constant evaluation, where a panic is a compile error")]
pub const fn check_literal(name: &str) {
    match check(name) {
        Ok(()) => {}
        Err(NameError::EmptyPart) => panic!("a span name has no empty part: `fit.pca`"),
        Err(NameError::TooDeep) => panic!("a span name has at most three parts: `data.validate.missing`"),
        Err(NameError::BadCharacter) => {
            panic!("a span name is made of lower-case letters, digits and `_`: `fit.pca`")
        }
        Err(NameError::BadStart) => panic!("each part of a span name starts with a letter: `fit.k2`"),
    }
}
