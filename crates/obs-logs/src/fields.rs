//! [`Fields`]: what the caller gave with a line, turned into JSON once.
//!
//! slog hands values over from the most specific to the most general: the record's, last written first, then the
//! logger's, then its parents'. A key met again further out is overridden and left out.

use std::fmt;
use std::ops::Range;

use slog::{BytesKind, Key, Serializer};

use crate::json;
use crate::slots::{Kind, Meaning, Slot, meaning};

/// Prefix of a caller's key that collides with one of obs's own.
const RENAMED: &[u8] = b"field_";

/// One field, as ranges of [`Fields::text`].
#[derive(Debug)]
struct Field {
    /// Escaped, without quotes.
    key: Range<usize>,
    value: Range<usize>,
    renamed: bool,
}

/// The fields of one line; reused from line to line.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    text: Vec<u8>,
    list: Vec<Field>,
    slots: [Option<Range<usize>>; Slot::COUNT],
    /// How many keys collided with one of obs's own.
    pub(crate) renamed: u64,
    /// How many values were NaN or infinite.
    pub(crate) not_finite: u64,
}

impl Fields {
    /// Forgets the last line; gives back the memory of an unusually long one.
    pub(crate) fn clear(&mut self, keep: usize) {
        self.text.clear();
        self.text.shrink_to(keep);
        self.list.clear();
        self.slots = Default::default();
        (self.renamed, self.not_finite) = (0, 0);
    }

    /// What the caller put into a slot, as JSON.
    pub(crate) fn slot(&self, slot: Slot) -> Option<&[u8]> {
        self.slots[slot as usize].clone().map(|range| &self.text[range])
    }

    /// The caller's own fields as pairs of escaped key and JSON value, in the order they were written in the source.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.list.iter().rev().map(|f| (&self.text[f.key.clone()], &self.text[f.value.clone()]))
    }

    fn put(&mut self, key: Key, kind: Kind, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.text.len();
        write(&mut self.text);
        let value = start..self.text.len();
        match meaning(AsRef::<str>::as_ref(&key)) {
            Meaning::Free => self.list(key, value, false),
            Meaning::Fills(slot) if slot.takes(kind, &self.text[value.clone()]) => {
                let place = &mut self.slots[slot as usize];
                if place.is_none() {
                    *place = Some(value);
                }
            }
            Meaning::Fills(_) | Meaning::Reserved => self.list(key, value, true),
        }
    }

    fn list(&mut self, key: Key, value: Range<usize>, mut renamed: bool) {
        let start = self.text.len();
        if renamed {
            self.text.extend_from_slice(RENAMED);
        }
        // `Key` is a `&str`, or a type of slog's own where its feature `dynamic-keys` is on.
        json::escaped(&mut self.text, AsRef::<str>::as_ref(&key));
        while let Some(other) = self.list.iter().find(|f| self.text[f.key.clone()] == self.text[start..]) {
            if renamed == other.renamed {
                // The same key, met further in: overridden.
                self.text.truncate(value.start);
                return;
            }
            // A key of the caller's that happens to look like a renamed one: neither may swallow the other.
            renamed = true;
            self.text.splice(start..start, RENAMED.iter().copied());
        }
        self.renamed += u64::from(renamed);
        self.list.push(Field { key: start..self.text.len(), value, renamed });
    }

    fn float(&mut self, key: Key, finite: bool, text: fmt::Arguments<'_>) {
        if finite {
            self.put(key, Kind::Float, |out| json::plain(out, text));
        } else {
            self.not_finite += 1;
            self.put(key, Kind::Other, |out| out.extend_from_slice(b"null"));
        }
    }
}

impl Serializer for Fields {
    fn emit_usize(&mut self, key: Key, value: usize) -> slog::Result {
        self.emit_u64(key, value as u64)
    }

    fn emit_isize(&mut self, key: Key, value: isize) -> slog::Result {
        self.emit_i64(key, value as i64)
    }

