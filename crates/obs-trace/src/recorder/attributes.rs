//! Attributes as words: how they are appended, found again, and read.
//!
//! An attribute is one word (number of its key, type, length), then the key when it has no number, then the value.

use super::words::{Reader, Text, push_bytes, words_for};
use crate::otlp::write_any;
use crate::value::Value;
use obs_export::wire::Writer;

/// The key of an attribute, or the name of an event.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Key<'a> {
    /// The number of a [`Literal`](crate::literal::Literal); not zero.
    Number(u32),
    /// Any text.
    Text(&'a str),
}

impl Key<'static> {
    /// A text of the program itself.
    #[inline]
    pub(crate) fn of(text: &'static str) -> Self {
        match crate::literal::number(text) {
            0 => Key::Text(text),
            number => Key::Number(number),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Type {
    /// Set again since, to a value of another size.
    Dead = 0,
    I64 = 1,
    F64 = 2,
    Bool = 3,
    Text = 4,
    /// An `AnyValue` message.
    Encoded = 5,
}

impl Type {
    fn of(code: u64) -> Option<Self> {
        [Self::Dead, Self::I64, Self::F64, Self::Bool, Self::Text, Self::Encoded].get(code as usize).copied()
    }
}

/// Longest text of a value that fits the word: 256 MiB less one.
const LONGEST: usize = (1 << 28) - 1;
/// Longest key.
const LONGEST_KEY: usize = 1 << 16;

/// The bits of a type in an attribute's first word.
const TYPE: u64 = 0xf << 32;

#[inline]
fn head(key: u32, kind: Type, length: usize) -> u64 {
    u64::from(key) | (kind as u64) << 32 | (length as u64) << 36
}

/// The beginning of a text, at most `longest` bytes, cut between characters.
pub(crate) fn cut(text: &str, longest: usize) -> &str {
    &text[..text.floor_char_boundary(longest)]
}

/// A value of one word, as an attribute has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word(Type, u64);

impl Word {
    /// `None` for text and lists.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "with the type of the value known nothing is left of it")]
    pub(crate) fn of(value: &Value<'_>) -> Option<Self> {
        match value {
            Value::I64(n) => Some(Self(Type::I64, n.cast_unsigned())),
            Value::F64(x) => Some(Self(Type::F64, x.to_bits())),
            Value::Bool(b) => Some(Self(Type::Bool, u64::from(*b))),
            Value::Str(_) | Value::Array(_) => None,
        }
    }
}

/// Appends an attribute that has a number and a value of one word.
#[inline]
pub(crate) fn push_word(words: &mut Vec<u64>, number: u32, Word(kind, bits): Word) {
    words.extend_from_slice(&[head(number, kind, 8), bits]);
}

/// Appends an attribute that has a number and a text. Text longer than `longest` bytes is cut.
#[inline]
pub(crate) fn push_text(words: &mut Vec<u64>, number: u32, text: &str, longest: usize) {
    let longest = longest.min(LONGEST);
    let text = if text.len() > longest { cut(text, longest) } else { text };
    words.push(head(number, Type::Text, text.len()));
    push_bytes(words, text.as_bytes());
}

/// Appends an attribute. Text longer than `longest` bytes is cut.
pub(crate) fn push(words: &mut Vec<u64>, key: Key<'_>, value: &Value<'_>, longest: usize) {
    match (key, Word::of(value), value) {
        (Key::Number(number), Some(word), _) => push_word(words, number, word),
        (Key::Number(number), None, Value::Str(text)) => push_text(words, number, text, longest),
        _ => push_slow(words, key, value, longest),
    }
}

#[cold]
fn push_slow(words: &mut Vec<u64>, key: Key<'_>, value: &Value<'_>, longest: usize) {
    let longest = longest.min(LONGEST);
    let mut encoded = Writer::new();
    let (kind, length) = match value {
        Value::Str(text) => (Type::Text, cut(text, longest).len()),
        Value::Array(_) => {
            write_any(&mut encoded, value, longest);
            // One that no word can tell the length of is left out as a whole: half a message is none.
            if encoded.len() > LONGEST {
                encoded.clear();
            }
            (Type::Encoded, encoded.len())
        }
        Value::I64(_) => (Type::I64, 8),
        Value::F64(_) => (Type::F64, 8),
        Value::Bool(_) => (Type::Bool, 8),
    };
    match key {
        Key::Number(number) => words.push(head(number, kind, length)),
        Key::Text(text) => {
            let text = cut(text, LONGEST_KEY);
            words.extend_from_slice(&[head(0, kind, length), text.len() as u64]);
            push_bytes(words, text.as_bytes());
        }
    }
    match value {
        Value::I64(n) => words.push(n.cast_unsigned()),
        Value::F64(x) => words.push(x.to_bits()),
        Value::Bool(b) => words.push(u64::from(*b)),
        Value::Str(text) => push_bytes(words, cut(text, longest).as_bytes()),
        Value::Array(_) => push_bytes(words, encoded.as_bytes()),
    }
}

/// What [`replace`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replaced {
    /// No attribute has the key.
    Nothing,
    /// The attribute has the new value.
    InPlace,
    /// The attribute is dead, and the new one is to be appended.
    Killed,
}

/// Gives the attribute of this key a new value, or marks it as dead when the value does not fit where the old one is.
pub(crate) fn replace(words: &mut [u64], key: Key<'_>, value: &Value<'_>) -> Replaced {
    let mut at = 0;
    while at < words.len() {
        let mut reader = Reader(&words[at..]);
        let Some(attribute) = read(&mut reader) else { return Replaced::Nothing };
        let end = words.len() - reader.0.len();
        let is_it = !matches!(attribute.value, Raw::Dead)
            && match (key, attribute.key) {
                (Key::Number(a), ReadKey::Number(b)) => a == b,
                (Key::Text(a), ReadKey::Text(b)) => b.is(a.as_bytes()),
                _ => false,
            };
        if is_it {
            let is_word = matches!(attribute.value, Raw::I64(_) | Raw::F64(_) | Raw::Bool(_));
            let Some(Word(kind, word)) = Word::of(value).filter(|_| is_word) else {
                words[at] &= !TYPE;
                return Replaced::Killed;
            };
            words[at] = words[at] & !TYPE | (kind as u64) << 32;
            words[end - 1] = word;
            return Replaced::InPlace;
        }
        at = end;
    }
    Replaced::Nothing
}

/// Takes out the dead attributes from `from` on.
pub(crate) fn compact(words: &mut Vec<u64>, from: usize) {
    let (mut at, mut to) = (from, from);
    while at < words.len() {
        let mut reader = Reader(&words[at..]);
        let Some(attribute) = read(&mut reader) else { break };
        let end = words.len() - reader.0.len();
        if !matches!(attribute.value, Raw::Dead) {
            words.copy_within(at..end, to);
            to += end - at;
        }
        at = end;
    }
    words.truncate(to);
}

/// A key as it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ReadKey<'a> {
    Number(u32),
    Text(Text<'a>),
}

/// A value as it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Raw<'a> {
    Dead,
    I64(i64),
    F64(f64),
    Bool(bool),
    Text(Text<'a>),
    Encoded(Text<'a>),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Attribute<'a> {
    pub(crate) key: ReadKey<'a>,
    pub(crate) value: Raw<'a>,
}

/// Reads the next attribute; `None` at the end.
#[inline]
pub(crate) fn read<'a>(reader: &mut Reader<'a>) -> Option<Attribute<'a>> {
    let word = reader.word()?;
    let (number, length) = (word as u32, (word >> 36) as usize);
    let key = if number == 0 {
        let length = usize::try_from(reader.word()?).ok()?;
        ReadKey::Text(reader.bytes(length)?)
    } else {
        ReadKey::Number(number)
    };
    let value = match Type::of(word >> 32 & 0xf)? {
        Type::Dead => {
            reader.words(words_for(length))?;
            Raw::Dead
        }
        Type::I64 => Raw::I64(reader.word()?.cast_signed()),
        Type::F64 => Raw::F64(f64::from_bits(reader.word()?)),
        Type::Bool => Raw::Bool(reader.word()? != 0),
        Type::Text => Raw::Text(reader.bytes(length)?),
        Type::Encoded => Raw::Encoded(reader.bytes(length)?),
    };
    Some(Attribute { key, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(words: &[u64]) -> Vec<String> {
        let mut reader = Reader(words);
        std::iter::from_fn(|| read(&mut reader))
            .filter(|a| !matches!(a.value, Raw::Dead))
            .map(|a| match a.value {
                Raw::Text(text) => text.to_string_lossy(),
                Raw::Encoded(text) => format!("{} bytes", text.len()),
                value => format!("{value:?}"),
            })
            .collect()
    }

    #[test]
    fn every_type_comes_back_under_a_number_and_under_a_text() {
        for key in [Key::Number(5), Key::Text("a key of 21 bytes ...")] {
            let mut words = Vec::new();
            for value in [
                Value::from(-7),
                Value::from(0.5),
                Value::from(true),
                Value::from("ünder"),
                Value::from(String::from("own")),
                Value::from(&[1, 2][..]),
            ] {
                push(&mut words, key, &value, 100);
            }
            assert_eq!(values(&words), ["I64(-7)", "F64(0.5)", "Bool(true)", "ünder", "own", "10 bytes"]);
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let mut words = Vec::new();
        push(&mut words, Key::Number(5), &Value::from("aüb"), 2);
        push(&mut words, Key::Text("k"), &Value::from("aüb"), 3);
        assert_eq!(values(&words), ["a", "aü"]);
    }

    #[test]
    fn a_value_is_replaced_where_it_is_or_killed() {
        let mut words = Vec::new();
        push(&mut words, Key::Number(5), &Value::from(1), 100);
        push(&mut words, Key::Text("k"), &Value::from("one"), 100);
        assert_eq!(replace(&mut words, Key::Number(5), &Value::from(2.5)), Replaced::InPlace);
        assert_eq!(replace(&mut words, Key::Text("k"), &Value::from("two")), Replaced::Killed);
        assert_eq!(replace(&mut words, Key::Text("k"), &Value::from("two")), Replaced::Nothing);
        push(&mut words, Key::Number(6), &Value::from("last"), 100);
        let before = words.len();
        compact(&mut words, 0);
        assert!(words.len() < before);
        assert_eq!(values(&words), ["F64(2.5)", "last"]);
    }
}
