//! What an error tells of itself: the name of its type, and the chain of its causes.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt::Write;

/// Most causes that are followed: an error may be its own cause.
const MOST_CAUSES: usize = 32;

/// The type's path without generic arguments: `std::io::error::Error`, `obs_pipeline::input::InputError`.
pub(crate) fn error_type<E: ?Sized>() -> &'static str {
    let name = std::any::type_name::<E>();
    name.split_once('<').map_or(name, |(bare, _)| bare)
}

/// The message, a line `Caused by: …` for each cause, and a backtrace where `RUST_BACKTRACE` asks for one.
pub(crate) fn chain<E: std::error::Error + ?Sized>(error: &E) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    for _ in 0..MOST_CAUSES {
        let Some(error) = cause else { break };
        let _ = write!(text, "\nCaused by: {error}");
        cause = error.source();
    }
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        let _ = write!(text, "\n{backtrace}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generic_arguments_are_cut() {
        assert_eq!(error_type::<std::io::Error>(), "std::io::error::Error");
        assert_eq!(error_type::<Vec<u8>>(), "alloc::vec::Vec");
    }

    #[test]
    fn causes_follow_their_error() {
        #[derive(Debug, thiserror::Error)]
        #[error("no data")]
        struct NoData(#[source] std::num::ParseIntError);
        let error = NoData("x".parse::<i32>().unwrap_err());
        let text = chain(&error);
        assert!(text.starts_with("no data\nCaused by: invalid digit found in string"), "{text}");
    }
}
