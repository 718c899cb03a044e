//! [`CallSite`]: what is known of a span before it starts.

use obs_core::names::{self, SpanKind};
use std::borrow::Cow;
use std::sync::OnceLock;

/// One `span!` in the source: its name, checked at compile time, and the kind that follows from it, looked up once.
#[derive(Debug)]
pub struct CallSite {
    name: &'static str,
    resolved: OnceLock<(&'static str, SpanKind)>,
}

impl CallSite {
    /// A call site with this name.
    pub const fn new(name: &'static str) -> Self {
        Self { name, resolved: OnceLock::new() }
    }

    /// The canonical name and the kind.
    pub(crate) fn resolve(&self) -> (Cow<'static, str>, SpanKind) {
        let (name, kind) =
            self.resolved.get_or_init(|| (names::canonical(self.name), names::span_kind(self.name)));
        (Cow::Borrowed(name), *kind)
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
