//! What `#[traced]` expands to calls of: hidden, because only the macro knows how they belong together.

mod argument;
mod call;
mod failed;
mod run;

pub use argument::{Argument, IsArgument, IsNoArgument};
pub use call::Call;
pub use failed::{Failed, IsAnything, IsError, IsErrorBehind, IsText};
pub use run::{Run, run};

/// How a call ended, as the attribute [`obs_core::keys::STATUS`] has it.
mod status {
    use crate::span::Span;
    use obs_core::keys;

    pub(super) const SUCCESS: &str = "success";
    pub(super) const ERROR: &str = "error";
    /// Of a future that was dropped before it was done.
    pub(super) const CANCELLED: &str = "cancelled";

    pub(super) fn set(span: &mut Span, status: &'static str) {
        span.set(keys::STATUS, status);
    }
}
