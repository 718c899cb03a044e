//! Finds the functions around addresses in an ELF file's symbol table.
//!
//! The table is read once per batch of addresses, in small pieces, and not kept: a few milliseconds and a few kilobytes
//! where an index of a large program, or its debug information, would take tens of megabytes. Format: System V ABI,
//! "Object Files"; 64-bit little endian only, as all supported processors are.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

const HEADER: usize = 64;
const SECTION: usize = 64;
const SEGMENT: usize = 56;
const SYMBOL: usize = 24;
/// Symbols read at once.
const CHUNK: usize = 2048 * SYMBOL;
/// Longest name kept; mangled names of deep generics reach a few kilobytes.
const LONGEST_NAME: usize = 4096;
/// More sections, segments or notes than any real file has: a damaged file must not make us read for ever.
const MOST_ENTRIES: usize = 4096;

const PT_LOAD: u32 = 1;
const PT_NOTE: u32 = 4;
const SHT_SYMTAB: u32 = 2;
const SHT_DYNSYM: u32 = 11;
const STT_FUNC: u8 = 2;
const STT_GNU_IFUNC: u8 = 10;
const NT_GNU_BUILD_ID: u32 = 3;

/// A part of the file that is loaded.
#[derive(Clone, Copy, Debug)]
struct Segment {
    offset: u64,
    address: u64,
    size: u64,
}

/// A symbol table and the names it refers to.
#[derive(Clone, Copy, Debug)]
struct Table {
    offset: u64,
    size: u64,
    names: u64,
    names_size: u64,
}

/// An open ELF file.
#[derive(Debug)]
pub(super) struct Elf {
    file: File,
    segments: Vec<Segment>,
    table: Option<Table>,
    build_id: String,
}

impl Elf {
    /// Opens a file and reads its headers. Fails with `InvalidData` for anything but 64-bit little-endian ELF.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let header = read(&file, 0, HEADER)?;
        if !header.starts_with(b"\x7fELF\x02\x01") {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a 64-bit little-endian ELF file"));
        }
        let segments_at = u64_at(&header, 32);
        let segment_count = usize::from(u16_at(&header, 56)).min(MOST_ENTRIES);
        let sections_at = u64_at(&header, 40);
        let section_count = usize::from(u16_at(&header, 60)).min(MOST_ENTRIES);

        let mut segments = Vec::new();
        let mut build_id = String::new();
        for entry in read(&file, segments_at, segment_count * SEGMENT)?.chunks_exact(SEGMENT) {
            let segment =
                Segment { offset: u64_at(entry, 8), address: u64_at(entry, 16), size: u64_at(entry, 32) };
            match u32_at(entry, 0) {
                PT_LOAD => segments.push(segment),
                PT_NOTE if build_id.is_empty() => build_id = find_build_id(&file, segment),
                _ => {}
            }
        }
        let table = find_table(&file, sections_at, section_count);
        Ok(Self { file, segments, table, build_id })
    }

    /// The build id in lower-case hex, empty without one.
    pub(super) fn build_id(&self) -> &str {
        &self.build_id
    }

    /// The address that the file gives to the byte at `offset`; symbols are in terms of these.
    pub(super) fn address_of(&self, offset: u64) -> Option<u64> {
        let within = |s: &&Segment| offset.checked_sub(s.offset).is_some_and(|o| o < s.size);
        self.segments.iter().find(within).map(|s| s.address + (offset - s.offset))
    }

    /// For each address, sorted, the mangled name of the function around it.
    pub(super) fn functions(&self, addresses: &[u64]) -> io::Result<Vec<Option<String>>> {
        let mut found: Vec<Option<(u64, u32)>> = vec![None; addresses.len()];
        let Some(table) = self.table else { return Ok(vec![None; addresses.len()]) };
        let mut position = 0;
        while position < table.size {
            let piece =
                read(&self.file, table.offset + position, CHUNK.min((table.size - position) as usize))?;
            for symbol in piece.chunks_exact(SYMBOL) {
                let (start, size) = (u64_at(symbol, 8), u64_at(symbol, 16));
                if !matches!(symbol[4] & 0xf, STT_FUNC | STT_GNU_IFUNC) || start == 0 {
                    continue;
                }
                let first = addresses.partition_point(|a| *a < start);
                let within = |a: &&u64| **a - start < size;
                for (_, slot) in addresses[first..].iter().take_while(within).zip(&mut found[first..]) {
                    // Of several names for one function the one that starts closest, then the first, wins.
                    if slot.is_none_or(|(best, _)| start > best) {
                        *slot = Some((start, u32_at(symbol, 0)));
                    }
                }
            }
            position += piece.len() as u64;
        }
        Ok(found.into_iter().map(|f| f.and_then(|(_, name)| self.name(table, name))).collect())
    }

    /// The name at an offset of the table's strings.
    fn name(&self, table: Table, offset: u32) -> Option<String> {
        let room = table.names_size.checked_sub(u64::from(offset))?;
        let mut wanted = 256;
        loop {
            let bytes = read(&self.file, table.names + u64::from(offset), wanted.min(room as usize)).ok()?;
            if let Some(end) = bytes.iter().position(|b| *b == 0) {
                return std::str::from_utf8(&bytes[..end]).ok().filter(|n| !n.is_empty()).map(str::to_owned);
            }
            if wanted >= LONGEST_NAME {
                return None;
            }
            wanted = LONGEST_NAME;
        }
    }
}

