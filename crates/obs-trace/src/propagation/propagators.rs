//! [`Propagators`]: which formats are read and written; [`Extracted`]: what was read.

#[cfg(test)]
mod tests;

use super::carrier::{Extractor, Injector};
use super::error::{PropagationError, PropagatorsError, Unreadable};
use super::span_context::SpanContext;
use super::{BAGGAGE, TRACEPARENT, TRACESTATE, trace_state, traceparent};
use obs_core::Baggage;
use std::fmt;

/// The formats in use, as `OTEL_PROPAGATORS` names them. Default: both.
///
/// ```
/// use obs_trace::propagation::Propagators;
///
/// assert_eq!(Propagators::parse("tracecontext,baggage")?, Propagators::default());
/// assert_eq!(Propagators::parse("none")?, Propagators::NONE);
/// let error = Propagators::parse("tracecontext,b3").unwrap_err().to_string();
/// assert!(error.starts_with("OTEL_PROPAGATORS `tracecontext,b3`: `b3` is not supported"), "{error}");
/// # Ok::<(), obs_trace::propagation::PropagatorsError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Propagators {
    /// W3C Trace Context: `traceparent` and `tracestate`.
    pub trace_context: bool,
    /// W3C Baggage: `baggage`.
    pub baggage: bool,
}

/// What came from the other side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extracted {
    /// The span to continue, or to link to where a trace of its own is wanted. `None`: this is the beginning.
    pub parent: Option<SpanContext>,
    /// What was sent along; empty when nothing was.
    pub baggage: Baggage,
}

impl Default for Propagators {
    fn default() -> Self {
        Self { trace_context: true, baggage: true }
    }
}

impl Propagators {
    /// None: nothing is read, written or removed.
    pub const NONE: Self = Self { trace_context: false, baggage: false };

    /// Reads the value of `OTEL_PROPAGATORS`: `tracecontext` and `baggage`, separated by commas, in any case, each any
    /// number of times; or `none` alone. Blank, as an environment variable, is as if it were not set: both.
    ///
    /// Fails for every other name, also for those that OpenTelemetry knows and obs does not have: `b3`, `b3multi`,
    /// `jaeger`, `xray`, `ottrace`.
    pub fn parse(value: &str) -> Result<Self, PropagatorsError> {
        let mut formats = Self::NONE;
        let mut none = false;
        for name in value.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match name.to_ascii_lowercase().as_str() {
                "tracecontext" => formats.trace_context = true,
                "baggage" => formats.baggage = true,
                "none" => none = true,
                _ => return Err(PropagatorsError::unknown(value, name)),
            }
        }
        match (none, formats == Self::NONE) {
            (true, false) => Err(PropagatorsError::none_with_others(value)),
            (false, true) => Ok(Self::default()),
            (true, true) | (false, false) => Ok(formats),
        }
    }

    /// The headers of these formats, in lower case.
    pub fn fields(self) -> impl Iterator<Item = &'static str> {
        let trace_context = self.trace_context.then_some([TRACEPARENT, TRACESTATE]);
        trace_context.into_iter().flatten().chain(self.baggage.then_some(BAGGAGE))
    }

    /// What the carrier holds. Never fails: headers that are no good are as if they were not there, so that bad input
    /// begins a new trace.
    pub fn extract(self, carrier: &(impl Extractor + ?Sized)) -> Extracted {
        self.read(carrier, &mut |_| ())
    }

    /// As [`Self::extract`]; when something was not taken, it is told, beside what could be used.
    pub fn try_extract(self, carrier: &(impl Extractor + ?Sized)) -> Result<Extracted, Unreadable> {
        let mut errors = Vec::new();
        let usable = self.read(carrier, &mut |error| errors.push(error));
        if errors.is_empty() { Ok(usable) } else { Err(Unreadable { usable, errors }) }
    }

    /// Writes span and baggage into the carrier, in place of what it has of these formats. Without a span, a trace
    /// that is there already is taken out, and so is baggage where there is none now.
    ///
    /// `span` is a `&SpanContext`, an `Option` of one, or `None`.
    pub fn inject<'a>(
        self,
        span: impl Into<Option<&'a SpanContext>>,
        baggage: &Baggage,
        carrier: &mut (impl Injector + ?Sized),
    ) {
        let mut put = |name, value: Option<String>| match value {
            Some(value) => carrier.set(name, value),
            None => carrier.remove(name),
        };
        if self.trace_context {
            let span = span.into();
            let state = span.map(|span| &span.trace_state).filter(|state| !state.is_empty());
            put(TRACEPARENT, span.map(SpanContext::traceparent));
            put(TRACESTATE, state.map(ToString::to_string));
        }
        if self.baggage {
            put(BAGGAGE, (!baggage.is_empty()).then(|| baggage.to_string()));
        }
    }

    fn read(self, carrier: &(impl Extractor + ?Sized), tell: &mut dyn FnMut(PropagationError)) -> Extracted {
        let parent = if self.trace_context { parent(carrier, tell) } else { None };
        let baggage = if self.baggage { baggage(carrier, tell) } else { Baggage::new() };
        Extracted { parent, baggage }
    }
}

impl fmt::Display for Propagators {
    /// As `OTEL_PROPAGATORS` has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.trace_context, self.baggage) {
            (true, true) => "tracecontext,baggage",
            (true, false) => "tracecontext",
            (false, true) => "baggage",
            (false, false) => "none",
        })
    }
}

fn parent(
    carrier: &(impl Extractor + ?Sized),
    tell: &mut dyn FnMut(PropagationError),
) -> Option<SpanContext> {
    let header = match carrier.get_all(TRACEPARENT)[..] {
        // A trace state without a parent belongs to no trace.
        [] => return None,
        [header] => header,
        ref several => {
            tell(traceparent::several(several));
            return None;
        }
    };
    let mut context = SpanContext::from_traceparent(header).map_err(&mut *tell).ok()?;
    let (state, error) = trace_state::parse_all(&carrier.get_all(TRACESTATE));
    context.trace_state = state;
    error.into_iter().for_each(tell);
    Some(context)
}

fn baggage(carrier: &(impl Extractor + ?Sized), tell: &mut dyn FnMut(PropagationError)) -> Baggage {
    const ACCEPTED: &str =
        "64 entries key=value in 8192 bytes, each in 4096, percent-encoded and separated by commas";
    let (baggage, report) = Baggage::parse_all(carrier.get_all(BAGGAGE));
    if report.dropped() > 0 {
        // Its values may be private; the report holds none of them.
        tell(PropagationError::new(BAGGAGE, "…", report.to_string(), ACCEPTED));
    }
    baggage
}
