//! A program that logs at full speed to a Loki that is not there, and says how much of it is on disk, until it is
//! killed: the test in this folder does that. Not an example to follow.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "part of a test")]

use obs::{LogOutput, Telemetry};
use std::io::Write;

const LINES: u64 = 100_000;

fn main() {
    let spool = std::env::args().nth(1).expect("the folder of the spool");
    let telemetry = obs::builder("crash")
        .logs(LogOutput::None)
        .loki("http://127.0.0.1:1")
        .spool(spool)
        .handle_signals(false)
        .silent()
        .build_isolated()
        .unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| tell(&telemetry));
        let log = telemetry.logger("crash.test");
        for n in 0..LINES {
            // Important lines wait for the disk when the queue is full, so that a gap cannot be one of the counted kind.
            obs::log::error!(log, "a line like any other, long enough to be one"; "n" => n);
        }
    });
}

/// Writes to standard output how many lines are on disk, eight bytes at a time, whenever there are more.
fn tell(telemetry: &Telemetry) {
    let (mut told, mut out) = (0, std::io::stdout());
    loop {
        let log = telemetry.ledger().log;
        let spooled = log.destinations.get("loki").map_or(0, |loki| loki.spooled);
        if spooled > told {
            told = spooled;
            // Nobody listens any longer: so be it.
            let _ = out.write_all(&told.to_le_bytes()).and_then(|()| out.flush());
        }
        std::thread::yield_now();
    }
}
