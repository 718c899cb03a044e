//! The process's own figures, read from `/proc` at collection; elsewhere than on Linux there are none.
//!
//! Formats: proc(5). Ticks per second and page size come from the auxiliary vector, which needs no `unsafe`.

use crate::catalogue as c;
use crate::collect::Collected;
use std::fs;

/// `AT_PAGESZ` and `AT_CLKTCK` of `<elf.h>`.
const AT_PAGESZ: usize = 6;
const AT_CLKTCK: usize = 17;

pub(crate) fn collect(out: &mut Collected) {
    let vector = fs::read("/proc/self/auxv").unwrap_or_default();
    let ticks = auxiliary(&vector, AT_CLKTCK).unwrap_or(100) as f64;
    let page = auxiliary(&vector, AT_PAGESZ).unwrap_or(4096) as f64;
    if let Some(stat) = fs::read_to_string("/proc/self/stat").ok().as_deref().and_then(Stat::parse) {
        out.counter(&c::PROCESS_CPU, [], (stat.user + stat.system) as f64 / ticks);
        out.gauge(&c::PROCESS_MEMORY, [], stat.resident_pages as f64 * page);
        out.gauge(&c::PROCESS_THREADS, [], stat.threads as f64);
        if let Some(boot) = fs::read_to_string("/proc/stat").ok().as_deref().and_then(boot_time) {
            out.gauge(&c::PROCESS_START, [], boot as f64 + stat.start as f64 / ticks);
        }
    }
    if let Ok(entries) = fs::read_dir("/proc/self/fd") {
        // The directory being read is itself open.
        out.gauge(&c::PROCESS_FDS, [], entries.count().saturating_sub(1) as f64);
    }
}

/// Value of a key in the auxiliary vector: pairs of words.
fn auxiliary(vector: &[u8], key: usize) -> Option<usize> {
    const WORD: usize = size_of::<usize>();
    let word = |bytes: &[u8]| bytes.try_into().map(usize::from_ne_bytes).ok();
    vector
        .chunks_exact(2 * WORD)
        .find(|pair| word(&pair[..WORD]) == Some(key))
        .and_then(|pair| word(&pair[WORD..]))
}

/// The fields of `/proc/self/stat` that are used here.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    user: u64,
    system: u64,
    threads: u64,
    start: u64,
    resident_pages: u64,
}

impl Stat {
    fn parse(line: &str) -> Option<Self> {
        // The command, in parentheses, may hold blanks and parentheses itself; the state after the last one is field 3.
        let rest = &line[line.rfind(')')? + 1..];
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let field = |n: usize| fields.get(n - 3).and_then(|f| f.parse().ok());
        Some(Self {
            user: field(14)?,
            system: field(15)?,
            threads: field(20)?,
            start: field(22)?,
            resident_pages: field(24)?,
        })
    }
}

/// When the machine started, in seconds since the Unix epoch.
fn boot_time(stat: &str) -> Option<u64> {
    stat.lines().find_map(|l| l.strip_prefix("btime "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_with_blanks_and_parentheses_does_not_shift_the_fields() {
        let line =
            "7 (a) b (c)) R 1 2 3 0 -1 4194304 5 0 0 0 11 12 0 0 20 0 4 0 900 1000 55 18446744073709551615";
        let expected = Stat { user: 11, system: 12, threads: 4, start: 900, resident_pages: 55 };
        assert_eq!(Stat::parse(line), Some(expected));
        assert_eq!(Stat::parse("7 (a"), None);
        assert_eq!(Stat::parse("7 (a) R 1"), None);
    }

    #[test]
    fn the_auxiliary_vector_is_pairs_of_words() {
        let bytes: Vec<u8> = [6_usize, 4096, 17, 100, 0, 0].iter().flat_map(|w| w.to_ne_bytes()).collect();
        assert_eq!(auxiliary(&bytes, AT_CLKTCK), Some(100));
        assert_eq!(auxiliary(&bytes, 9), None);
        assert_eq!(boot_time("cpu 1 2\nbtime 1700000000\n"), Some(1_700_000_000));
    }
}
