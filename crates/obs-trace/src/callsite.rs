//! [`CallSite`]: what is known of a span before it starts.

use crate::literal::Literal;

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
