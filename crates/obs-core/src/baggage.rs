//! [`Baggage`]: what a caller sends along for everyone further down, as W3C Baggage carries it.
//!
//! Baggage comes from outside and goes on to others: nothing of it reaches spans or log lines unless a
//! [`BaggagePolicy`] names it.

mod entry;
mod limits;
mod parse;
mod policy;
#[cfg(test)]
mod tests;

pub use entry::{BaggageEntry, BaggageProperty};
pub use limits::{BaggageError, MAX_ENTRIES, MAX_ENTRY_BYTES, MAX_LIST_MEMBERS, MAX_TOTAL_BYTES};
pub use parse::BaggageReport;
pub use policy::BaggagePolicy;

use std::fmt;
use std::sync::Arc;

/// Entries of key, value and properties, in the order in which they came. Empty by default.
///
/// A clone shares the entries: it costs a counter. Empty baggage allocates nothing. Whatever was put in, the header
/// that comes out (`Display`) is printable ASCII of at most [`MAX_TOTAL_BYTES`] bytes with at most [`MAX_ENTRIES`]
/// entries.
///
/// ```
/// use obs_core::Baggage;
///
/// let (mut baggage, report) = Baggage::parse("plant=north, user=Am%C3%A9lie;source=login");
/// assert_eq!(baggage.get("user"), Some("Amélie"));
/// assert_eq!(report.dropped(), 0);
///
/// baggage.insert("shift", "night 2")?;
/// assert_eq!(baggage.to_string(), "plant=north,user=Am%C3%A9lie;source=login,shift=night%202");
/// # Ok::<(), obs_core::baggage::BaggageError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baggage(Option<Arc<Vec<BaggageEntry>>>);

impl Baggage {
    /// Without entries.
    pub const fn new() -> Self {
        Self(None)
    }

    /// Reads one `baggage` header. Never fails: what cannot be kept is dropped whole and counted in the report.
    pub fn parse(header: &str) -> (Self, BaggageReport) {
        Self::parse_all([header])
    }

    /// Reads several `baggage` headers as if they were one: the limits hold for all of them together.
    pub fn parse_all<'a>(headers: impl IntoIterator<Item = &'a str>) -> (Self, BaggageReport) {
        parse::parse(headers)
    }

    /// The value of `key`, percent-decoded. Keys are case-sensitive.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.entry(key).map(BaggageEntry::value)
    }

    /// The entry of `key`, with its properties.
    pub fn entry(&self, key: &str) -> Option<&BaggageEntry> {
        self.iter().find(|entry| entry.key() == key)
    }

    /// Every entry, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, BaggageEntry> {
        self.entries().iter()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries().len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }

    /// Sets `key` to `value`, which may be any text; properties of an earlier entry go. Other clones do not change.
    /// Fails, and changes nothing, when the key is no token or a limit would be exceeded.
    pub fn insert(&mut self, key: &str, value: &str) -> Result<(), BaggageError> {
        self.insert_with(key, value, Vec::new())
    }

    /// As [`Self::insert`], with properties.
    pub fn insert_with(
        &mut self,
        key: &str,
        value: &str,
        properties: Vec<BaggageProperty>,
    ) -> Result<(), BaggageError> {
        self.put(BaggageEntry::new(key, value, properties)?).map(|_| ())
    }

    /// Takes the entry of `key` out; whether there was one.
    pub fn remove(&mut self, key: &str) -> bool {
        let Some(at) = self.position(key) else { return false };
        if self.len() == 1 {
            self.0 = None;
        } else if let Some(entries) = &mut self.0 {
            Arc::make_mut(entries).remove(at);
        }
        true
    }

    fn entries(&self) -> &[BaggageEntry] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }

    fn position(&self, key: &str) -> Option<usize> {
        self.iter().position(|entry| entry.key() == key)
    }

    /// Adds the entry, or replaces the one of its key in place; whether it replaced one.
    fn put(&mut self, entry: BaggageEntry) -> Result<bool, BaggageError> {
        let at = self.position(entry.key());
        limits::check(self.entries(), at, &entry)?;
        let entries = Arc::make_mut(self.0.get_or_insert_default());
        match at.and_then(|at| entries.get_mut(at)) {
            Some(old) => *old = entry,
            None => entries.push(entry),
        }
        Ok(at.is_some())
    }
}

impl fmt::Display for Baggage {
    /// The value of a `baggage` header; empty without entries.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, entry) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            entry.fmt(f)?;
        }
        Ok(())
    }
}

impl<'a> IntoIterator for &'a Baggage {
    type Item = &'a BaggageEntry;
    type IntoIter = std::slice::Iter<'a, BaggageEntry>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