/// The full symbol table, else the dynamic one that stripped libraries keep.
fn find_table(file: &File, at: u64, count: usize) -> Option<Table> {
    let sections = read(file, at, count * SECTION).ok()?;
    let sections: Vec<&[u8]> = sections.chunks_exact(SECTION).collect();
    let of_type = |wanted| sections.iter().find(|s| u32_at(s, 4) == wanted);
    let symbols = of_type(SHT_SYMTAB).or_else(|| of_type(SHT_DYNSYM))?;
    let names = sections.get(u32_at(symbols, 40) as usize)?;
    let size = u64_at(symbols, 32);
    Some(Table {
        offset: u64_at(symbols, 24),
        size: size - size % SYMBOL as u64,
        names: u64_at(names, 24),
        names_size: u64_at(names, 32),
    })
}

/// The build id among the notes of a segment, empty without one.
fn find_build_id(file: &File, segment: Segment) -> String {
    let size = (segment.size as usize).min(MOST_ENTRIES);
    let notes = read(file, segment.offset, size).unwrap_or_default();
    let mut rest = notes.as_slice();
    while rest.len() >= 12 {
        let name_size = u32_at(rest, 0) as usize;
        let content_size = u32_at(rest, 4) as usize;
        let content = 12 + name_size.next_multiple_of(4);
        let Some(bytes) = rest.get(content..content.saturating_add(content_size)) else { break };
        if u32_at(rest, 8) == NT_GNU_BUILD_ID && rest[12..].starts_with(b"GNU\0") {
            return bytes.iter().fold(String::new(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            });
        }
        rest = rest.get(content + content_size.next_multiple_of(4)..).unwrap_or_default();
    }
    String::new()
}

/// Up to `size` bytes at `offset`; fewer at the end of the file, none is an error.
fn read(mut file: &File, offset: u64, size: usize) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = vec![0; size];
    let mut filled = 0;
    while filled < size {
        match file.read(&mut bytes[filled..]) {
            Ok(0) if filled == 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// Bytes behind the end read as zero, so that a truncated file cannot panic.
fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..).and_then(|b| b.first_chunk()).copied().unwrap_or([0; N])
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes_at(bytes, at))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes_at(bytes, at))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes_at(bytes, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// This program's own file, and the address its file gives to a function of this module.
    fn own() -> (Elf, u64) {
        let modules = super::super::maps::executable_modules();
        let here = find_build_id as *const () as usize;
        let module = &modules[super::super::maps::module_of(&modules, here).unwrap()];
        let elf = Elf::open(&module.path).unwrap();
        let address = elf.address_of((here - module.start) as u64 + module.offset).unwrap();
        (elf, address)
    }

    #[test]
    fn a_function_of_this_program_is_found_at_its_start_and_within() {
        let (elf, address) = own();
        let names = elf.functions(&[0, address, address + 1, u64::MAX]).unwrap();
        assert_eq!((&names[0], &names[3]), (&None, &None));
        for name in &names[1..3] {
            assert!(name.as_ref().is_some_and(|n| n.contains("find_build_id")), "{names:?}");
        }
    }

    #[test]
    fn other_files_are_refused_and_damaged_ones_do_not_panic() {
        assert!(Elf::open(Path::new("/dev/null")).is_err());
        assert!(Elf::open(Path::new("/proc/self/maps")).is_err());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("damaged");
        let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        for (length, flip) in (0..64).map(|n| (200, n)).chain((0..64).map(|n| (n * 40, 33))) {
            let mut bytes = program[..length].to_vec();
            if let Some(byte) = bytes.get_mut(flip) {
                *byte ^= 0xff;
            }
            std::fs::write(&path, &bytes).unwrap();
            if let Ok(elf) = Elf::open(&path) {
                assert!(elf.functions(&[0x1000]).is_err() || elf.functions(&[0x1000]).unwrap() == [None]);
            }
        }
    }

    #[test]
    fn build_ids_are_hex() {
        let (elf, _) = own();
        assert!(elf.build_id().bytes().all(|b| b.is_ascii_hexdigit()), "{}", elf.build_id());
    }
}
