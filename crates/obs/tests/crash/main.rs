//! A process is killed while it logs, and another one delivers what it left.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail their test")]

use obs::LogOutput;
use obs_testing::http::{HttpServer, Response};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const LINES: u64 = 100_000;
const LONG: Duration = Duration::from_mins(1);

/// The program of `child.rs`.
fn child() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().and_then(Path::parent).unwrap().join("examples/crash")
}

/// Lets a process log until `lines` of it are on disk, kills it, and returns how many it had said to be there.
fn killed(spool: &Path, lines: u64) -> u64 {
    let mut process = Command::new(child())
        .arg(spool)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = process.stdout.take().unwrap();
    let mut told = 0;
    let mut number = [0; 8];
    while told < lines && out.read_exact(&mut number).is_ok() {
        told = u64::from_le_bytes(number);
    }
    // SIGKILL: no destructor, no handler, no flush.
    process.kill().unwrap();
    process.wait().unwrap();
    let mut rest = Vec::new();
    out.read_to_end(&mut rest).unwrap();
    rest.chunks_exact(8).last().map_or(told, |last| u64::from_le_bytes(last.try_into().unwrap()))
}

/// The numbers of the lines in a push, in order.
fn numbers(body: &[u8]) -> Vec<u64> {
    let push = snap::raw::Decoder::new().decompress_vec(body).unwrap();
    let mark = b"\"n\":";
    let after = |at: usize| {
        let digits = push[at + mark.len()..].iter().take_while(|b| b.is_ascii_digit());
        digits.fold(0, |n, digit| n * 10 + u64::from(digit - b'0'))
    };
    push.windows(mark.len()).enumerate().filter(|(_, w)| w == mark).map(|(at, _)| after(at)).collect()
}

/// What a process delivers that finds this spool.
fn delivered(spool: &Path) -> Vec<u64> {
    let taken = Arc::new(Mutex::new(Vec::new()));
    let of_server = Arc::clone(&taken);
    let loki = HttpServer::start(move |request| {
        of_server.lock().unwrap().extend(numbers(&request.body));
        Response::new(204)
    })
    .unwrap();
    let telemetry = obs::builder("crash")
        .logs(LogOutput::None)
        .loki(loki.url())
        .spool(spool.to_str().unwrap())
        .silent()
        .build_isolated()
        .unwrap();
    let report = telemetry.shutdown(LONG);
    assert!(report.is_clean(), "{report}");
    let inherited = &report.signals.log.inherited;
    assert!(inherited.is_balanced() && inherited.spooled == 0, "{inherited:?}");
    drop(loki);
    let mut taken = taken.lock().unwrap();
    std::mem::take(&mut *taken)
}

fn kill_and_deliver(times: u64, seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    for _ in 0..times {
        let folder = tempfile::tempdir().unwrap();
        let acknowledged = killed(folder.path(), random.u64(1..LINES));
        let taken = delivered(folder.path());
        let mut sorted = taken.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert!(sorted.len() as u64 >= acknowledged, "{} of {acknowledged} arrived", sorted.len());
        // Numbers from 0 on: without a gap there are as many as the largest says.
        let largest = sorted.last().copied().unwrap();
        assert_eq!(sorted.len() as u64, largest + 1, "a gap before {largest}");
        assert!(taken.is_sorted(), "oldest first");
    }
}

// Two tests, so that two cores have something to do.

#[test]
fn what_was_acknowledged_before_a_kill_arrives_without_a_gap_in_a_hundred_kills() {
    kill_and_deliver(100, 1);
}

#[test]
fn what_was_acknowledged_before_a_kill_arrives_without_a_gap_in_a_hundred_more() {
    kill_and_deliver(100, 2);
}
