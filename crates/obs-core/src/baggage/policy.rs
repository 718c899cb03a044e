//! [`BaggagePolicy`]: which entries of baggage become attributes of spans and fields of log lines.

use super::Baggage;

/// An allow-list of keys. The default allows nothing: baggage comes from outside and may be private, and the text of
/// others must not decide which attributes a span has.
///
/// ```
/// use obs_core::{Baggage, BaggagePolicy};
///
/// let (baggage, _) = Baggage::parse("tenant=north,session=5f2c");
/// let policy = BaggagePolicy { allow: vec!["tenant".into(), "region".into()] };
/// assert_eq!(policy.allowed(&baggage).collect::<Vec<_>>(), [("tenant", "north")]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaggagePolicy {
    /// Keys of entries that may be recorded, as the header spells them: whole and case-sensitive. Default: none.
    pub allow: Vec<String>,
}

impl BaggagePolicy {
    /// Whether entries of this key may be recorded.
    pub fn allows(&self, key: &str) -> bool {
        self.allow.iter().any(|allowed| allowed == key)
    }

    /// Key and value of every entry that may be recorded, in the order of the baggage.
    pub fn allowed<'a>(&'a self, baggage: &'a Baggage) -> impl Iterator<Item = (&'a str, &'a str)> {
        baggage.iter().filter(|entry| self.allows(entry.key())).map(|entry| (entry.key(), entry.value()))
    }
}
