//! [`BaggageEntry`] and [`BaggageProperty`]: one list-member of the header, and what is attached to it.

use super::limits::{BaggageError, check_key, check_size};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use std::fmt;

/// What is percent-encoded beside controls and everything outside ASCII. The specification asks for all of these but
/// `=`, which some parsers take for the end of the value.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%').add(b',').add(b';').add(b'=').add(b'\\');

/// One entry: a key, its value and properties of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaggageEntry {
    key: String,
    value: String,
    properties: Vec<BaggageProperty>,
    /// Bytes of this entry in the header.
    size: usize,
}

impl BaggageEntry {
    pub(super) fn new(
        key: &str,
        value: &str,
        properties: Vec<BaggageProperty>,
    ) -> Result<Self, BaggageError> {
        check_key(key)?;
        for property in &properties {
            check_key(&property.key)?;
        }
        let mut size = key.len() + 1 + encoded_len(value);
        size += properties.iter().map(|p| 1 + p.size()).sum::<usize>();
        check_size(key, size)?;
        Ok(Self { key: key.to_owned(), value: value.to_owned(), properties, size })
    }

    /// The key: a token of RFC 7230, case-sensitive.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The value, percent-decoded: any text, also empty.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Its properties, in order. The specification gives them no meaning.
    pub fn properties(&self) -> &[BaggageProperty] {
        &self.properties
    }

    /// Bytes of this entry in the header, without commas around it.
    pub fn size(&self) -> usize {
        self.size
    }
}

impl fmt::Display for BaggageEntry {
    /// The entry as the header has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.key, utf8_percent_encode(&self.value, ENCODED))?;
        self.properties.iter().try_for_each(|property| write!(f, ";{property}"))
    }
}

/// Metadata of an entry: `key` or `key=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaggageProperty {
    key: String,
    value: Option<String>,
}

impl BaggageProperty {
    /// A property without a value. The key is checked when the property becomes part of an entry.
    pub fn flag(key: impl Into<String>) -> Self {
        Self { key: key.into(), value: None }
    }

    /// A property with a value, which may be any text.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { key: key.into(), value: Some(value.into()) }
    }

    /// The key: a token, as that of an entry.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The value, percent-decoded.
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    fn size(&self) -> usize {
        self.key.len() + self.value.as_ref().map_or(0, |value| 1 + encoded_len(value))
    }
}

impl fmt::Display for BaggageProperty {
    /// The property as the header has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)?;
        match &self.value {
            Some(value) => write!(f, "={}", utf8_percent_encode(value, ENCODED)),
            None => Ok(()),
        }
    }
}

fn encoded_len(text: &str) -> usize {
    utf8_percent_encode(text, ENCODED).map(str::len).sum()
}
