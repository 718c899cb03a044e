//! Application names with tags: `acm-batch{env=test,region=north}`.

use std::collections::BTreeMap;

/// Why a name is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NameError {
    /// There is no name, or nothing before the tags.
    #[error("name is empty, accepted: application{{tag=value,...}}")]
    Empty,
    /// A character is not allowed.
    #[error("name {name:?} has {found:?}, accepted: letters, digits and _ - . /")]
    Application {
        /// The name without tags.
        name: String,
        /// The first character that is not allowed.
        found: char,
    },
    /// A tag's key is empty or has a character that is not allowed.
    #[error("tag key {key:?} is not valid, accepted: letters, digits, _ and .")]
    Tag {
        /// The key.
        key: String,
    },
    /// The tags are not `{key=value,...}` to the end of the name.
    #[error("tags {tags:?} are not key=value pairs between braces")]
    Tags {
        /// The text from the opening brace on.
        tags: String,
    },
}

/// Splits a name into the application and its tags. Values are taken as they are, quotes included: this form
/// has no quoting.
pub(super) fn parse(text: &str) -> Result<(String, BTreeMap<String, String>), NameError> {
    let (application, tags) = text.split_at(text.find('{').unwrap_or(text.len()));
    let application = application.trim();
    if application.is_empty() {
        return Err(NameError::Empty);
    }
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | '/');
    if let Some(found) = application.chars().find(|letter| !allowed(*letter)) {
        return Err(NameError::Application { name: application.to_owned(), found });
    }
    Ok((application.to_owned(), parse_tags(tags)?))
}

fn parse_tags(text: &str) -> Result<BTreeMap<String, String>, NameError> {
    let malformed = || NameError::Tags { tags: text.to_owned() };
    if text.is_empty() {
        return Ok(BTreeMap::new());
    }
    let inner = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).ok_or_else(malformed)?;
    if inner.contains(['{', '}']) {
        return Err(malformed());
    }
    let pairs = inner.split(',').filter(|pair| !pair.trim().is_empty());
    pairs
        .map(|pair| {
            let (key, value) = pair.split_once('=').ok_or_else(malformed)?;
            let key = key.trim();
            let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.');
            if key.is_empty() || !key.chars().all(allowed) {
                return Err(NameError::Tag { key: key.to_owned() });
            }
            Ok((key.to_owned(), value.trim().to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{NameError, parse};

    #[test]
    fn a_name_splits_into_application_and_tags() {
        let (application, tags) = parse("acm-batch.cpu{env=test, service_name=acm}").unwrap();
        assert_eq!(application, "acm-batch.cpu");
        let expected = [("env", "test"), ("service_name", "acm")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(tags.into_iter().collect::<Vec<_>>(), expected);
        for bare in ["acm", "acm{}"] {
            let (application, tags) = parse(bare).unwrap();
            assert_eq!((application.as_str(), tags.len()), ("acm", 0));
        }
    }

    #[test]
    fn malformed_names_are_refused() {
        assert_eq!(parse(""), Err(NameError::Empty));
        assert_eq!(parse("{a=b}"), Err(NameError::Empty));
        assert!(matches!(parse("a b"), Err(NameError::Application { found: ' ', .. })));
        assert!(matches!(parse("a{k k=v}"), Err(NameError::Tag { .. })));
        for text in ["a{k}", "a{k=v", "a{k=v}x", "a{k={v}}"] {
            assert!(matches!(parse(text), Err(NameError::Tags { .. })), "{text}");
        }
    }
}
