//! [`Members`]: the members of a line, found again without a JSON parser.

use std::borrow::Cow;

/// Walks the members of a JSON object that obs wrote: no blanks, no errors. On text that obs did not write it stops
/// early; it never panics.
#[derive(Clone, Debug)]
pub struct Members<'a> {
    rest: &'a str,
}

impl<'a> Members<'a> {
    /// `rest` starts at the first key's quote.
    pub(crate) fn of(rest: &'a str) -> Self {
        Self { rest }
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (Cow<'a, str>, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let key_end = string_end(self.rest.as_bytes())?;
        let (key, rest) = self.rest.split_at(key_end);
        let rest = rest.strip_prefix(':')?;
        let (value, rest) = rest.split_at(value_end(rest.as_bytes()));
        self.rest = rest.strip_prefix(',').unwrap_or("");
        Some((text(key), value))
    }
}

/// Index just past the string that starts at 0.
fn string_end(bytes: &[u8]) -> Option<usize> {
    if bytes.first() != Some(&b'"') {
        return None;
    }
    let mut at = 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Index just past the value that starts at 0.
fn value_end(bytes: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => match string_end(&bytes[at..]) {
                Some(length) => {
                    at += length;
                    continue;
                }
                None => return bytes.len(),
            },
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 0 => depth -= 1,
            b',' | b'}' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// What a JSON string says; `quoted` includes the quotes. Anything that is not a string comes back as it is.
pub(crate) fn text(quoted: &str) -> Cow<'_, str> {
    match quoted.strip_prefix('"').and_then(|s| s.strip_suffix('"')) {
        Some(plain) if !plain.contains('\\') => Cow::Borrowed(plain),
        Some(_) => serde_json::from_str(quoted).map_or(Cow::Borrowed(quoted), Cow::Owned),
        None => Cow::Borrowed(quoted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_again() {
        let line = r#"{"a":1,"b\"c":"x,}\"y","n":{"k":[1,"]}"],"e":{}},"z":null}"#;
        let members: Vec<_> = Members::of(&line[1..]).collect();
        let expected =
            [("a", "1"), ("b\"c", r#""x,}\"y""#), ("n", r#"{"k":[1,"]}"],"e":{}}"#), ("z", "null")];
        assert_eq!(members.len(), expected.len());
        for ((key, value), (k, v)) in members.iter().zip(expected) {
            assert_eq!((key.as_ref(), *value), (k, v));
        }
    }

    #[test]
    fn foreign_text_ends_the_walk() {
        for foreign in ["", "}", "\"a", "\"a\\", "\"a\"", "\"a\"1", "a", "\"a\":\"b"] {
            assert!(Members::of(foreign).count() <= 1, "{foreign}");
        }
    }
}
