//! Values, times and span contexts of the `opentelemetry` API as ours, and the other way round.

use crate::literal::number_of_key;
use crate::propagation::{SpanContext, TraceState};
use crate::recorder::attributes::Key;
use crate::value::Value;
use obs_core::active::Place;
use obs_core::names::SpanKind;
use obs_core::{SpanId, TraceId};
use opentelemetry::trace as otel;
use opentelemetry::{Array, KeyValue, TraceFlags};
use std::time::{SystemTime, UNIX_EPOCH};

/// The flag of a trace id that is random in its last 7 bytes (W3C Trace Context, level 2).
const RANDOM: u8 = 2;

/// A span context of `opentelemetry` that names no span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("span context with trace id `{trace_id:032x}` and span id `{span_id:016x}`: neither may be zero")]
pub struct InvalidSpanContext {
    trace_id: u128,
    span_id: u64,
}

impl From<&SpanContext> for otel::SpanContext {
    fn from(context: &SpanContext) -> Self {
        let flags = u8::from(context.sampled) | if context.random { RANDOM } else { 0 };
        // What ours holds is valid by the rules of W3C; should the other side see it otherwise, it counts as absent.
        let state = context.trace_state.as_str().parse().unwrap_or_default();
        Self::new(
            context.trace_id.get().into(),
            context.span_id.get().into(),
            TraceFlags::new(flags),
            context.is_remote,
            state,
        )
    }
}

impl From<SpanContext> for otel::SpanContext {
    fn from(context: SpanContext) -> Self {
        Self::from(&context)
    }
}

impl TryFrom<&otel::SpanContext> for SpanContext {
    type Error = InvalidSpanContext;

    /// Fails when one of the ids is zero. A trace state that breaks the rules of W3C counts as absent.
    fn try_from(context: &otel::SpanContext) -> Result<Self, InvalidSpanContext> {
        let (trace, span) = ids(context);
        let (Some(trace_id), Some(span_id)) = (TraceId::new(trace), SpanId::new(span)) else {
            return Err(InvalidSpanContext { trace_id: trace, span_id: span });
        };
        let trace_state = if has_state(context) {
            TraceState::parse(&context.trace_state().header()).unwrap_or_default()
        } else {
            TraceState::EMPTY
        };
        Ok(Self {
            random: context.trace_flags().to_u8() & RANDOM != 0,
            is_remote: context.is_remote(),
            trace_state,
            ..Self::new(trace_id, span_id, context.is_sampled())
        })
    }
}

impl TryFrom<otel::SpanContext> for SpanContext {
    type Error = InvalidSpanContext;

    /// As for a reference.
    fn try_from(context: otel::SpanContext) -> Result<Self, InvalidSpanContext> {
        Self::try_from(&context)
    }
}

/// The numbers of trace and span; zero where there is none.
#[inline]
pub(super) fn ids(context: &otel::SpanContext) -> (u128, u64) {
    let (trace, span) = (context.trace_id().to_bytes(), context.span_id().to_bytes());
    (u128::from_be_bytes(trace), u64::from_be_bytes(span))
}

pub(super) fn has_state(context: &otel::SpanContext) -> bool {
    context.trace_state().into_iter().len() > 0
}

/// The place of a span context, as far as the context tells; [`Place::NOWHERE`] for an invalid one.
pub(super) fn place(context: &otel::SpanContext) -> Place {
    let (trace, span) = ids(context);
    let (Some(trace_id), Some(span_id)) = (TraceId::new(trace), SpanId::new(span)) else {
        return Place::NOWHERE;
    };
    let marks = [
        (Place::SAMPLED | Place::RECORDED, context.is_sampled()),
        (Place::REMOTE, context.is_remote()),
        (Place::RANDOM, context.trace_flags().to_u8() & RANDOM != 0),
        (Place::STATE, has_state(context)),
    ];
    let marks = marks.into_iter().filter(|(_, is_set)| *is_set).fold(0, |all, (marks, _)| all | marks);
    Place::new(trace_id, span_id, marks)
}

/// The context of the span at a place of this process, without its trace state.
pub(crate) fn span_context(place: Place) -> otel::SpanContext {
    let (high, low) = place.trace();
    let flags = u8::from(place.has(Place::SAMPLED)) | if place.has(Place::RANDOM) { RANDOM } else { 0 };
    otel::SpanContext::new(
        (u128::from(high) << 64 | u128::from(low)).into(),
        place.span().into(),
        TraceFlags::new(flags),
        place.has(Place::REMOTE),
        otel::TraceState::NONE,
    )
}

/// A value, borrowed.
pub(super) fn value(value: &opentelemetry::Value) -> Value<'_> {
    match value {
        opentelemetry::Value::Bool(b) => Value::Bool(*b),
        opentelemetry::Value::I64(n) => Value::I64(*n),
        opentelemetry::Value::F64(x) => Value::F64(*x),
        opentelemetry::Value::String(text) => Value::from(text.as_str()),
        opentelemetry::Value::Array(Array::Bool(all)) => Value::from(all.as_slice()),
        opentelemetry::Value::Array(Array::I64(all)) => Value::from(all.as_slice()),
        opentelemetry::Value::Array(Array::F64(all)) => Value::from(all.as_slice()),
        opentelemetry::Value::Array(Array::String(all)) => {
            Value::Array(all.iter().map(|text| Value::from(text.as_str())).collect())
        }
        // Types that the API may get.
        other => Value::from(other.to_string()),
    }
}

/// Attributes of an event or a link, borrowed.
pub(super) fn fields(attributes: &[KeyValue]) -> Vec<(Key<'_>, Value<'_>)> {
    attributes.iter().map(|kv| (key(&kv.key), value(&kv.value))).collect()
}

/// A key, by its number where it has one. That is found by the text: the API does not say whether it lives long enough to be
/// known by its address.
#[inline]
pub(super) fn key(key: &opentelemetry::Key) -> Key<'_> {
    match number_of_key(key.as_str()) {
        0 => Key::Text(key.as_str()),
        number => Key::Number(number),
    }
}

/// Nanoseconds since the Unix epoch; zero for what is before it.
pub(crate) fn nanos(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}

/// A kind of the API as ours.
pub(crate) fn kind_of(kind: &otel::SpanKind) -> SpanKind {
    match kind {
        otel::SpanKind::Client => SpanKind::Client,
        otel::SpanKind::Server => SpanKind::Server,
        otel::SpanKind::Producer => SpanKind::Producer,
        otel::SpanKind::Consumer => SpanKind::Consumer,
        otel::SpanKind::Internal => SpanKind::Internal,
    }
}
