//! [`Writer`]: the protobuf wire format, written by hand into one buffer.
//!
//! Every protobuf a signal sends (OTLP, pprof, Loki) goes through it. Nested messages are written in place: no tree of
//! generated structs is built first and no message is measured twice.
//!
//! Format: <https://protobuf.dev/programming-guides/encoding/>.
//!
//! ```
//! use obs_export::wire::Writer;
//! let mut w = Writer::new();
//! w.uint64(1, 150).message(2, |w| {
//!     w.string(1, "fit.pca");
//! });
//! assert_eq!(w.as_bytes(), b"\x08\x96\x01\x12\x09\x0a\x07fit.pca");
//! ```

use std::borrow::Borrow;
use std::ops::Range;

pub mod reader;
#[cfg(test)]
mod tests;

/// How a value's end is found; the low three bits of a tag.
#[derive(Clone, Copy)]
#[repr(u8)]
enum WireType {
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}

/// Appends fields to a buffer.
///
/// `field` is the number in the schema, 1 to 536,870,911. A method writes its field even when the value is the default
/// of its type, as `optional` and `oneof` fields want it; those whose name ends in `_nonzero` or `_nonempty`, and the
/// packed ones, leave a default out, as plain proto3 fields want it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Writer {
    buffer: Vec<u8>,
}

impl Writer {
    /// A writer on an empty buffer.
    pub fn new() -> Self {
        Self::default()
    }

    /// A writer that appends to `buffer`: one that was used before saves the allocation (clear it first).
    pub fn with_buffer(buffer: Vec<u8>) -> Self {
        Self { buffer }
    }

