//! [`Visitor`]: fields of `tracing` as keys and values; [`set`]: a field on a span.

use crate::otlp::{STATUS_ERROR, STATUS_OK};
use crate::record::Outcome;
use crate::recorder::OpenSpan;
use crate::recorder::attributes::{Key, cut};
use crate::recorder::open::Name;
use crate::tracer::Inner;
use crate::value::Value;
use obs_core::names::SpanKind;
use std::cell::Cell;
use std::error::Error;
use std::fmt::{self, Debug, Write};
use tracing_core::field::{Field, Visit};

/// Bytes of a printed text that a thread keeps room for.
const KEPT: usize = 1 << 12;

thread_local! {
    /// What values are printed into. It is taken while it is used: a value may use `tracing` while it is printed.
    static TEXT: Cell<String> = const { Cell::new(String::new()) };
}

/// Hands the fields of a span or an event over, one by one.
pub(super) struct Visitor<F> {
    longest: usize,
    take: F,
}

impl<F: FnMut(&'static str, Value<'_>)> Visitor<F> {
    pub(super) fn new(tracer: &Inner, take: F) -> Self {
        Self { longest: tracer.limits.value_bytes as usize, take }
    }

    fn print(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        let mut text = Bounded { text: TEXT.try_with(Cell::take).unwrap_or_default(), longest: self.longest };
        // It fails when it is full; what is printed so far counts.
        let _ = text.write_fmt(value);
        (self.take)(field.name(), Value::from(text.text.as_str()));
        if text.text.capacity() <= KEPT {
            text.text.clear();
            let _ = TEXT.try_with(|kept| kept.set(text.text));
        }
    }
}

impl<F: FnMut(&'static str, Value<'_>)> Visit for Visitor<F> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        (self.take)(field.name(), Value::F64(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        (self.take)(field.name(), Value::I64(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.record_u128(field, u128::from(value));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        match i64::try_from(value) {
            Ok(value) => self.record_i64(field, value),
            Err(_) => self.print(field, format_args!("{value}")),
        }
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        match i64::try_from(value) {
            Ok(value) => self.record_i64(field, value),
            Err(_) => self.print(field, format_args!("{value}")),
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        (self.take)(field.name(), Value::Bool(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        (self.take)(field.name(), Value::from(cut(value, self.longest)));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.print(field, format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.print(field, format_args!("{value:?}"));
    }
}

/// A text that ends the printing of what is too long.
struct Bounded {
    text: String,
    longest: usize,
}

impl Write for Bounded {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let room = self.longest.saturating_sub(self.text.len());
        self.text.push_str(cut(more, room));
        if more.len() > room { Err(fmt::Error) } else { Ok(()) }
    }
}

/// Sets what a field says: an attribute, or what the fields say that begin with `otel.`.
#[inline]
pub(super) fn set(open: &mut OpenSpan, key: &'static str, value: &Value<'_>) {
    if key.starts_with("otel.")
        && let Some(text) = value.as_str()
        && set_otel(open, key, text)
    {
        return;
    }
    open.set(Key::of(key), value);
}

/// Whether the field means more than an attribute.
#[cold]
fn set_otel(open: &mut OpenSpan, key: &str, text: &str) -> bool {
    match key {
        "otel.name" => open.rename(Name(Key::Text(text))),
        "otel.kind" => {
            let Some(kind) = SpanKind::ALL.into_iter().find(|k| k.as_str().eq_ignore_ascii_case(text)) else {
                return false;
            };
            open.kind = kind.otlp() as u8;
        }
        "otel.status_code" if text.eq_ignore_ascii_case("ok") => open.status = STATUS_OK,
        "otel.status_code" if text.eq_ignore_ascii_case("error") => fail(open),
        "otel.status_description" | "otel.status_message" => {
            fail(open);
            open.message(text);
        }
        _ => return false,
    }
    true
}

/// Marks a span failed.
pub(super) fn fail(open: &mut OpenSpan) {
    open.status = STATUS_ERROR;
    open.outcome = Outcome::Fail.code();
}
