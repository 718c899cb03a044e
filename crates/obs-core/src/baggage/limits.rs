//! How much baggage is carried, and [`BaggageError`]: why an entry is not.

use super::entry::BaggageEntry;

/// Most entries that are kept. W3C Baggage asks for no more.
pub const MAX_ENTRIES: usize = 64;
/// Most list-members of incoming headers that are looked at: as many as the grammar of W3C Baggage has room for. What
/// comes after them is counted, not read, so that a hostile header costs little.
pub const MAX_LIST_MEMBERS: usize = 180;
/// Most bytes of the header, with its commas. W3C Baggage asks for no more.
pub const MAX_TOTAL_BYTES: usize = 8_192;
/// Most bytes of one entry as the header has it, with its properties. W3C Baggage dropped this limit of its earlier
/// drafts; it is kept here so that one entry cannot push out all others.
pub const MAX_ENTRY_BYTES: usize = 4_096;

/// Why an entry was not added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaggageError {
    /// The key of the entry or of a property is no token.
    #[error(
        "baggage key `{key}` is not valid: expected letters, digits and !#$%&'*+-.^_`|~, at least one of them"
    )]
    Key {
        /// The key, clipped and escaped.
        key: String,
    },
    /// The entry is too long.
    #[error(
        "baggage entry `{key}` takes {bytes} bytes in the header: at most {MAX_ENTRY_BYTES} are accepted"
    )]
    EntryTooLarge {
        /// Its key, clipped and escaped.
        key: String,
        /// Bytes it would take.
        bytes: usize,
    },
    /// There are as many entries as are kept.
    #[error("baggage entry `{key}` has no room: at most {MAX_ENTRIES} entries are accepted")]
    TooMany {
        /// Its key, clipped and escaped.
        key: String,
    },
    /// The header would be too long.
    #[error(
        "baggage entry `{key}` has no room: the header would take {bytes} bytes, at most {MAX_TOTAL_BYTES} are accepted"
    )]
    TotalTooLarge {
        /// Its key, clipped and escaped.
        key: String,
        /// Bytes the header would take.
        bytes: usize,
    },
}

/// Whether the byte may be in a token (RFC 7230, section 3.2.6).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

pub(super) fn check_key(key: &str) -> Result<(), BaggageError> {
    if key.is_empty() || !key.bytes().all(is_token) {
        return Err(BaggageError::Key { key: clip(key) });
    }
    Ok(())
}

pub(super) fn check_size(key: &str, bytes: usize) -> Result<(), BaggageError> {
    if bytes > MAX_ENTRY_BYTES {
        return Err(BaggageError::EntryTooLarge { key: clip(key), bytes });
    }
    Ok(())
}

/// Whether `entry` may join `entries`, in place of the one at `replaced` if there is one.
pub(super) fn check(
    entries: &[BaggageEntry],
    replaced: Option<usize>,
    entry: &BaggageEntry,
) -> Result<(), BaggageError> {
    if replaced.is_none() && entries.len() >= MAX_ENTRIES {
        return Err(BaggageError::TooMany { key: clip(entry.key()) });
    }
    let others: usize = entries
        .iter()
        .enumerate()
        .filter(|(index, _)| Some(*index) != replaced)
        .map(|(_, other)| other.size() + 1)
        .sum();
    let bytes = others + entry.size();
    if bytes > MAX_TOTAL_BYTES {
        return Err(BaggageError::TotalTooLarge { key: clip(entry.key()), bytes });
    }
    Ok(())
}

/// Hostile input must not end up whole, or raw, in an error line.
fn clip(text: &str) -> String {
    text.chars().take(64).flat_map(char::escape_debug).collect()
}
