//! Damage on disk costs the damaged record, is counted, and nothing worse.

use crate::support::*;
use obs_export::SpoolOptions;
use obs_export::spool::{Lane, Lost, NewRecord, Pending, Spool, Why};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// The segment of a process that was killed after these appends, and its bytes.
fn killed(items: std::ops::Range<u64>) -> (Home, Vec<u8>) {
    let home = Home::new();
    let lane = home.lane();
    append(&lane, items);
    let crashed = home.after_crash();
    let bytes = std::fs::read(crashed.segment()).unwrap();
    (crashed, bytes)
}

/// Lane `n` of a process that is no more, with this segment in it, taken over by `spool`. Cheaper than a crash each.
fn left_behind(home: &Home, spool: &Arc<Spool>, n: usize, segment: &[u8]) -> Lane {
    let dir = home.dir.path().join("svc").join("1-1-00000001").join(n.to_string());
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("01800000000000000000-00000001-0000000000.seg"), segment).unwrap();
    spool.lane(&n.to_string()).unwrap()
}

/// Everything that can be read, and the losses told.
fn all_of(lane: &Lane) -> (Vec<u64>, Vec<Lost>) {
    let read = drain(lane, 2);
    assert_eq!(lane.pending(), Pending::default());
    let losses = lane.take_lost();
    assert_eq!((lane.next(1, 0).is_none(), lane.take_lost()), (true, vec![]), "told once");
    assert!(losses.iter().all(|l| l.inherited && l.item.is_none() && l.why == Why::Corrupt), "{losses:?}");
    (read, losses)
}

fn size(item: u64) -> usize {
    44 + payload(item).len()
}

#[test]
fn a_tail_torn_at_any_byte_costs_the_torn_record_alone() {
    let (home, bytes) = killed(0..3);
    let last = bytes.len() - size(2);
    let spool = home.open();
    for end in last..=bytes.len() {
        let (read, losses) = all_of(&left_behind(&home, &spool, end, &bytes[..end]));
        let whole = end == bytes.len();
        assert_eq!(read, if whole { vec![0, 1, 2] } else { vec![0, 1] }, "cut at {end}");
        // Record 2 stands for three items; they are known if its head is whole.
        let expected = match end - last {
            0 => 0,
            1..44 => 1,
            _ if whole => 0,
            _ => 3,
        };
        assert_eq!(lost(&losses, Why::Corrupt), expected, "cut at {end}");
    }
}

#[test]
fn a_torn_tail_of_a_closed_segment_is_counted_exactly() {
    let home = Home::new();
    append(&home.lane(), 0..3);
    let (path, last) = (home.segment(), size(2));
    let bytes = std::fs::read(&path).unwrap();
    let spool = home.open();
    for end in bytes.len() - last..bytes.len() {
        let (read, losses) = all_of(&left_behind(&home, &spool, end, &bytes[..end]));
        assert_eq!((read, lost(&losses, Why::Corrupt)), (vec![0, 1], 3), "cut at {end}");
    }
}

#[test]
fn a_tail_of_zeros_is_a_torn_record() {
    let (home, mut bytes) = killed(0..3);
    let last = bytes.len() - size(2);
    bytes[last..].fill(0);
    bytes.resize(1_000_000, 0);
    rewrite(&home.segment(), bytes);
    let (read, losses) = all_of(&home.lane());
    assert_eq!((read, lost(&losses, Why::Corrupt)), (vec![0, 1], 1));
}

#[test]
fn any_one_flipped_byte_costs_one_record_at_most() {
    let (home, bytes) = killed(0..3);
    let first = bytes.len() - size(0) - size(1) - size(2);
    let ends = [first, first + size(0), first + size(0) + size(1), bytes.len()];
    let spool = home.open();
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x5A;
        let aside = home.files(".corrupt").len();
        let (read, losses) = all_of(&left_behind(&home, &spool, at, &damaged));
        let counted = lost(&losses, Why::Corrupt);
        if at < first {
            // Version, cells of the acknowledgement or of the seal, or what makes the header one.
            let harmless = counted == 0 && (read == [0, 1, 2] || at / 4 == 2);
            let set_aside = counted == 1 && read.is_empty() && home.files(".corrupt").len() == aside + 1;
            assert!(harmless || set_aside, "byte {at}: {read:?}, {losses:?}");
        } else {
            let hit = ends.windows(2).position(|w| (w[0]..w[1]).contains(&at)).unwrap() as u64;
            let rest: Vec<u64> = (0..3).filter(|n| *n != hit).collect();
            assert_eq!(read, rest, "byte {at}");
            let in_payload = at - ends[hit as usize] >= 44;
            // Where the head is intact it says how many items the record stood for.
            assert_eq!(counted, if in_payload { u64::from(count(hit)) } else { 1 }, "byte {at}");
        }
    }
}

