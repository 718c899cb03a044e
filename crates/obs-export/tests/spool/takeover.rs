//! What a process leaves behind goes to the next one of its service, once.

use crate::support::*;
use obs_core::{Clock, Diag};
use obs_export::spool::{Pending, Spool};
use std::collections::BTreeSet;
use std::sync::{Arc, Barrier};
use std::time::Duration;

#[test]
fn inherited_records_come_before_own_ones_oldest_process_first() {
    let home = Home::new();
    let first = home.lane();
    append(&first, 0..3);
    let second = home.lane();
    append(&second, 3..5);
    home.clock.advance(SECOND);
    append_at(&first, b"later", 5..7, START);
    drop((second, first));
    let third = home.lane();
    append(&third, 7..9);
    assert_eq!(drain(&third, 2), (0..3).chain(3..5).chain(5..7).chain(7..9).collect::<Vec<_>>());
    append(&third, 9..10);
    assert!(!third.next(1, 0).unwrap().records[0].inherited);
}

#[test]
fn an_order_once_set_stays_even_if_the_clock_is_set_back() {
    let home = Home::new();
    append(&home.lane(), 0..2);
    let earlier = Home { clock: Clock::manual(START / 2), ..home };
    let lane = earlier.lane();
    append(&lane, 2..4);
    drop(lane);
    assert_eq!(drain(&earlier.lane(), 9), [0, 1, 2, 3]);
}

#[test]
fn a_living_process_keeps_what_it_has() {
    let home = Home::new();
    let (first, second) = (home.lane(), home.lane());
    append(&first, 0..3);
    let third = home.lane();
    assert_eq!((second.pending(), third.pending()), (Pending::default(), Pending::default()));
    assert_eq!(drain(&first, 9), [0, 1, 2]);
}

#[test]
fn each_lane_takes_over_its_own_and_the_emptied_folder_goes() {
    let home = Home::new();
    let dead = home.open();
    append(&dead.lane("a/x").unwrap(), 0..2);
    append(&dead.lane("b").unwrap(), 2..4);
    drop(dead);
    let spool = home.open();
    assert_eq!(drain(&spool.lane("b").unwrap(), 9), [2, 3]);
    assert_eq!(home.processes().len(), 2, "lane a/x is left");
    let lane = spool.lane("a/x").unwrap();
    assert_eq!(home.processes().len(), 1);
    assert_eq!(drain(&lane, 9), [0, 1]);
}

#[test]
fn services_do_not_touch_each_other() {
    let home = Home::new();
    append(&home.lane(), 0..2);
    let other =
        Spool::open(home.options.clone(), "svc/other", Clock::manual(START), Diag::default()).unwrap();
    assert_eq!(Arc::new(other).lane("log/loki").unwrap().pending(), Pending::default());
}

#[test]
fn the_folder_of_a_process_with_nothing_left_is_removed() {
    let home = Home::new();
    let lane = home.lane();
    append(&lane, 0..5);
    assert_eq!(drain(&lane, 2).len(), 5);
    drop(lane);
    assert!(home.processes().is_empty());
    drop(home.lane());
    assert!(home.processes().is_empty(), "nor does one stay that was never used");
}

#[test]
fn the_remains_of_processes_that_died_early_are_removed() {
    let home = Home::new();
    let service = home.dir.path().join("svc");
    for (folder, locked) in
        [("1-2-0000000a", true), (".new-1-2-0000000b", true), (".new-1-2-0000000c", false)]
    {
        let lane = service.join(folder).join("log-loki");
        std::fs::create_dir_all(&lane).unwrap();
        if locked {
            std::fs::write(service.join(folder).join(".lock"), "").unwrap();
        }
        // Killed between making a segment and writing to it.
        std::fs::write(lane.join("00000000000000000007-0000000a-0000000000.seg"), "").unwrap();
    }
    let lane = home.lane();
    assert_eq!((home.processes().len(), lane.take_lost()), (1, vec![]));
}

