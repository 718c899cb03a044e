//! [`Header`], [`Mark`] and [`Seal`]: the beginning of a segment file.
//!
//! Two kinds of cells in it are written again later: the acknowledgement (two of them, in turn, so that a torn write
//! leaves the other) and the seal.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

#[cfg(test)]
mod tests;

pub(super) const MAGIC: [u8; 8] = *b"obsspool";
pub(super) const VERSION: u32 = 1;
/// Bytes before the context.
pub(super) const FIXED: usize = 128;
/// Longest context.
pub(super) const MAX_CONTEXT: usize = 64 << 10;

const CHECKED: usize = 20;
const SLOTS: [u64; 2] = [24, 52];
const SLOT: usize = 28;
const SEAL: u64 = 80;
const SEAL_SIZE: usize = 36;

/// A place between two records of a segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// Bytes of the file before it.
    pub(super) offset: u64,
    /// Records before it, which is also the sequence number of the next one.
    pub(super) records: u64,
    /// Items of the ledger that these records stand for.
    pub(super) items: u64,
}

/// What is known of a segment that nothing will be appended to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seal {
    /// Its end. Bytes behind it are the rest of an append that failed.
    pub(super) end: Mark,
    /// The youngest time of its records.
    pub(super) newest: u64,
}

/// The header as it is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Every checksum of this segment starts from it, so that a segment stored in a payload is not taken for part of
    /// this one.
    pub(super) salt: u32,
    pub(super) context: Vec<u8>,
    /// What is acknowledged, and the slot to write next.
    pub(super) acknowledged: Option<Mark>,
    pub(super) slot: Slot,
    pub(super) seal: Option<Seal>,
}

/// The cell the next acknowledgement goes to: the one that does not hold the latest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slot(usize);

/// Why a file has no usable header.
#[derive(Debug)]
pub(super) enum Unusable {
    /// Nothing was written into it yet.
    Empty,
    /// A later version of obs wrote it.
    Version(u32),
    Corrupt(&'static str),
    Io(io::Error),
}

impl Mark {
    /// The first place of a segment.
    pub(super) fn start(context: &[u8]) -> Self {
        Self { offset: (FIXED + context.len()) as u64, records: 0, items: 0 }
    }
}

/// The bytes of a new segment's header.
pub(super) fn encode(salt: u32, context: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(FIXED + context.len());
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&salt.to_le_bytes());
    bytes.extend_from_slice(&(context.len() as u32).to_le_bytes());
    let crc = checksum(salt, &[&bytes, context]);
    bytes.extend_from_slice(&crc.to_le_bytes());
    bytes.resize(FIXED, 0);
    bytes.extend_from_slice(context);
    bytes
}

/// CRC-32 of `parts` in a row, starting from `salt`.
pub(super) fn checksum(salt: u32, parts: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(salt);
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize()
}

/// Reads and checks the header of `file`, which is `len` bytes long.
pub(super) fn read(file: &File, len: u64) -> Result<Header, Unusable> {
    if len == 0 {
        return Err(Unusable::Empty);
    }
    let mut fixed = [0; FIXED];
    let known = len.min(FIXED as u64) as usize;
    file.read_exact_at(&mut fixed[..known], 0).map_err(Unusable::Io)?;
    if known < 12 || fixed[..8] != MAGIC {
        return Err(Unusable::Corrupt("it does not begin like a segment"));
    }
    let version = u32_at(&fixed, 8);
    if version != VERSION {
        return Err(Unusable::Version(version));
    }
    let (salt, context) = (u32_at(&fixed, 12), u32_at(&fixed, 16) as usize);
    if context > MAX_CONTEXT || len < (FIXED + context) as u64 {
        return Err(Unusable::Corrupt("it ends within its header"));
    }
    let mut context = vec![0; context];
    file.read_exact_at(&mut context, FIXED as u64).map_err(Unusable::Io)?;
    if checksum(salt, &[&fixed[..CHECKED], &context]) != u32_at(&fixed, CHECKED) {
        return Err(Unusable::Corrupt("the checksum of its header is wrong"));
    }
    let start = Mark::start(&context);
    let valid = |slot: usize| read_mark(&fixed, salt, slot).filter(|mark| mark.offset >= start.offset);
    let (first, second) = (valid(0), valid(1));
    let later = usize::from(second.map(|m| m.offset) > first.map(|m| m.offset));
    Ok(Header {
        salt,
        context,
        acknowledged: [first, second][later],
        slot: Slot(1 - later),
        seal: read_seal(&fixed, salt).filter(|seal| seal.end.offset >= start.offset),
    })
}

/// Writes an acknowledgement into the slot that does not hold the latest; returns the slot to use next.
pub(super) fn write_mark(file: &File, salt: u32, slot: Slot, mark: Mark) -> io::Result<Slot> {
    let mut cell = [0; SLOT];
    put_mark(&mut cell, mark);
    let crc = checksum(salt, &[&cell[..24]]);
    cell[24..].copy_from_slice(&crc.to_le_bytes());
    file.write_all_at(&cell, SLOTS[slot.0])?;
    Ok(Slot(1 - slot.0))
}

/// Writes the seal.
pub(super) fn write_seal(file: &File, salt: u32, seal: Seal) -> io::Result<()> {
    let mut cell = [0; SEAL_SIZE];
    put_mark(&mut cell, seal.end);
    cell[24..32].copy_from_slice(&seal.newest.to_le_bytes());
    let crc = checksum(salt, &[&cell[..32]]);
    cell[32..].copy_from_slice(&crc.to_le_bytes());
    file.write_all_at(&cell, SEAL)
}

fn read_mark(fixed: &[u8; FIXED], salt: u32, slot: usize) -> Option<Mark> {
    let cell = &fixed[SLOTS[slot] as usize..][..SLOT];
    (checksum(salt, &[&cell[..24]]) == u32_at(cell, 24)).then(|| mark_at(cell))
}

fn read_seal(fixed: &[u8; FIXED], salt: u32) -> Option<Seal> {
    let cell = &fixed[SEAL as usize..][..SEAL_SIZE];
    let seal = Seal { end: mark_at(cell), newest: u64_at(cell, 24) };
    (checksum(salt, &[&cell[..32]]) == u32_at(cell, 32)).then_some(seal)
}

fn put_mark(cell: &mut [u8], mark: Mark) {
    cell[..8].copy_from_slice(&mark.offset.to_le_bytes());
    cell[8..16].copy_from_slice(&mark.records.to_le_bytes());
    cell[16..24].copy_from_slice(&mark.items.to_le_bytes());
}

fn mark_at(cell: &[u8]) -> Mark {
    Mark { offset: u64_at(cell, 0), records: u64_at(cell, 8), items: u64_at(cell, 16) }
}

/// The number at `at`; zero where the bytes end before it.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |b| u32::from_le_bytes(*b))
}

/// The number at `at`; zero where the bytes end before it.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |b| u64::from_le_bytes(*b))
}