#[test]
fn own_records_that_are_damaged_are_named_or_at_least_counted_in_full() {
    let home = Home::new();
    let lane = home.lane();
    append(&lane, 0..6);
    let path = home.segment();
    let mut bytes = std::fs::read(&path).unwrap();
    let place = |item: u64| bytes.len() - (item..6).map(size).sum::<usize>();
    let (payload_of_1, head_of_4) = (place(2) - 1, place(4) + 5);
    bytes[payload_of_1] ^= 1;
    bytes[head_of_4] ^= 1;
    // In place: the lane has it open.
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().write_all(&bytes).unwrap();
    assert_eq!(drain(&lane, 2), [0, 2, 3, 5]);
    let losses = lane.take_lost();
    assert_eq!(losses[0], Lost { item: Some(1), count: 2, inherited: false, why: Why::Corrupt });
    assert_eq!((lost(&losses, Why::Corrupt), losses[1].item), (4, None));
    assert_eq!(lane.pending(), Pending::default());
}

#[test]
fn a_length_of_four_gigabytes_is_damage() {
    let (home, mut bytes) = killed(0..3);
    let head = bytes.len() - size(1) - size(2);
    bytes[head + 4..head + 8].fill(0xFF);
    rewrite(&home.segment(), bytes);
    let (read, losses) = all_of(&home.lane());
    assert_eq!((read, lost(&losses, Why::Corrupt)), (vec![0, 2], 1));
}

#[test]
fn a_segment_inside_a_damaged_record_is_not_taken_for_part_of_the_one_around_it() {
    let (_inner, foreign) = killed(0..40);
    let home = Home::new();
    let lane = home.lane();
    let new = |item, bytes| NewRecord { item, time: START, count: 1, bytes };
    lane.append(CONTEXT, &[new(1, b""), new(2, &foreign), new(3, b"")]).unwrap();
    let crashed = home.after_crash();
    let path = crashed.segment();
    let mut bytes = std::fs::read(&path).unwrap();
    let head_of_2 = bytes.len() - 44 - foreign.len() - 44;
    bytes[head_of_2] ^= 1;
    rewrite(&path, bytes);
    let lane = crashed.lane();
    let mut read = Vec::new();
    while let Some(batch) = lane.next(10, usize::MAX) {
        read.extend(batch.records.iter().map(|r| r.item));
        lane.acknowledge(&batch);
    }
    assert_eq!((read, lost(&lane.take_lost(), Why::Corrupt)), (vec![1, 3], 1));
}

#[test]
fn garbage_of_any_kind_is_set_aside_and_removed_once_over_age() {
    let home = Home::new();
    append(&home.lane(), 0..1);
    rewrite(&home.segment(), vec![0xB5; 300_000]);
    let lane = home.lane();
    assert!(lane.next(1, 0).is_none());
    assert_eq!(lane.take_lost(), [Lost { item: None, count: 1, inherited: true, why: Why::Corrupt }]);
    assert!(home.said.text().contains("does not begin like a segment"), "{}", home.said.text());
    drop(lane);
    let lane = home.lane();
    assert_eq!((lane.take_lost(), home.files(".corrupt").len()), (vec![], 1), "kept, and not told again");
    home.clock.advance(home.options.max_age);
    assert_eq!((lane.take_lost(), home.files(".corrupt").len()), (vec![], 0));
    drop(lane);
    assert!(home.processes().is_empty());
}

#[test]
fn a_segment_removed_by_hand_is_counted_as_lost() {
    let home = Home::new();
    let options = SpoolOptions { segment_bytes: 1, ..home.options.clone() };
    let home = Home { options, ..home };
    let lane = home.lane();
    append(&lane, 0..2);
    append(&lane, 2..4);
    std::fs::remove_file(&home.files(".seg")[0]).unwrap();
    assert_eq!(drain(&lane, 9), [2, 3]);
    assert_eq!(lost(&lane.take_lost(), Why::Corrupt), 3);
}

#[test]
fn an_own_file_cut_short_by_hand_loses_what_was_cut() {
    let home = Home::new();
    let lane = home.lane();
    append(&lane, 0..4);
    cut(&home.segment(), size(3) + 10);
    assert_eq!(drain(&lane, 9), [0, 1]);
    assert_eq!(lost(&lane.take_lost(), Why::Corrupt), u64::from(count(2) + count(3)));
    append(&lane, 4..6);
    assert_eq!(drain(&lane, 9), [4, 5]);
}

fn cut(path: &Path, by: usize) {
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(file.metadata().unwrap().len() - by as u64).unwrap();
}
