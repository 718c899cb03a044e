//! [`Member`]: one `key=value` of a `tracestate` header, and what is valid in it.

use crate::propagation::TRACESTATE;
use crate::propagation::error::PropagationError;
use std::fmt;

const ACCEPTED: &str = "key=value; key of 1 to 256 lower-case letters, digits and _-*/@, a letter or digit first; \
                        value of 1 to 256 printable ASCII characters but `,` and `=`, no space last";

/// A list-member.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member<'a> {
    pub(super) key: &'a str,
    pub(super) value: &'a str,
}

impl<'a> Member<'a> {
    /// One of our own, which must fit.
    pub(super) fn new(key: &'a str, value: &'a str) -> Result<Self, PropagationError> {
        let member = Self { key, value };
        let too_long = || (member.len() > super::MAX_LENGTH).then_some("it has more than 512 characters");
        match member.problem().or_else(too_long) {
            Some(problem) => Err(PropagationError::new(TRACESTATE, &member.to_string(), problem, ACCEPTED)),
            None => Ok(member),
        }
    }

    /// One of a header, without white space around it.
    pub(super) fn parse(text: &'a str) -> Result<Self, PropagationError> {
        let member = Self::split(text)
            .ok_or_else(|| PropagationError::new(TRACESTATE, text, "a list-member has no `=`", ACCEPTED))?;
        match member.problem() {
            Some(problem) => Err(PropagationError::new(TRACESTATE, text, problem, ACCEPTED)),
            None => Ok(member),
        }
    }

    /// Key and value, which are not looked at.
    pub(super) fn split(text: &'a str) -> Option<Self> {
        text.split_once('=').map(|(key, value)| Self { key, value })
    }

    /// Characters of `key=value`.
    pub(super) fn len(&self) -> usize {
        self.key.len() + 1 + self.value.len()
    }

    fn problem(&self) -> Option<&'static str> {
        if !is_key(self.key.as_bytes()) {
            Some("a key is not valid")
        } else if !is_value(self.value.as_bytes()) {
            Some("a value is not valid")
        } else {
            None
        }
    }
}

impl fmt::Display for Member<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.key, self.value)
    }
}

fn is_key(key: &[u8]) -> bool {
    let first = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    key.len() <= 256
        && key.first().is_some_and(first)
        && key.iter().all(|byte| first(byte) || b"_-*/@".contains(byte))
}

fn is_value(value: &[u8]) -> bool {
    value.len() <= 256
        && value.last().is_some_and(|byte| *byte != b' ')
        && value.iter().all(|byte| (b' '..=b'~').contains(byte) && !b",=".contains(byte))
}
