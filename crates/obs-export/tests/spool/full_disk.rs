//! An append that the disk has no room for leaves nothing behind.
//!
//! The test runs itself again under a limit of file size, which the kernel enforces as it does a full disk: it writes
//! what fits, and then refuses.

use crate::support::*;
use obs_export::spool::NewRecord;
use std::process::Command;

const CHILD: &str = "OBS_TEST_SPOOL_UNDER_LIMIT";

#[test]
fn an_append_that_does_not_fit_on_the_disk_is_all_or_nothing() {
    if std::env::var_os(CHILD).is_some() {
        return under_limit();
    }
    // 64 blocks of 512 bytes. The signal that comes with the limit is ignored, so that the write fails instead.
    let script = "trap '' XFSZ; ulimit -f 64; exec \"$0\" --exact \"$1\"";
    let name = "full_disk::an_append_that_does_not_fit_on_the_disk_is_all_or_nothing";
    let mut child = Command::new("sh");
    child.args(["-c", script]).arg(std::env::current_exe().unwrap()).arg(name).env(CHILD, "1");
    let output = child.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

fn under_limit() {
    let home = Home::new();
    let spool = home.open();
    let lane = spool.lane("log/loki").unwrap();
    append(&lane, 0..3);
    let before = (spool.bytes(), std::fs::read(home.segment()).unwrap(), lane.pending());
    let large = vec![1; 20_000];
    let new = |item| NewRecord { item, time: START, count: 1, bytes: &large };
    let error = lane.append(CONTEXT, &[new(3), new(4)]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::FileTooLarge);
    assert_eq!(before, (spool.bytes(), std::fs::read(home.segment()).unwrap(), lane.pending()));
    append(&lane, 3..5);
    drop((lane, spool));
    let lane = home.lane();
    assert_eq!((drain(&lane, 9), lane.take_lost()), (vec![0, 1, 2, 3, 4], vec![]));
}
