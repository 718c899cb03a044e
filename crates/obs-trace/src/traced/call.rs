//! [`Call`]: the span of a call that is over when the function returns.

use super::status;
use crate::guard::SpanGuard;
use crate::span::Span;
use std::thread;

/// The span of a call that is over when the function returns; it says how the call ended when it drops, so that it is right
/// for whichever `return` or panic comes first.
#[derive(Debug)]
pub struct Call {
    span: SpanGuard,
    failed: bool,
    /// Whether a panic was under way before the call, which says nothing of how that ended.
    within_panic: bool,
}

impl Call {
    /// The call that this span is of.
    #[cfg_attr(not(feature = "record"), inline)]
    pub fn of(span: SpanGuard) -> Self {
        let within_panic = span.is_recording() && thread::panicking();
        Self { span, failed: false, within_panic }
    }

    /// The call failed; its span takes what is known of the error.
    #[cfg_attr(not(feature = "record"), inline)]
    pub fn fail(&mut self) -> &mut Span {
        self.failed = true;
        &mut self.span
    }
}

impl Drop for Call {
    #[cfg_attr(not(feature = "record"), inline)]
    fn drop(&mut self) {
        if !self.span.is_recording() {
            return;
        }
        let panicked = !self.within_panic && thread::panicking();
        status::set(&mut self.span, if self.failed || panicked { status::ERROR } else { status::SUCCESS });
    }
}
