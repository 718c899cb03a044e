//! The spool keeps to its bytes and drops what is over age.

use crate::support::*;
use obs_export::SpoolOptions;
use obs_export::spool::{Lane, Lost, NewRecord, Pending, Why};
use std::io::ErrorKind;
use std::time::Duration;

fn home(max_bytes: u64, segment_bytes: u64) -> Home {
    let home = Home::new();
    Home { options: SpoolOptions { max_bytes, segment_bytes, ..home.options.clone() }, ..home }
}

/// Appends one record of so many bytes on disk, its head included.
fn append_sized(lane: &Lane, item: u64, size: usize) -> std::io::Result<()> {
    let bytes = vec![7; size - 44];
    lane.append(b"", &[NewRecord { item, time: START, count: 2, bytes: &bytes }]).map(drop)
}

/// The sizes of all segments.
fn on_disk(home: &Home) -> u64 {
    home.files(".seg").iter().map(|path| path.metadata().unwrap().len()).sum()
}

fn waiting(lane: &Lane) -> Vec<u64> {
    let mut all = Vec::new();
    while let Some(batch) = lane.next(100, usize::MAX) {
        all.extend(batch.records.iter().map(|r| r.item));
        lane.acknowledge(&batch);
    }
    all
}

#[test]
fn the_oldest_segments_of_the_lane_make_room_and_each_record_is_named() {
    let home = home(10_000, 2_000);
    let spool = home.open();
    let lane = spool.lane("a").unwrap();
    for item in 0..40 {
        append_sized(&lane, item, 500).unwrap();
        assert!(spool.bytes() <= 10_000 && spool.bytes() == on_disk(&home));
    }
    let losses = lane.take_lost();
    let named: Vec<u64> = losses.iter().map(|l| l.item.unwrap()).collect();
    assert!(losses.iter().all(|l| l.count == 2 && !l.inherited && l.why == Why::Expired));
    assert_eq!(named, (0..named.len() as u64).collect::<Vec<_>>());
    assert!((20..28).contains(&named.len()), "no more than it takes: {}", named.len());
    assert_eq!(waiting(&lane), (named.len() as u64..40).collect::<Vec<_>>());
}

#[test]
fn files_as_large_as_the_budget_would_cost_too_much_at_once_so_they_are_smaller() {
    let home = home(10_000, 8 << 20);
    let lane = home.lane();
    for item in 0..40 {
        append_sized(&lane, item, 500).unwrap();
        assert!(item < 13 || lane.pending().records >= 13, "{item}: {:?}", lane.pending());
    }
}

#[test]
fn a_lane_with_only_its_open_segment_gives_that_one_up() {
    let home = home(10_000, 2_000);
    let lane = home.lane();
    append_sized(&lane, 0, 6_000).unwrap();
    append_sized(&lane, 1, 6_000).unwrap();
    assert_eq!(lane.take_lost().iter().map(|l| l.item).collect::<Vec<_>>(), [Some(0)]);
    assert_eq!(waiting(&lane), [1]);
}

#[test]
fn what_can_never_fit_costs_nothing_else() {
    let home = home(10_000, 2_000);
    let lane = home.lane();
    append_sized(&lane, 0, 500).unwrap();
    assert_eq!(append_sized(&lane, 1, 10_000).unwrap_err().kind(), ErrorKind::StorageFull);
    assert_eq!((lane.take_lost(), waiting(&lane)), (vec![], vec![0]));
}

#[test]
fn a_lane_never_drops_what_is_in_another_one() {
    let home = home(10_000, 2_000);
    let spool = home.open();
    let (large, small) = (spool.lane("large").unwrap(), spool.lane("small").unwrap());
    append_sized(&small, 0, 500).unwrap();
    (0..8).for_each(|item| append_sized(&large, item, 1_000).unwrap());
    let error = append_sized(&small, 1, 3_000).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StorageFull);
    assert!(error.to_string().contains("in use by other lanes"), "{error}");
    assert_eq!((large.take_lost(), small.take_lost()), (vec![], vec![]));
    assert_eq!((waiting(&small), waiting(&large)), (vec![0], (0..8).collect()));
}

