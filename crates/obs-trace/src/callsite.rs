//! [`CallSite`]: what is known of a span before it starts.

use crate::literal::Literal;
use obs_core::names;

/// One `span!` in the source: its name, checked at compile time. Kind, category and phase follow from the name; they are
/// looked up once, when the first span of the name is exported.
#[derive(Debug)]
pub struct CallSite {
    name: Literal,
}

impl CallSite {
    /// A call site with this name.
    pub const fn new(name: &'static str) -> Self {
        Self { name: Literal::new(name) }
    }

    /// The name as the source has it.
    pub const fn name(&self) -> &'static str {
        self.name.text()
    }

    #[inline]
    pub(crate) fn literal(&self) -> &Literal {
        &self.name
    }
}

/// Stops compilation when a literal name breaks a rule of [`obs_core::names`].
#[doc(hidden)]
#[expect(clippy::panic, reason = "runs in constant evaluation, where a panic is a compile error")]
pub const fn check_literal(name: &str) {
    match names::check(name) {
        Ok(()) => {}
        Err(names::NameError::EmptyPart) => panic!("a span name has no empty part: `fit.pca`"),
        Err(names::NameError::TooDeep) => {
            panic!("a span name has at most three parts: `data.validate.missing`")
        }
        Err(names::NameError::BadCharacter) => {
            panic!("a span name is made of lower-case letters, digits and `_`: `fit.pca`")
        }
        Err(names::NameError::BadStart) => panic!("each part of a span name starts with a letter: `fit.k2`"),
    }
}
