//! Trace context and baggage in the environment of processes, after OpenTelemetry's "Environment Variables as Context
//! Propagation Carriers": [`extract`] reads what the parent process left, [`CommandExt`] leaves it to a child.
//!
//! The variables are `TRACEPARENT`, `TRACESTATE` and `BAGGAGE`, with the values of the headers of these names. Everyone
//! who may look at a process sees them: nothing secret belongs there. They are read once, at the start of a process,
//! and never changed in a running one.
//!
//! ```no_run
//! use obs_trace::propagation::env::{self, CommandExt as _};
//! use std::process::Command;
//!
//! // What a batch job does that runs a step in a process of its own:
//! let extracted = env::extract();
//! if let Some(parent) = &extracted.parent {
//!     Command::new("train-model").trace_context(parent, &extracted.baggage).status()?;
//! }
//! # Ok::<(), std::io::Error>(())
//! ```

mod child;
mod environment;
#[cfg(test)]
mod tests;

pub use child::{CommandCarrier, CommandExt};
pub use environment::Environment;

use super::error::{PropagationError, Unreadable};
use super::propagators::{Extracted, Propagators};

/// What is taken from the environment.
///
/// ```
/// use obs_trace::propagation::env::EnvReader;
///
/// let variables = |name: &str| match name {
///     "TRACEPARENT" => Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
///     "BAGGAGE" => Some("plant=north".to_owned()),
///     _ => None,
/// };
/// let extracted = EnvReader { trust_baggage: false, ..EnvReader::default() }.extract(&variables);
/// assert!(extracted.parent.is_some() && extracted.baggage.is_empty());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnvReader {
    /// The formats; default: both.
    pub propagators: Propagators,
    /// Whether `BAGGAGE` is read. Default: true. Where whoever starts the process is not to decide what goes out with
    /// its requests, or where the name means something else, say false.
    pub trust_baggage: bool,
}

impl Default for EnvReader {
    fn default() -> Self {
        Self { propagators: Propagators::default(), trust_baggage: true }
    }
}

impl EnvReader {
    /// What the variables hold. Never fails: values that are no good are as if they were not set.
    pub fn extract(self, variable: &dyn Fn(&str) -> Option<String>) -> Extracted {
        let formats = self.formats();
        formats.extract(&Environment::read(formats, variable))
    }

    /// As [`Self::extract`]; when something was not taken, it is told, beside what could be used.
    pub fn try_extract(self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Extracted, Unreadable> {
        let formats = self.formats();
        formats.try_extract(&Environment::read(formats, variable)).map_err(|unreadable| Unreadable {
            errors: unreadable.errors.into_iter().map(of_variable).collect(),
            ..unreadable
        })
    }

    fn formats(self) -> Propagators {
        Propagators { baggage: self.propagators.baggage && self.trust_baggage, ..self.propagators }
    }
}

/// What this process was started with, in both formats: the span it belongs to, and its baggage.
///
/// For one format, for `OTEL_PROPAGATORS`, or without `BAGGAGE`, see [`EnvReader`] and [`variable`].
pub fn extract() -> Extracted {
    EnvReader::default().extract(&variable)
}

/// A variable of this process. `None` when it is not set, or no UTF-8.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Names the variable where the error names the header.
fn of_variable(error: PropagationError) -> PropagationError {
    let name = match error.name() {
        super::TRACEPARENT => "TRACEPARENT",
        super::TRACESTATE => "TRACESTATE",
        _ => "BAGGAGE",
    };
    error.of_variable(name)
}
