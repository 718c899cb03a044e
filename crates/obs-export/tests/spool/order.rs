//! Records come back as they were appended, oldest first, until they are acknowledged.

use crate::support::*;
use obs_export::spool::{NewRecord, Pending};

#[test]
fn records_come_back_in_order_after_the_process_is_gone() {
    let home = Home::new();
    let lane = home.lane();
    append(&lane, 0..10);
    append(&lane, 10..25);
    let here: Vec<u64> = lane.next(100, usize::MAX).iter().flat_map(numbers).collect();
    assert_eq!(here, (0..25).collect::<Vec<_>>());
    drop(lane);
    let lane = home.lane();
    let batch = lane.next(100, usize::MAX).unwrap();
    assert!(batch.records.iter().all(|r| r.inherited && r.time == START));
    assert_eq!(&*batch.context, CONTEXT);
    assert_eq!(numbers(&batch), (0..25).collect::<Vec<_>>());
}

#[test]
fn a_batch_stays_until_it_is_acknowledged_and_keeps_to_its_bounds() {
    let home = Home::new();
    let lane = home.lane();
    append(&lane, 0..10);
    let batch = lane.next(3, usize::MAX).unwrap();
    assert_eq!(numbers(&batch), [0, 1, 2]);
    assert_eq!(numbers(&lane.next(3, usize::MAX).unwrap()), [0, 1, 2]);
    assert!(lane.acknowledge(&batch));
    assert!(!lane.acknowledge(&batch), "once is enough");
    let size = payload(3).len() + payload(4).len();
    assert_eq!(numbers(&lane.next(10, size).unwrap()), [3, 4]);
    assert_eq!(numbers(&lane.next(10, 0).unwrap()), [3], "one at least");
    assert_eq!(numbers(&lane.next(0, 10_000).unwrap()), [3], "one at least");
}

#[test]
fn an_acknowledgement_outlives_the_process() {
    let home = Home::new();
    let lane = home.lane();
    append(&lane, 0..10);
    for _ in 0..3 {
        assert!(lane.acknowledge(&lane.next(2, usize::MAX).unwrap()));
        let crashed = home.after_crash();
        let rest = drain(&crashed.lane(), 4);
        assert_eq!(rest.first(), lane.next(1, 0).map(|b| b.records[0].item).as_ref());
    }
    drop(lane);
    assert_eq!(drain(&home.lane(), 100), [6, 7, 8, 9]);
    assert_eq!(home.lane().pending(), Pending::default());
}

#[test]
fn a_batch_has_one_context() {
    let home = Home::new();
    let lane = home.lane();
    append_at(&lane, b"a", 0..2, START);
    append_at(&lane, b"b", 2..4, START);
    append_at(&lane, b"a", 4..5, START);
    append_at(&lane, b"", 5..6, START);
    let mut seen = Vec::new();
    while let Some(batch) = lane.next(100, usize::MAX) {
        seen.push((batch.context.to_vec(), numbers(&batch)));
        lane.acknowledge(&batch);
    }
    let expected: [(&[u8], &[u64]); 4] = [(b"a", &[0, 1]), (b"b", &[2, 3]), (b"a", &[4]), (b"", &[5])];
    assert_eq!(seen, expected.map(|(c, n)| (c.to_vec(), n.to_vec())));
}

#[test]
fn what_was_appended_can_be_acknowledged_without_reading_it() {
    let home = Home::new();
    let lane = home.lane();
    let first = append(&lane, 0..3);
    let second = append(&lane, 3..6);
    assert!(!lane.acknowledge_appended(&second), "older records wait");
    assert!(lane.acknowledge_appended(&first));
    assert!(!lane.acknowledge_appended(&first));
    // Some of it was read and acknowledged before.
    assert!(lane.acknowledge(&lane.next(1, 0).unwrap()));
    assert!(lane.acknowledge_appended(&second));
    assert_eq!(lane.pending(), Pending::default());
    assert!(!lane.acknowledge_appended(&append(&lane, 0..0)), "nothing was appended");
    append(&lane, 6..7);
    assert!(!lane.acknowledge_appended(&second), "it never moves back");
    assert_eq!(drain(&lane, 9), [6]);
}

#[test]
fn pending_says_what_waits() {
    let home = Home::new();
    let lane = home.lane();
    append_at(&lane, b"a", 0..2, 70);
    append_at(&lane, b"b", 2..3, 80);
    let pending = lane.pending();
    assert_eq!((pending.records, pending.items, pending.oldest), (3, 6, Some(70)));
    assert_eq!(pending.bytes, (3 * 44 + (0..3).map(|i| payload(i).len()).sum::<usize>()) as u64);
    let waiting = home.after_crash();
    let inherited = waiting.lane();
    assert_eq!(inherited.pending(), pending, "the same in the next process");
}

#[test]
fn large_records_and_empty_ones_are_as_good_as_any() {
    let home = Home::new();
    let lane = home.lane();
    let large: Vec<u8> = (0..1_500_000_u32).map(|i| (i.wrapping_mul(i) >> 7) as u8).collect();
    let new = |item, bytes| NewRecord { item, time: START, count: 1, bytes };
    lane.append(b"", &[new(0, b""), new(1, &large), new(2, b"")]).unwrap();
    drop(lane);
    let batch = home.lane().next(10, usize::MAX).unwrap();
    let read: Vec<&[u8]> = batch.records.iter().map(|r| &*r.bytes).collect();
    assert_eq!(read, [b"", &*large, b""]);
}

#[test]
fn one_thread_appends_while_another_one_reads() {
    let home = Home::new();
    let options = obs_export::SpoolOptions { segment_bytes: 2_000, ..home.options.clone() };
    let home = Home { options, ..home };
    let lane = home.lane();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for i in 0..200 {
                append(&lane, i * 5..i * 5 + 5);
            }
        });
        let mut next = 0;
        while next < 1000 {
            let Some(batch) = lane.next(7, usize::MAX) else {
                std::thread::yield_now();
                continue;
            };
            assert_eq!(numbers(&batch), (next..next + batch.records.len() as u64).collect::<Vec<_>>());
            next += batch.records.len() as u64;
            assert!(lane.acknowledge(&batch));
        }
    });
    assert_eq!(lane.pending().records, 0);
    lane.sync().unwrap();
}
