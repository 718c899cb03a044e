//! [`Kind`]: what sort of work an operation is.

use crate::span::Span;
use crate::tracer::Tracer;
use std::fmt::Debug;

/// A sort of work: what its span says of it, at its start and at its end. The helpers of this module are all there are.
pub trait Kind: Debug + Sized + sealed::Recorded {}

impl<K: Debug + sealed::Recorded> Kind for K {}

pub(super) mod sealed {
    use super::{Span, Tracer};

    /// How a sort of work is recorded.
    pub trait Recorded {
        /// The span has begun.
        fn begin(&mut self, span: &mut Span, tracer: &Tracer);

        /// The work is over, and its span about to end. The span is the active one of the thread, and what
        /// [`Work::tenant`](super::super::Operation::tenant) and the like said is in force.
        fn end(&mut self, _span: &mut Span) {}
    }
}
