//! [`PropagationError`] and [`Unreadable`]: what is wrong with incoming headers; [`PropagatorsError`]: with
//! `OTEL_PROPAGATORS`.

use super::propagators::Extracted;
use std::fmt;

/// A header, or a variable that stands for one, of which something was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} `{value}`: {problem}; accepted: {accepted}")]
pub struct PropagationError {
    name: &'static str,
    value: String,
    problem: String,
    accepted: &'static str,
}

impl PropagationError {
    pub(super) fn new(
        name: &'static str,
        value: &str,
        problem: impl Into<String>,
        accepted: &'static str,
    ) -> Self {
        Self { name, value: clip(value), problem: problem.into(), accepted }
    }

    /// The header (`traceparent`, `tracestate`, `baggage`), or the variable that stands for it (`TRACEPARENT`, …).
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The same of the variable that stands for the header.
    pub(super) fn of_variable(self, name: &'static str) -> Self {
        Self { name, ..self }
    }
}

/// Headers of which something was not taken: [`Propagators::try_extract`](super::Propagators::try_extract).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// What could be used all the same; what `extract` returns.
    pub usable: Extracted,
    /// What was wrong, at least one, in the order `traceparent`, `tracestate`, `baggage`.
    pub errors: Vec<PropagationError>,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Unreadable {}

/// A value of `OTEL_PROPAGATORS` that names a format there is none of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "OTEL_PROPAGATORS `{value}`: {problem}; accepted: tracecontext and baggage, separated by a comma, or none alone"
)]
pub struct PropagatorsError {
    value: String,
    problem: String,
}

impl PropagatorsError {
    pub(super) fn unknown(value: &str, name: &str) -> Self {
        Self { value: clip(value), problem: format!("`{}` is not supported", clip(name)) }
    }

    pub(super) fn none_with_others(value: &str) -> Self {
        Self { value: clip(value), problem: "`none` contradicts the other names".to_owned() }
    }
}

/// Hostile input must not end up whole, or raw, in an error line.
fn clip(text: &str) -> String {
    let mut clipped: String = text.chars().take(64).flat_map(char::escape_debug).collect();
    if text.chars().nth(64).is_some() {
        clipped.push('…');
    }
    clipped
}
