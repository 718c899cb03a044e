//! The shape of a trace: printed as text, checked, and compared with a literal of it.
//!
//! [`span_tree`] prints; [`single_root`] and [`no_orphans`] check; [`assert_span_tree!`](crate::assert_span_tree) compares,
//! and tells what differs.

mod checks;
mod diff;
mod expected;
mod forest;
mod macros;
mod span;
mod text;

pub use checks::{TreeError, no_orphans, single_root};
pub use diff::{TreeDiff, compare};
pub use expected::{ExpectedSpan, ExpectedTree};
pub use span::{SpanIds, TreeSpan};
pub use text::span_tree;
