//! Tests of the way around damage.

use super::super::batch::NewRecord;
use super::super::record::encode;
use super::*;

const SALT: u32 = 99;
const PAYLOAD: &[u8] = b"payload";
const SIZE: u64 = (HEAD + PAYLOAD.len()) as u64;

/// Records with these sequence numbers, one behind the other.
fn records(sequence: impl IntoIterator<Item = u64>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for n in sequence {
        encode(&mut bytes, SALT, n, &NewRecord { item: 100 + n, time: 0, count: 2, bytes: PAYLOAD });
    }
    bytes
}

/// What is found: items of records as `Ok`, items lost as `Err`.
fn scan(bytes: &[u8], tail: Option<u64>) -> (Vec<Result<u64, u64>>, Mark) {
    let file = tempfile::tempfile().unwrap();
    file.write_all_at(bytes, 0).unwrap();
    let len = bytes.len() as u64;
    let mut scan = match tail {
        Some(records) => {
            let tail = Mark { offset: len, records, items: 2 * records };
            Scan::within(&file, SALT, Mark::default(), tail)
        }
        None => Scan::to_end(&file, SALT, Mark::default(), len),
    };
    let mut found = Vec::new();
    while let Some(next) = scan.next().unwrap() {
        found.push(match next {
            Found::Record(head, payload) => {
                assert_eq!(payload, PAYLOAD);
                Ok(head.item)
            }
            Found::Damage(damage) => Err(damage.items),
        });
    }
    (found, scan.at())
}

#[test]
fn intact_records_are_found_one_by_one() {
    let (found, end) = scan(&records(0..3), None);
    assert_eq!(found, [Ok(100), Ok(101), Ok(102)]);
    assert_eq!(end, Mark { offset: 3 * SIZE, records: 3, items: 6 });
}

#[test]
fn records_from_before_or_beyond_are_not_taken_for_the_next_one() {
    let mut bytes = records([0, 1, 0, 1, 7, 2]);
    assert_eq!(scan(&bytes, Some(3)).0, [Ok(100), Ok(101), Ok(102)], "none is missing");
    bytes.truncate(bytes.len() - SIZE as usize);
    let (found, end) = scan(&bytes, Some(3));
    assert_eq!(found, [Ok(100), Ok(101), Err(2)]);
    assert_eq!(end, Mark { offset: 5 * SIZE, records: 3, items: 6 });
}

#[test]
fn a_gap_is_as_long_as_the_sequence_says() {
    let mut bytes = records(0..6);
    bytes[SIZE as usize..4 * SIZE as usize].fill(MARKER[0]);
    assert_eq!(scan(&bytes, None).0, [Ok(100), Err(3), Ok(104), Ok(105)]);
    // With a known end, the items that the gap hides are known in the end.
    assert_eq!(scan(&bytes, Some(6)).0, [Ok(100), Err(3), Ok(104), Ok(105), Err(3)]);
}

#[test]
fn damage_longer_than_a_chunk_is_crossed_wherever_it_ends() {
    for extra in [0, 1, HEAD - 1, HEAD, HEAD + 1] {
        let mut bytes = vec![MARKER[0]; 2 * CHUNK as usize - extra];
        bytes.extend(records(0..2));
        assert_eq!(scan(&bytes, None).0, [Ok(100), Ok(101)], "{extra}");
    }
}

#[test]
fn nothing_but_garbage_is_one_loss_or_what_the_end_promises() {
    let garbage = vec![0x11; 3 * CHUNK as usize];
    assert_eq!(scan(&garbage, None).0, [Err(1)]);
    assert_eq!(scan(&garbage, Some(9)).0, [Err(18)]);
    assert_eq!(scan(&garbage, Some(0)).0, []);
    assert_eq!(scan(b"", None).0, []);
}
