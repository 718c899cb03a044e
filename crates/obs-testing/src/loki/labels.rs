//! The text form of a stream's labels: `{app="acm", level="info"}`.

use std::collections::BTreeMap;

/// Why label text cannot be parsed; positions are in bytes from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// Something else was expected here.
    #[error("expected {expected} at position {at}")]
    Expected {
        /// What would have been accepted.
        expected: &'static str,
        /// Where.
        at: usize,
    },
    /// An escape in a quoted value is unknown or incomplete, or gives no valid text.
    #[error("invalid escape in the value that begins at position {at}")]
    Escape {
        /// Where the value's quote is.
        at: usize,
    },
    /// A name occurs twice.
    #[error("duplicate label name {name:?}")]
    Duplicate {
        /// The name.
        name: String,
    },
}

/// Parses labels with the grammar Loki takes over from Prometheus: names of letters, digits and `_` that do not
/// begin with a digit, `=`, and values quoted as in Go (`"` with escapes, or backquotes without). A comma may
/// follow the last pair; there may be none.
pub fn parse_labels(text: &str) -> Result<BTreeMap<String, String>, LabelError> {
    let mut cursor = Cursor { text, at: 0 };
    let mut labels = BTreeMap::new();
    cursor.expect('{', "'{'")?;
    while !cursor.skip('}') {
        let name = cursor.name()?;
        cursor.expect('=', "'='")?;
        let value = cursor.value()?;
        if labels.insert(name.clone(), value).is_some() {
            return Err(LabelError::Duplicate { name });
        }
        if !cursor.skip(',') {
            cursor.expect('}', "',' or '}'")?;
            break;
        }
    }
    cursor.skip_spaces();
    if cursor.rest().is_empty() { Ok(labels) } else { Err(cursor.expected("the end")) }
}

/// Whether a label may have this name.
pub(super) fn is_label_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    name.bytes().next().is_some_and(letter) && name.bytes().all(|byte| letter(byte) || byte.is_ascii_digit())
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn expected(&self, expected: &'static str) -> LabelError {
        LabelError::Expected { expected, at: self.at }
    }

    fn skip_spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    fn skip(&mut self, wanted: char) -> bool {
        self.skip_spaces();
        let found = self.rest().starts_with(wanted);
        self.at += if found { wanted.len_utf8() } else { 0 };
        found
    }

    fn expect(&mut self, wanted: char, described: &'static str) -> Result<(), LabelError> {
        if self.skip(wanted) { Ok(()) } else { Err(self.expected(described)) }
    }

    fn name(&mut self) -> Result<String, LabelError> {
        self.skip_spaces();
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let length = self.rest().find(|letter| !is_part(letter)).unwrap_or(self.rest().len());
        let name = &self.rest()[..length];
        if !is_label_name(name) {
            return Err(self.expected("a label name"));
        }
        self.at += length;
        Ok(name.to_owned())
    }

    fn value(&mut self) -> Result<String, LabelError> {
        if self.skip('`') {
            let length = self.rest().find('`').ok_or_else(|| self.expected("a closing '`'"))?;
            let value = self.rest()[..length].to_owned();
            self.at += length + 1;
            return Ok(value);
        }
        self.expect('"', "a quoted value")?;
        let start = self.at;
        let bytes = self.rest().as_bytes();
        let mut length = 0;
        loop {
            match bytes.get(length) {
                Some(b'"') => break,
                Some(b'\\') => length += 2,
                Some(b'\n') | None => return Err(self.expected("a closing '\"'")),
                Some(_) => length += 1,
            }
        }
        self.at += length + 1;
        unquote(&bytes[..length]).ok_or(LabelError::Escape { at: start - 1 })
    }
}

/// Undoes the escapes of a Go string literal (<https://go.dev/ref/spec#String_literals>).
fn unquote(quoted: &[u8]) -> Option<String> {
    let mut value = Vec::with_capacity(quoted.len());
    let mut rest = quoted;
    while let [first, after @ ..] = rest {
        if *first != b'\\' {
            value.push(*first);
            rest = after;
            continue;
        }
        let [letter, after @ ..] = after else { return None };
        rest = after;
        let plain = match letter {
            b'a' => 0x07,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 0x0b,
            b'\\' | b'"' => *letter,
            b'x' => number(&mut rest, 2, 16)? as u8,
            b'0'..=b'7' => {
                rest = &quoted[quoted.len() - rest.len() - 1..];
                u8::try_from(number(&mut rest, 3, 8)?).ok()?
            }
            b'u' | b'U' => {
                let digits = if *letter == b'u' { 4 } else { 8 };
                let character = char::from_u32(number(&mut rest, digits, 16)?)?;
                value.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
            _ => return None,
        };
        value.push(plain);
    }
    String::from_utf8(value).ok()
}

/// Takes exactly that many digits.
fn number(rest: &mut &[u8], digits: usize, radix: u32) -> Option<u32> {
    let (taken, after) = rest.split_at_checked(digits)?;
    *rest = after;
    let text = std::str::from_utf8(taken).ok().filter(|text| !text.starts_with('+'))?;
    u32::from_str_radix(text, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::{LabelError, parse_labels};

    fn one(text: &str) -> String {
        parse_labels(text).unwrap().remove("a").unwrap()
    }

    #[test]
    fn pairs_with_spaces_and_a_last_comma_are_accepted() {
        let labels = parse_labels(r#" { app = "acm", level="info" , } "#).unwrap();
        assert_eq!(
            labels.into_iter().collect::<Vec<_>>(),
            [("app", "acm"), ("level", "info")].map(|(k, v)| (k.to_owned(), v.to_owned()))
        );
        assert!(parse_labels("{}").unwrap().is_empty());
    }

    #[test]
    fn escapes_are_those_of_go() {
        assert_eq!(one(r#"{a="q\"b\\n\n\t\x41\101\u00e9\U0001F600"}"#), "q\"b\\n\n\tAA\u{e9}\u{1f600}");
        assert_eq!(one(r"{a=`raw \n`}"), r"raw \n");
        assert_eq!(one(r#"{a="}, b=\"c"}"#), "}, b=\"c");
        for bad in [r#"{a="\u{e9}"}"#, r#"{a="\q"}"#, r#"{a="\xff"}"#, r#"{a="\ud800"}"#, r#"{a="\777"}"#] {
            assert_eq!(parse_labels(bad), Err(LabelError::Escape { at: 3 }), "{bad}");
        }
    }

    #[test]
    fn text_that_is_no_label_set_is_refused_with_a_position() {
        for (bad, at) in
            [("", 0), ("app", 0), ("{1a=\"b\"}", 1), ("{a-b=\"c\"}", 2), ("{a=b}", 3), ("{a=\"b\"", 6)]
        {
            assert!(
                matches!(parse_labels(bad), Err(LabelError::Expected { at: found, .. }) if found == at),
                "{bad}"
            );
        }
        for bad in ["{a=\"b\"} x", "{a=\"b", "{a=\"b\\", "{a=`b", "{,}", "{a=\"b\" c=\"d\"}"] {
            assert!(parse_labels(bad).is_err(), "{bad}");
        }
        assert_eq!(parse_labels(r#"{a="b",a="c"}"#), Err(LabelError::Duplicate { name: "a".to_owned() }));
    }
}
