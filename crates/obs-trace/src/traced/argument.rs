//! [`Argument`]: what is recorded of an argument.
//!
//! The macro calls `(&&Argument(&x)).record(…)` for arguments whose type is written as a primitive. Should the name mean
//! another type there, such as a `String` of the program's own, the compiler finds [`IsNoArgument`], and nothing is recorded.

use crate::literal::Literal;
use crate::span::Span;
use crate::value::Value;
use obs_core::Redactor;
use obs_core::redact::REDACTED;

/// An argument of any type.
#[derive(Debug)]
pub struct Argument<'a, T: ?Sized>(pub &'a T);

/// Arguments that hold a primitive.
pub trait IsArgument {
    /// Sets the attribute `key` to the argument called `name`.
    fn record(&self, span: &mut Span, name: &str, key: &'static Literal);
}

impl<T: Primitive + ?Sized> IsArgument for &Argument<'_, T> {
    fn record(&self, span: &mut Span, name: &str, key: &'static Literal) {
        if let Some(value) = self.0.value(name, Redactor) {
            span.add_literal(key, value);
        }
    }
}

/// All others.
pub trait IsNoArgument {
    /// Does nothing.
    fn record(&self, _span: &mut Span, _name: &str, _key: &'static Literal) {}
}

impl<T: ?Sized> IsNoArgument for Argument<'_, T> {}

/// A number, a word or a text, or none.
pub trait Primitive {
    /// What may be recorded of it, if it is there, as the argument called `name`.
    fn value(&self, name: &str, redactor: Redactor) -> Option<Value<'_>>;
}

impl Primitive for str {
    fn value(&self, name: &str, redactor: Redactor) -> Option<Value<'_>> {
        Some(Value::Str(redactor.text(name, self)))
    }
}

impl Primitive for String {
    fn value(&self, name: &str, redactor: Redactor) -> Option<Value<'_>> {
        self.as_str().value(name, redactor)
    }
}

impl<T: Primitive + ?Sized> Primitive for &T {
    fn value(&self, name: &str, redactor: Redactor) -> Option<Value<'_>> {
        (**self).value(name, redactor)
    }
}

impl<T: Primitive> Primitive for Option<T> {
    fn value(&self, name: &str, redactor: Redactor) -> Option<Value<'_>> {
        self.as_ref()?.value(name, redactor)
    }
}

macro_rules! plain {
    ($($t:ty => $v:expr),* $(,)?) => {
        $(impl Primitive for $t {
            fn value(&self, name: &str, redactor: Redactor) -> Option<Value<'_>> {
                let make: fn($t) -> Value<'static> = $v;
                Some(if redactor.is_secret(name) { Value::from(REDACTED) } else { make(*self) })
            }
        })*
    };
}

plain! {
    bool => Value::from,
    i8 => Value::from,
    i16 => Value::from,
    i32 => Value::from,
    i64 => Value::from,
    isize => Value::from,
    u8 => Value::from,
    u16 => Value::from,
    u32 => Value::from,
    u64 => Value::from,
    usize => Value::from,
    f32 => Value::from,
    f64 => Value::from,
    char => |c| Value::from(c.to_string()),
    // Numbers of this size are ids, which must not be cut off at what OTLP can hold.
    i128 => |n| Value::from(n.to_string()),
    u128 => |n| Value::from(n.to_string()),
}
