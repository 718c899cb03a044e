//! [`Value`]: what an attribute holds.

use std::borrow::Cow;

/// The value of an attribute or an event field, with the types OTLP keeps apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text.
    Str(Cow<'static, str>),
    /// A whole number; `int64` on the wire.
    I64(i64),
    /// A number; NaN and infinities are kept.
    F64(f64),
    /// True or false.
    Bool(bool),
}

impl Value {
    /// Bytes on the heap.
    pub(crate) fn heap(&self) -> usize {
        match self {
            Self::Str(Cow::Owned(s)) => s.len(),
            _ => 0,
        }
    }
}

macro_rules! from {
    ($($t:ty => $v:expr),* $(,)?) => {
        $(impl From<$t> for Value {
            fn from(value: $t) -> Self {
                let make: fn($t) -> Value = $v;
                make(value)
            }
        })*
    };
}

from! {
    &'static str => |v| Value::Str(Cow::Borrowed(v)),
    String => |v| Value::Str(Cow::Owned(v)),
    Cow<'static, str> => Value::Str,
    bool => Value::Bool,
    i64 => Value::I64,
    i32 => |v| Value::I64(i64::from(v)),
    u32 => |v| Value::I64(i64::from(v)),
    f64 => Value::F64,
    f32 => |v| Value::F64(f64::from(v)),
    // OTLP has no unsigned integer; counts beyond 2^63 do not occur, and saturating keeps them recognisable.
    u64 => |v| Value::I64(i64::try_from(v).unwrap_or(i64::MAX)),
    usize => |v| Value::I64(i64::try_from(v).unwrap_or(i64::MAX)),
}