    /// What was written so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.buffer
    }

    /// Bytes written so far.
    pub fn len(&self) -> usize {
        self.buffer.len()
    }

    /// Whether nothing was written yet.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// Forgets what was written and keeps the allocation.
    pub fn clear(&mut self) {
        self.buffer.clear();
    }

    /// Takes out what stands there: whole fields, none of a message that is still being written around them.
    ///
    /// # Panics
    /// If the range is not within what was written.
    pub fn remove(&mut self, range: Range<usize>) {
        self.buffer.drain(range);
    }

    /// The buffer.
    pub fn into_vec(self) -> Vec<u8> {
        self.buffer
    }

    /// `uint64`, `uint32`, or an enum.
    #[inline]
    pub fn uint64(&mut self, field: u32, value: u64) -> &mut Self {
        self.tag(field, WireType::Varint);
        self.varint(value);
        self
    }

    /// `uint64`, `uint32`, or an enum; zero is left out.
    #[inline]
    pub fn uint64_nonzero(&mut self, field: u32, value: u64) -> &mut Self {
        if value == 0 { self } else { self.uint64(field, value) }
    }

    /// `int64` or `int32`: a negative value takes ten bytes.
    #[inline]
    pub fn int64(&mut self, field: u32, value: i64) -> &mut Self {
        self.uint64(field, value.cast_unsigned())
    }

    /// `int64` or `int32`; zero is left out.
    pub fn int64_nonzero(&mut self, field: u32, value: i64) -> &mut Self {
        if value == 0 { self } else { self.int64(field, value) }
    }

    /// `sint64` or `sint32`: zigzag, so that small negative values stay short.
    pub fn sint64(&mut self, field: u32, value: i64) -> &mut Self {
        self.uint64(field, ((value << 1) ^ (value >> 63)).cast_unsigned())
    }

    /// `sint64` or `sint32`; zero is left out.
    pub fn sint64_nonzero(&mut self, field: u32, value: i64) -> &mut Self {
        if value == 0 { self } else { self.sint64(field, value) }
    }

    /// `bool`.
    #[inline]
    pub fn bool(&mut self, field: u32, value: bool) -> &mut Self {
        self.uint64(field, u64::from(value))
    }

    /// `bool`; `false` is left out.
    pub fn bool_nonzero(&mut self, field: u32, value: bool) -> &mut Self {
        self.uint64_nonzero(field, u64::from(value))
    }

    /// `fixed64`.
    #[inline]
    pub fn fixed64(&mut self, field: u32, value: u64) -> &mut Self {
        self.tag(field, WireType::Fixed64);
        self.buffer.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// `fixed64`; zero is left out.
    pub fn fixed64_nonzero(&mut self, field: u32, value: u64) -> &mut Self {
        if value == 0 { self } else { self.fixed64(field, value) }
    }

    /// `sfixed64`.
    pub fn sfixed64(&mut self, field: u32, value: i64) -> &mut Self {
        self.fixed64(field, value.cast_unsigned())
    }

    /// `fixed32`.
    #[inline]
    pub fn fixed32(&mut self, field: u32, value: u32) -> &mut Self {
        self.tag(field, WireType::Fixed32);
        self.buffer.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// `fixed32`; zero is left out.
    pub fn fixed32_nonzero(&mut self, field: u32, value: u32) -> &mut Self {
        if value == 0 { self } else { self.fixed32(field, value) }
    }

    /// `double`.
    #[inline]
    pub fn double(&mut self, field: u32, value: f64) -> &mut Self {
        self.fixed64(field, value.to_bits())
    }

    /// `double`; positive zero is left out, negative zero is not.
    pub fn double_nonzero(&mut self, field: u32, value: f64) -> &mut Self {
        self.fixed64_nonzero(field, value.to_bits())
    }

    /// `bytes`, or a message that is encoded already.
    #[inline]
    pub fn bytes(&mut self, field: u32, value: &[u8]) -> &mut Self {
        self.tag(field, WireType::Bytes);
        self.varint(value.len() as u64);
        self.buffer.extend_from_slice(value);
        self
    }

    /// `bytes`; nothing is left out.
    pub fn bytes_nonempty(&mut self, field: u32, value: &[u8]) -> &mut Self {
        if value.is_empty() { self } else { self.bytes(field, value) }
    }

    /// `string`.
    pub fn string(&mut self, field: u32, value: &str) -> &mut Self {
        self.bytes(field, value.as_bytes())
    }

    /// `string`; the empty one is left out.
    pub fn string_nonempty(&mut self, field: u32, value: &str) -> &mut Self {
        self.bytes_nonempty(field, value.as_bytes())
    }

    /// A nested message with the fields that `write` appends; written even when it appends none.
    #[inline]
    pub fn message(&mut self, field: u32, write: impl FnOnce(&mut Self)) -> &mut Self {
        self.tag(field, WireType::Bytes);
        self.length_delimited(write);
        self
    }

    /// [`Writer::message`] for one that is likely between 128 and 16,383 bytes long: then none of its bytes moves.
    #[inline]
    pub fn long_message(&mut self, field: u32, write: impl FnOnce(&mut Self)) -> &mut Self {
        self.tag(field, WireType::Bytes);
        let at = self.buffer.len();
        self.buffer.extend_from_slice(&[0, 0]);
        write(self);
        let length = self.buffer.len() - at - 2;
        let (prefix, size) = encode_varint(length as u64);
        if size == 2 {
            self.buffer[at..at + 2].copy_from_slice(&prefix[..2]);
        } else {
            self.buffer.splice(at..at + 2, prefix[..size].iter().copied());
        }
        self
    }

    /// `bytes` or `string` of `length` bytes, which `append` appends.
    pub fn bytes_with(&mut self, field: u32, length: usize, append: impl FnOnce(&mut Vec<u8>)) -> &mut Self {
        self.tag(field, WireType::Bytes);
        self.varint(length as u64);
        append(&mut self.buffer);
        self
    }

    /// OpenTelemetry's `KeyValue` of a key and an `AnyValue` that are encoded already: the field `key`, and the fields of
    /// the value.
    #[inline]
    pub fn key_value(&mut self, field: u32, key: &[u8], any: &[u8]) -> &mut Self {
        const VALUE: u8 = 2 << 3 | WireType::Bytes as u8;
        let length = 1 + varint_length(any.len() as u64) + any.len() + key.len();
        self.tag(field, WireType::Bytes);
        self.varint(length as u64);
        self.buffer.extend_from_slice(key);
        self.buffer.push(VALUE);
        self.varint(any.len() as u64);
        self.buffer.extend_from_slice(any);
        self
    }

    /// Fields that are encoded already, and that `append` appends.
    pub fn raw_with(&mut self, append: impl FnOnce(&mut Vec<u8>)) -> &mut Self {
        append(&mut self.buffer);
        self
    }

    /// Fields that are encoded already.
    #[inline]
    pub fn raw(&mut self, fields: &[u8]) -> &mut Self {
        self.buffer.extend_from_slice(fields);
        self
    }

    /// A nested message with the fields that `write` appends; left out when it appends none.
    pub fn message_nonempty(&mut self, field: u32, write: impl FnOnce(&mut Self)) -> &mut Self {
        let before = self.buffer.len();
        self.tag(field, WireType::Bytes);
        if self.length_delimited(write) == 0 {
            self.buffer.truncate(before);
        }
        self
    }

    /// `repeated uint64` or `uint32`, packed; without a value, nothing is written. Takes `&[u64]` or an iterator.
    pub fn packed_uint64<V: Borrow<u64>>(
        &mut self,
        field: u32,
        values: impl IntoIterator<Item = V>,
    ) -> &mut Self {
        self.packed(field, values, |w, v| w.varint(*v.borrow()))
    }

    /// `repeated int64` or `int32`, packed; without a value, nothing is written. Takes `&[i64]` or an iterator.
    pub fn packed_int64<V: Borrow<i64>>(
        &mut self,
        field: u32,
        values: impl IntoIterator<Item = V>,
    ) -> &mut Self {
        self.packed(field, values, |w, v| w.varint(v.borrow().cast_unsigned()))
    }

    /// `repeated fixed64`, packed; without a value, nothing is written. Takes `&[u64]` or an iterator.
    pub fn packed_fixed64<V: Borrow<u64>>(
        &mut self,
        field: u32,
        values: impl IntoIterator<Item = V>,
    ) -> &mut Self {
        self.packed(field, values, |w, v| w.buffer.extend_from_slice(&v.borrow().to_le_bytes()))
    }

    /// `repeated double`, packed; without a value, nothing is written. Takes `&[f64]` or an iterator.
    pub fn packed_double<V: Borrow<f64>>(
        &mut self,
        field: u32,
        values: impl IntoIterator<Item = V>,
    ) -> &mut Self {
        self.packed(field, values, |w, v| w.buffer.extend_from_slice(&v.borrow().to_le_bytes()))
    }

    fn packed<V>(
        &mut self,
        field: u32,
        values: impl IntoIterator<Item = V>,
        write: impl Fn(&mut Self, V),
    ) -> &mut Self {
        self.message_nonempty(field, |w| values.into_iter().for_each(|v| write(w, v)))
    }

    /// Writes `write`'s bytes with their length before them; returns the length.
    ///
    /// One byte is kept free for the length, which is all that most messages need; a longer one moves its bytes on.
    fn length_delimited(&mut self, write: impl FnOnce(&mut Self)) -> usize {
        let at = self.buffer.len();
        self.buffer.push(0);
        write(self);
        let length = self.buffer.len() - at - 1;
        let (prefix, size) = encode_varint(length as u64);
        self.buffer[at] = prefix[0];
        if size > 1 {
            let end = self.buffer.len();
            self.buffer.extend_from_slice(&prefix[1..size]);
            self.buffer.copy_within(at + 1..end, at + size);
            self.buffer[at + 1..at + size].copy_from_slice(&prefix[1..size]);
        }
        length
    }

    #[inline]
    fn tag(&mut self, field: u32, wire_type: WireType) {
        self.varint(u64::from(field) << 3 | wire_type as u64);
    }

    #[inline]
    fn varint(&mut self, value: u64) {
        if value < 0x80 {
            self.buffer.push(value as u8);
        } else {
            let (bytes, size) = encode_varint(value);
            self.buffer.extend_from_slice(&bytes[..size]);
        }
    }
}

/// How many bytes a varint takes.
fn varint_length(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

/// Seven bits a byte, least significant first, the top bit set on all but the last; and how many bytes it takes.
fn encode_varint(mut value: u64) -> ([u8; 10], usize) {
    let mut bytes = [0; 10];
    let mut size = 0;
    while value >= 0x80 {
        bytes[size] = value as u8 | 0x80;
        value >>= 7;
        size += 1;
    }
    bytes[size] = value as u8;
    (bytes, size + 1)
}
