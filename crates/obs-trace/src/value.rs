//! [`Value`]: what an attribute holds.

use std::borrow::Cow;

/// The value of an attribute or an event field, with the types OTLP keeps apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Text.
    Str(Cow<'a, str>),
    /// A whole number; `int64` on the wire.
    I64(i64),
    /// A number; NaN and infinities are kept.
    F64(f64),
    /// True or false.
    Bool(bool),
    /// Several of these; OpenTelemetry wants them of one type.
    Array(Vec<Value<'a>>),
}

impl Value<'_> {
    /// The same value, owned.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Str(text) => Value::Str(Cow::Owned(text.into_owned())),
            Self::I64(n) => Value::I64(n),
            Self::F64(x) => Value::F64(x),
            Self::Bool(b) => Value::Bool(b),
            Self::Array(values) => Value::Array(values.into_iter().map(Value::into_owned).collect()),
        }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::I64(n) => Some(*n),
            _ => None,
        }
    }
}

macro_rules! from {
    ($($t:ty => $v:expr),* $(,)?) => {
        $(impl<'a> From<$t> for Value<'a> {
            #[inline]
            fn from(value: $t) -> Self {
                let make: fn($t) -> Value<'a> = $v;
                make(value)
            }
        })*
    };
}

from! {
    &'a str => |v| Value::Str(Cow::Borrowed(v)),
    &'a String => |v| Value::Str(Cow::Borrowed(v)),
    String => |v| Value::Str(Cow::Owned(v)),
    Cow<'a, str> => Value::Str,
    bool => Value::Bool,
    i64 => Value::I64,
    i32 => |v| Value::I64(i64::from(v)),
    i16 => |v| Value::I64(i64::from(v)),
    i8 => |v| Value::I64(i64::from(v)),
    u32 => |v| Value::I64(i64::from(v)),
    u16 => |v| Value::I64(i64::from(v)),
    u8 => |v| Value::I64(i64::from(v)),
    isize => |v| Value::I64(v as i64),
    f64 => Value::F64,
    f32 => |v| Value::F64(f64::from(v)),
    // OTLP has no unsigned integer; counts beyond 2^63 do not occur, and saturating keeps them recognisable.
    u64 => |v| Value::I64(i64::try_from(v).unwrap_or(i64::MAX)),
    usize => |v| Value::I64(i64::try_from(v).unwrap_or(i64::MAX)),
    Vec<Value<'a>> => Value::Array,
}

impl<'a, T: Into<Value<'a>> + Clone> From<&[T]> for Value<'a> {
    fn from(values: &[T]) -> Self {
        Value::Array(values.iter().cloned().map(Into::into).collect())
    }
}
