//! [`folder_name`], [`ProcessName`] and [`SegmentName`]: what the spool's folders and files are called.

use std::fmt;
use xxhash_rust::xxh3::xxh3_128;

#[cfg(test)]
mod tests;

/// Longest name that is written out; file systems take 255 bytes.
const LONGEST: usize = 120;
/// How much of a longer name is kept for the reader.
const KEPT: usize = 60;

/// A name that is safe as that of a folder, and another one for every other `name`.
///
/// Letters, digits, `_` and `.` inside stay, `/` becomes `-`, every other byte `%` and two hex digits; `=` ends a
/// name that was too long or empty, and begins its 128-bit hash.
pub(super) fn folder_name(name: &str) -> String {
    let mut safe = String::with_capacity(name.len());
    for (at, byte) in name.bytes().enumerate() {
        match byte {
            b'/' => safe.push('-'),
            b'.' if at > 0 => safe.push('.'),
            b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => safe.push(char::from(byte)),
            _ => safe.extend(['%', hex(byte >> 4), hex(byte)]),
        }
        if safe.len() > LONGEST {
            safe.truncate(KEPT);
            return format!("{safe}={:032x}", xxh3_128(name.as_bytes()));
        }
    }
    if safe.is_empty() { "=".to_owned() } else { safe }
}

/// One digit, below 16.
fn hex(digit: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(digit & 15)])
}

/// The folder of a process: `<pid>-<start, ns since the epoch>-<8 hex>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ProcessName {
    pub(super) pid: u32,
    pub(super) start: u64,
    pub(super) random: u32,
}

impl fmt::Display for ProcessName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{:08x}", self.pid, self.start, self.random)
    }
}

impl ProcessName {
    /// The reverse of `to_string`; `None` for anything else, so that no foreign folder is taken for ours.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let mut parts = name.split('-');
        let parsed = Self {
            pid: parts.next()?.parse().ok()?,
            start: parts.next()?.parse().ok()?,
            random: u32::from_str_radix(parts.next()?, 16).ok()?,
        };
        (parsed.to_string() == name).then_some(parsed)
    }
}

/// A segment: `<created, ns since the epoch, 20 digits>-<8 hex of the process>-<number, 10 digits>.seg`. Names sort
/// as segments were created, across processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SegmentName {
    pub(super) created: u64,
    pub(super) process: u32,
    pub(super) number: u32,
}

/// What a file in a lane's folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LaneFile {
    Segment(SegmentName),
    /// A segment whose header was damaged, set aside.
    Corrupt(SegmentName),
}

impl fmt::Display for SegmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:020}-{:08x}-{:010}.seg", self.created, self.process, self.number)
    }
}

impl SegmentName {
    /// What the file is called once it is set aside.
    pub(super) fn corrupt(&self) -> String {
        format!("{self}.corrupt")
    }

    fn parse(name: &str) -> Option<Self> {
        let mut parts = name.strip_suffix(".seg")?.split('-');
        let parsed = Self {
            created: parts.next()?.parse().ok()?,
            process: u32::from_str_radix(parts.next()?, 16).ok()?,
            number: parts.next()?.parse().ok()?,
        };
        (parsed.to_string() == name).then_some(parsed)
    }
}

impl LaneFile {
    /// `None` for files that are not ours.
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name.strip_suffix(".corrupt") {
            Some(name) => SegmentName::parse(name).map(Self::Corrupt),
            None => SegmentName::parse(name).map(Self::Segment),
        }
    }
}