    fn emit_bool(&mut self, key: Key, value: bool) -> slog::Result {
        let text: &[u8] = if value { b"true" } else { b"false" };
        self.put(key, Kind::Other, |out| out.extend_from_slice(text));
        Ok(())
    }

    fn emit_char(&mut self, key: Key, value: char) -> slog::Result {
        self.emit_str(key, value.encode_utf8(&mut [0; 4]))
    }

    fn emit_u8(&mut self, key: Key, value: u8) -> slog::Result {
        self.emit_u64(key, value.into())
    }

    fn emit_i8(&mut self, key: Key, value: i8) -> slog::Result {
        self.emit_i64(key, value.into())
    }

    fn emit_u16(&mut self, key: Key, value: u16) -> slog::Result {
        self.emit_u64(key, value.into())
    }

    fn emit_i16(&mut self, key: Key, value: i16) -> slog::Result {
        self.emit_i64(key, value.into())
    }

    fn emit_u32(&mut self, key: Key, value: u32) -> slog::Result {
        self.emit_u64(key, value.into())
    }

    fn emit_i32(&mut self, key: Key, value: i32) -> slog::Result {
        self.emit_i64(key, value.into())
    }

    fn emit_f32(&mut self, key: Key, value: f32) -> slog::Result {
        // `Debug` of a finite float is its shortest text that reads back the same, and valid JSON.
        self.float(key, value.is_finite(), format_args!("{value:?}"));
        Ok(())
    }

    fn emit_u64(&mut self, key: Key, value: u64) -> slog::Result {
        self.put(key, Kind::Integer, |out| json::unsigned(out, value));
        Ok(())
    }

    fn emit_i64(&mut self, key: Key, value: i64) -> slog::Result {
        self.put(key, Kind::Integer, |out| json::signed(out, value));
        Ok(())
    }

    fn emit_f64(&mut self, key: Key, value: f64) -> slog::Result {
        self.float(key, value.is_finite(), format_args!("{value:?}"));
        Ok(())
    }

    fn emit_u128(&mut self, key: Key, value: u128) -> slog::Result {
        match u64::try_from(value) {
            Ok(small) => self.emit_u64(key, small),
            Err(_) => self.emit_arguments(key, &format_args!("{value}")),
        }
    }

    fn emit_i128(&mut self, key: Key, value: i128) -> slog::Result {
        match (u64::try_from(value), i64::try_from(value)) {
            (Ok(small), _) => self.emit_u64(key, small),
            (_, Ok(small)) => self.emit_i64(key, small),
            _ => self.emit_arguments(key, &format_args!("{value}")),
        }
    }

    fn emit_str(&mut self, key: Key, value: &str) -> slog::Result {
        self.put(key, Kind::Text, |out| json::string(out, value));
        Ok(())
    }

    fn emit_unit(&mut self, key: Key) -> slog::Result {
        self.emit_none(key)
    }

    fn emit_none(&mut self, key: Key) -> slog::Result {
        self.put(key, Kind::Other, |out| out.extend_from_slice(b"null"));
        Ok(())
    }

    fn emit_bytes(&mut self, key: Key, bytes: &[u8], _kind: BytesKind) -> slog::Result {
        self.put(key, Kind::Text, |out| {
            out.push(b'"');
            json::hex(out, bytes);
            out.push(b'"');
        });
        Ok(())
    }

    fn emit_arguments(&mut self, key: Key, value: &fmt::Arguments<'_>) -> slog::Result {
        self.put(key, Kind::Text, |out| {
            out.push(b'"');
            json::escaped_arguments(out, value);
            out.push(b'"');
        });
        Ok(())
    }

    fn emit_serde(&mut self, key: Key, value: &dyn slog::SerdeValue) -> slog::Result {
        self.put(key, Kind::Other, |out| {
            let start = out.len();
            if let Err(error) = serde_json::to_writer(&mut *out, value.as_serde()) {
                out.truncate(start);
                out.push(b'"');
                json::escaped_arguments(out, &format_args!("not serialisable: {error}"));
                out.push(b'"');
            }
        });
        Ok(())
    }
}