#[test]
fn an_inheritance_that_is_too_large_is_cut_down_at_once() {
    let home = home(20_000, 2_000);
    let lane = home.lane();
    (0..30).for_each(|item| append_sized(&lane, item, 500).unwrap());
    drop(lane);
    let home = Home { options: SpoolOptions { max_bytes: 6_000, ..home.options.clone() }, ..home };
    let lane = home.lane();
    assert!(on_disk(&home) <= 6_000);
    let losses = lane.take_lost();
    assert_eq!(losses.len(), 1, "summed up, since they are nobody's of this process: {losses:?}");
    assert!(losses[0].inherited && losses[0].item.is_none() && losses[0].why == Why::Expired);
    let left = waiting(&lane);
    assert_eq!(left, (losses[0].count / 2..30).collect::<Vec<_>>());
    assert!(left.len() >= 8);
}

#[test]
fn records_over_age_are_not_handed_out_but_named() {
    let home = Home::new();
    let lane = home.lane();
    let age = home.options.max_age;
    append_at(&lane, CONTEXT, 0..3, START);
    append_at(&lane, CONTEXT, 3..5, START + 10_000_000_000);
    home.clock.advance(age.saturating_sub(Duration::from_secs(1)));
    assert_eq!(lane.next(9, usize::MAX).unwrap().records.len(), 5, "exactly at its age it is still good");
    home.clock.advance(Duration::from_nanos(1));
    assert_eq!(numbers(&lane.next(9, usize::MAX).unwrap()), [3, 4]);
    let losses = lane.take_lost();
    let expired =
        |item| Lost { item: Some(item), count: count(item).into(), inherited: false, why: Why::Expired };
    assert_eq!(losses, [expired(0), expired(1), expired(2)]);
    assert_eq!(drain(&lane, 9), [3, 4]);
}

#[test]
fn records_over_age_go_even_if_nobody_reads() {
    let home = Home::new();
    let lane = home.lane();
    append_at(&lane, b"a", 0..3, START);
    append_at(&lane, b"b", 3..5, START);
    assert_eq!(lane.take_lost(), []);
    home.clock.advance(home.options.max_age);
    assert_eq!(lost(&lane.take_lost(), Why::Expired), (0..5).map(|i| u64::from(count(i))).sum::<u64>());
    assert_eq!((lane.pending(), home.files(".seg").len()), (Pending::default(), 0));
    append_at(&lane, b"b", 5..6, home.clock.now());
    assert_eq!(drain(&lane, 9), [5]);
}

#[test]
fn an_acknowledgement_of_what_was_dropped_meanwhile_is_harmless() {
    let home = home(10_000, 2_000);
    let lane = home.lane();
    let appended = append(&lane, 0..5);
    let batch = lane.next(9, usize::MAX).unwrap();
    (5..25).for_each(|item| append_sized(&lane, item, 1_000).unwrap());
    assert!(!lane.acknowledge(&batch) && !lane.acknowledge_appended(&appended));
    assert_eq!(waiting(&lane).last(), Some(&24));
}

#[test]
fn what_is_delivered_frees_its_bytes() {
    let home = home(10_000, 2_000);
    let spool = home.open();
    let lane = spool.lane("a").unwrap();
    for item in 0..200 {
        append_sized(&lane, item, 600).unwrap();
        assert_eq!(waiting(&lane), [item]);
        assert!(spool.bytes() <= 2_500, "one open segment: {}", spool.bytes());
    }
    assert_eq!(lane.take_lost(), []);
    drop(lane);
    assert_eq!(spool.bytes(), 0);
}

#[test]
fn contexts_and_records_that_are_too_long_are_refused() {
    let home = Home::new();
    let lane = home.lane();
    let (long, longer) = (vec![0; 64 << 10], vec![0; (64 << 10) + 1]);
    let new = NewRecord { item: 0, time: START, count: 1, bytes: b"" };
    let error = lane.append(&longer, &[new]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(error.to_string(), "spool: a context of 65537 bytes; at most 65536 are accepted");
    let huge = vec![0; (64 << 20) + 1];
    let error = lane.append(b"", &[NewRecord { bytes: &huge, ..new }]).unwrap_err();
    assert_eq!(error.to_string(), "spool: a record of 67108865 bytes; at most 67108864 are accepted");
    lane.append(&long, &[new]).unwrap();
    drop(lane);
    assert_eq!(home.lane().next(1, 0).unwrap().context.len(), long.len());
}
