//! Whole runs: the fan's labelled faults, the span tree, and every way a run can end.

#![expect(clippy::unwrap_used, reason = "a helper of these tests that fails is a failed test")]

mod bars_fd_fan;
mod golden_tree;
mod outcomes;
mod registered;
mod support;
