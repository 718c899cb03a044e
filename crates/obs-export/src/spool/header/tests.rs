//! Tests of segment headers.

use super::*;

const SALT: u32 = 99;

fn mark(n: u64) -> Mark {
    Mark { offset: 1000 * n, records: 10 * n, items: 20 * n }
}

fn file() -> File {
    let file = tempfile::tempfile().unwrap();
    file.write_all_at(&encode(SALT, b"context"), 0).unwrap();
    file
}

fn read_back(file: &File) -> Header {
    read(file, file.metadata().unwrap().len()).unwrap()
}

#[test]
fn a_new_header_says_that_nothing_is_acknowledged_or_sealed() {
    let header = read_back(&file());
    assert_eq!((header.salt, &*header.context), (SALT, &b"context"[..]));
    assert_eq!((header.acknowledged, header.seal), (None, None));
}

#[test]
fn the_latest_acknowledgement_counts_and_a_torn_one_leaves_the_one_before() {
    let file = file();
    let mut slot = read_back(&file).slot;
    for n in 1..=5 {
        let torn = SLOTS[slot.0] + 3;
        slot = write_mark(&file, SALT, slot, mark(n)).unwrap();
        assert_eq!((read_back(&file).acknowledged, read_back(&file).slot), (Some(mark(n)), slot));
        let mut byte = [0];
        file.read_exact_at(&mut byte, torn).unwrap();
        file.write_all_at(&[!byte[0]], torn).unwrap();
        let before = if n == 1 { None } else { Some(mark(n - 1)) };
        assert_eq!(read_back(&file).acknowledged, before, "torn at {n}");
        file.write_all_at(&byte, torn).unwrap();
    }
}

#[test]
fn a_seal_comes_back_unless_it_is_torn() {
    let file = file();
    let seal = Seal { end: mark(3), newest: 77 };
    write_seal(&file, SALT, seal).unwrap();
    assert_eq!(read_back(&file).seal, Some(seal));
    file.write_all_at(&[0xFF], SEAL + 30).unwrap();
    assert_eq!(read_back(&file).seal, None);
}

#[test]
fn each_reason_for_which_a_header_is_no_use_has_its_name() {
    let good = encode(SALT, b"context");
    let read_bytes = |bytes: &[u8]| {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(bytes, 0).unwrap();
        read(&file, bytes.len() as u64).unwrap_err()
    };
    assert!(matches!(read_bytes(b""), Unusable::Empty));
    for len in 1..good.len() {
        assert!(matches!(read_bytes(&good[..len]), Unusable::Corrupt(_)), "{len}");
    }
    let with = |at: usize, bytes: &[u8]| {
        let mut changed = good.clone();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        changed
    };
    assert!(matches!(read_bytes(&with(8, &[2])), Unusable::Version(2)));
    assert!(matches!(read_bytes(&with(0, b"x")), Unusable::Corrupt(_)));
    assert!(matches!(read_bytes(&with(16, &[0xFF; 4])), Unusable::Corrupt(_)));
    assert!(matches!(read_bytes(&with(FIXED, b"C")), Unusable::Corrupt(_)));
}
