//! The `traceparent` header of W3C Trace Context, level 2: `00-<trace id>-<span id>-<flags>`.

#[cfg(test)]
mod tests;

use super::TRACEPARENT;
use super::error::PropagationError;
use super::span_context::SpanContext;
use super::trace_state::TraceState;
use obs_core::{SpanId, TraceId};

/// Bytes of version `00`, and of the part that higher versions share with it.
const LENGTH: usize = 55;
const SAMPLED: u8 = 0b01;
const RANDOM: u8 = 0b10;
const ACCEPTED: &str =
    "00-<trace id>-<span id>-<flags> in 32, 16 and 2 lower-case hex digits, ids not all zero";

pub(super) fn format(context: &SpanContext) -> String {
    let flags = if context.sampled { SAMPLED } else { 0 } | if context.random { RANDOM } else { 0 };
    format!("00-{}-{}-{flags:02x}", context.trace_id, context.span_id)
}

pub(super) fn parse(header: &str) -> Result<SpanContext, PropagationError> {
    let text = header.trim_matches([' ', '\t']);
    read(text).map_err(|problem| PropagationError::new(TRACEPARENT, text, problem, ACCEPTED))
}

/// Several values: whoever sent them does not know which one is its own.
pub(super) fn several(values: &[&str]) -> PropagationError {
    PropagationError::new(TRACEPARENT, &values.join(", "), "there is more than one", ACCEPTED)
}

fn read(text: &str) -> Result<SpanContext, &'static str> {
    let (known, rest) = text.as_bytes().split_at_checked(LENGTH).ok_or("it is too short")?;
    let [v1, v2, b'-', known @ ..] = known else { return Err("there is no version before the first dash") };
    let version = hex(&[*v1, *v2]).ok_or("the version is not 2 lower-case hex digits")?;
    match (version, rest) {
        (0xff, _) => return Err("version ff is not allowed"),
        (0, []) | (1.., [] | [b'-', ..]) => {}
        (0, _) => return Err("it is too long for version 00"),
        _ => return Err("the flags are not followed by a dash"),
    }
    // 32 digits, a dash, 16 digits, a dash, 2 digits: together the 52 bytes that are left.
    let (trace_id, known) = field(known, 32).ok_or("the trace id is not followed by a dash")?;
    let (span_id, flags) = field(known, 16).ok_or("the span id is not followed by a dash")?;
    let trace_id = hex(trace_id).ok_or("the trace id is not 32 lower-case hex digits")?;
    let span_id = hex(span_id).ok_or("the span id is not 16 lower-case hex digits")?;
    let flags = hex(flags).ok_or("the flags are not 2 lower-case hex digits")? as u8;
    Ok(SpanContext {
        trace_id: TraceId::new(trace_id).ok_or("the trace id is all zero")?,
        span_id: SpanId::new(span_id as u64).ok_or("the span id is all zero")?,
        sampled: flags & SAMPLED != 0,
        // In higher versions no flag but `sampled` is known to mean the same.
        random: version == 0 && flags & RANDOM != 0,
        is_remote: true,
        trace_state: TraceState::EMPTY,
    })
}

/// The first `digits` bytes, and what comes after the dash behind them.
fn field(text: &[u8], digits: usize) -> Option<(&[u8], &[u8])> {
    let (field, rest) = text.split_at_checked(digits)?;
    Some((field, rest.strip_prefix(b"-")?))
}

/// The number that at most 32 lower-case hex digits are; `None` for other bytes.
fn hex(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |number: u128, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u128::from(digit))
    })
}
