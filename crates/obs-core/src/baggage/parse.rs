//! Reads `baggage` headers, and [`BaggageReport`]: what of them was not kept, and why.

use super::Baggage;
use super::entry::{BaggageEntry, BaggageProperty};
use super::limits::{BaggageError, MAX_ENTRY_BYTES, MAX_LIST_MEMBERS};
use percent_encoding::percent_decode_str;
use std::fmt;

/// What became of the list-members of incoming headers. Empty list-members, which the grammar allows, are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BaggageReport {
    /// Entries that were kept.
    pub kept: u64,
    /// Earlier entries that a later one of the same key replaced: the last one counts.
    pub replaced: u64,
    /// Dropped: no `=`, a key that is no token, a control character.
    pub malformed: u64,
    /// Dropped: longer than [`MAX_ENTRY_BYTES`].
    pub too_large: u64,
    /// Dropped: there was no room left for it, or it came after [`MAX_LIST_MEMBERS`] others.
    pub over_limit: u64,
}

impl BaggageReport {
    /// How many list-members were dropped.
    pub fn dropped(&self) -> u64 {
        self.malformed + self.too_large + self.over_limit
    }
}

impl fmt::Display for BaggageReport {
    /// One line for a diagnosis, without keys or values: those may be private.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kept, replaced, malformed, too_large, over_limit } = self;
        write!(
            f,
            "kept {kept}, dropped {} ({malformed} malformed, {too_large} too large, {over_limit} over the limit), \
             replaced {replaced}",
            self.dropped()
        )
    }
}

pub(super) fn parse<'a>(headers: impl IntoIterator<Item = &'a str>) -> (Baggage, BaggageReport) {
    let mut baggage = Baggage::new();
    let mut report = BaggageReport::default();
    let mut looked_at = 0;
    for header in headers {
        let mut rest = Some(header);
        while let Some(text) = rest {
            if looked_at == MAX_LIST_MEMBERS {
                report.over_limit += unread(text);
                break;
            }
            let member;
            (member, rest) = text.split_once(',').map_or((text, None), |(member, rest)| (member, Some(rest)));
            looked_at += 1;
            take(&mut baggage, &mut report, trim(member));
        }
    }
    report.kept = baggage.len() as u64;
    (baggage, report)
}

/// List-members of what is not read, by its commas.
fn unread(text: &str) -> u64 {
    if trim(text).is_empty() { 0 } else { 1 + text.bytes().filter(|byte| *byte == b',').count() as u64 }
}

/// Why a list-member is not kept.
enum Dropped {
    Malformed,
    TooLarge,
    OverLimit,
}

impl From<BaggageError> for Dropped {
    fn from(error: BaggageError) -> Self {
        match error {
            BaggageError::Key { .. } => Self::Malformed,
            BaggageError::EntryTooLarge { .. } => Self::TooLarge,
            BaggageError::TooMany { .. } | BaggageError::TotalTooLarge { .. } => Self::OverLimit,
        }
    }
}

fn take(baggage: &mut Baggage, report: &mut BaggageReport, member: &str) {
    if member.is_empty() {
        return;
    }
    match read(member).and_then(|entry| Ok(baggage.put(entry)?)) {
        Ok(replaced) => report.replaced += u64::from(replaced),
        Err(Dropped::Malformed) => report.malformed += 1,
        Err(Dropped::TooLarge) => report.too_large += 1,
        Err(Dropped::OverLimit) => report.over_limit += 1,
    }
}

fn read(member: &str) -> Result<BaggageEntry, Dropped> {
    // Before anything of it is decoded.
    if member.len() > MAX_ENTRY_BYTES {
        return Err(Dropped::TooLarge);
    }
    // Tabs are white space. Quotes, backslashes and text outside ASCII are not allowed either, but senders exist that
    // do not encode them, and they leave encoded.
    if member.chars().any(|c| c.is_control() && c != '\t') {
        return Err(Dropped::Malformed);
    }
    let mut parts = member.split(';');
    let (key, Some(value)) = pair(parts.next().unwrap_or_default()) else { return Err(Dropped::Malformed) };
    let properties = parts.map(trim).filter(|part| !part.is_empty()).map(|part| match pair(part) {
        (key, Some(value)) => BaggageProperty::new(key, value),
        (key, None) => BaggageProperty::flag(key),
    });
    Ok(BaggageEntry::new(key, &value, properties.collect())?)
}

/// A key, and the decoded value where there is one. Bytes that are no UTF-8 become U+FFFD, as the specification asks.
fn pair(text: &str) -> (&str, Option<String>) {
    match text.split_once('=') {
        Some((key, value)) => {
            (trim(key), Some(percent_decode_str(trim(value)).decode_utf8_lossy().into_owned()))
        }
        None => (trim(text), None),
    }
}

/// Takes off what HTTP calls optional white space.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}