#[test]
fn a_segment_that_was_through_when_its_process_died_is_removed_and_stands_in_nobodys_way() {
    let home = Home::new();
    let lane = home.lane();
    lane.acknowledge_appended(&append(&lane, 0..2));
    let crashed = home.after_crash();
    let next = crashed.lane();
    assert!(crashed.files(".seg").is_empty());
    assert!(next.acknowledge_appended(&append(&next, 2..3)));
}

#[test]
fn files_that_are_not_ours_are_left_alone() {
    let home = Home::new();
    let dead = home.lane();
    append(&dead, 0..1);
    let theirs = home.segment().parent().unwrap().join("notes.seg");
    drop(dead);
    let service = home.dir.path().join("svc");
    let others =
        [home.dir.path().join("a.seg"), service.join("b"), service.join("backup").join("x.seg"), theirs];
    std::fs::create_dir(service.join("backup")).unwrap();
    for path in &others {
        std::fs::write(path, "x").unwrap();
    }
    let link = others[3].with_file_name("00000000000000000007-0000000a-0000000000.seg");
    std::os::unix::fs::symlink(&others[0], &link).unwrap();
    drop(home.lane().next(1, 0));
    assert!(others.iter().all(|path| path.exists()));
    assert_eq!(std::fs::read_link(&link).unwrap(), others[0]);
}

#[test]
fn a_segment_of_a_later_version_stays_for_one() {
    let home = Home::new();
    append(&home.lane(), 0..1);
    let path = home.segment();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[8] = 2;
    std::fs::write(&path, &bytes).unwrap();
    let lane = home.lane();
    assert_eq!((lane.pending(), lane.take_lost()), (Pending::default(), vec![]));
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    assert!(home.said.text().contains("later version"), "{}", home.said.text());
}

#[test]
fn lanes_without_a_process_are_cleared_once_over_age() {
    let home = Home::new();
    let dead = home.open();
    let lane = dead.lane("gone").unwrap();
    append(&lane, 0..2);
    home.clock.advance(home.options.max_age / 2);
    append_at(&lane, b"fresh", 2..3, home.clock.now());
    drop((lane, dead));
    home.clock.advance(home.options.max_age / 2 + Duration::from_secs(1));
    let lane = home.lane();
    assert_eq!((lane.take_lost(), home.files(".seg").len()), (vec![], 1), "the fresh one stays");
    let said = home.said.text();
    assert!(said.contains("removed 1 files over age, 3 items in them"), "{said}");
}

#[test]
fn processes_that_start_at_once_share_out_what_is_left_without_loss_or_double() {
    for round in 0..25_u64 {
        let home = Home::new();
        let dead: Vec<_> = (0..3).map(|_| home.lane()).collect();
        dead.iter().zip(0..).for_each(|(lane, i)| {
            append_at(lane, b"a", i * 10..i * 10 + 5, START);
            append_at(lane, b"b", i * 10 + 5..i * 10 + 10, START);
        });
        drop(dead);
        let (start, opened) = (Barrier::new(4), Barrier::new(4));
        let taken: Vec<Vec<u64>> = std::thread::scope(|scope| {
            let run = |n: usize| {
                let (home, start, opened) = (&home, &start, &opened);
                scope.spawn(move || {
                    start.wait();
                    let mut spools = Vec::new();
                    // Some come and go meanwhile.
                    (0..n).for_each(|_| drop(home.open()));
                    let lane = home.lane();
                    spools.push(home.open());
                    opened.wait();
                    drain(&lane, 7)
                })
            };
            let threads: Vec<_> = (0..4).map(run).collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        let all: BTreeSet<u64> = taken.iter().flatten().copied().collect();
        let total: usize = taken.iter().map(Vec::len).sum();
        // A folder whose lock a passer-by held for a moment is left for the next process.
        let late = drain(&home.lane(), 100);
        assert_eq!(all.len(), total, "round {round}: twice");
        assert_eq!(total + late.len(), 30, "round {round}");
        assert!(all.iter().chain(&late).collect::<BTreeSet<_>>().len() == 30, "round {round}");
        assert!(home.processes().is_empty(), "round {round}: {:?}", home.processes());
    }
}
