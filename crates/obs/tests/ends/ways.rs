//! However a process ends, what was recorded arrives if somebody takes it, and nobody waits longer than agreed if not.

use crate::process::{Ended, Servers};
use obs::obs_core::Clock;
use std::thread;
use std::time::Duration;

/// How a process ends: by itself with a code, or by a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Code(i32),
    Signal(i32),
}

const WAYS: [(&str, End); 8] = [
    ("no tokio", End::Code(0)),
    ("current_thread", End::Code(0)),
    ("multi_thread(1)", End::Code(0)),
    ("multi_thread(4)", End::Code(0)),
    ("inside Drop", End::Code(0)),
    ("inside panic", End::Code(101)),
    ("SIGTERM", End::Signal(libc::SIGTERM)),
    ("SIGINT", End::Signal(libc::SIGINT)),
];

/// More than any delivery takes on a busy machine.
const GENEROUS: Duration = Duration::from_secs(30);
const TIGHT: Duration = Duration::from_millis(1500);
const SLACK: Duration = Duration::from_secs(1);

/// Runs one way against these servers; returns how it ended and how long that took.
fn run(servers: &Servers, way: &str, end: End, deadline: Duration) -> (Ended, Duration) {
    let running = servers.run(way, deadline);
    let clock = Clock::system();
    let start;
    let ended = if let End::Signal(signal) = end {
        let running = running.ready();
        start = clock.now();
        running.send(signal);
        running.end()
    } else {
        start = clock.now();
        running.end()
    };
    let seen = ended.code.map(End::Code).or(ended.signal.map(End::Signal));
    assert_eq!(seen, Some(end), "{way}: {ended:?}");
    // By itself it says how long it waited, without start and recording.
    let took = ended.report["took_ms"].as_u64().map(Duration::from_millis);
    (ended, took.unwrap_or_else(|| Duration::from_nanos(clock.now() - start)))
}

fn answered(way: &str, end: End) {
    let servers = Servers::start();
    let (ended, _) = run(&servers, way, end, GENEROUS);
    assert_eq!(servers.otlp.spans().len(), 3, "{way}: {ended:?}");
    let metrics = servers.otlp.metrics();
    for name in ["acm_batches", "acm_stage_duration_seconds"] {
        assert!(
            metrics.iter().any(|seen| seen.metric.name.trim_end_matches("_total") == name),
            "{way}: {name}"
        );
    }
    let mut messages = servers.messages();
    if way == "inside panic" {
        let panicked = messages.pop().unwrap();
        assert!(panicked.ends_with("sensor 7 is on fire"), "{panicked}");
    }
    assert_eq!(messages, ["fitted 0", "fitted 1", "fitted 2"], "{way}: {ended:?}");
    let samples: usize = servers.pyroscope.profiles().iter().map(|p| p.samples().unwrap().len()).sum();
    assert!(samples > 0, "{way}: {ended:?}");
    match end {
        End::Code(_) => assert_eq!(ended.report["clean"], true, "{way}: {ended:?}"),
        // Nobody sees the report of a signal; what is not clean is told.
        End::Signal(_) => assert_eq!(ended.stderr, "", "{way}"),
    }
}

fn hung(way: &str, end: End) {
    let servers = Servers::start();
    servers.hang();
    let (ended, took) = run(&servers, way, end, TIGHT);
    assert!(took < TIGHT + SLACK, "{way}: {took:?}, {ended:?}");
    let (balanced, text) = match end {
        End::Code(_) => (ended.report["balanced"] == true, ended.report["text"].to_string()),
        End::Signal(_) => (!ended.stderr.contains("in flight"), ended.stderr),
    };
    assert!(balanced, "{way}: {text}");
    let lines = if way == "inside panic" { 4 } else { 3 };
    for account in
        [format!("log: {lines} created, {lines} dropped"), "trace: 3 created, 3 dropped".to_owned()]
    {
        assert!(text.contains(&account), "{way}: {text}");
    }
}

/// TRC-07, MET-02: a process of some milliseconds, each signal, each way to end, with servers that answer and with servers
/// that never do.
#[test]
fn everything_arrives_or_the_process_ends_by_the_deadline_with_accounts_that_add_up() {
    // One after the other where results need the processor, side by side where they wait.
    thread::scope(|scope| {
        for (way, end) in WAYS {
            scope.spawn(move || hung(way, end));
        }
        for (way, end) in WAYS {
            answered(way, end);
        }
    });
}

/// What the caller does not ask for is still told.
#[test]
fn a_guard_that_drops_says_what_it_could_not_deliver() {
    let servers = Servers::start();
    let quiet = servers.run("dropped", GENEROUS).end();
    assert_eq!((quiet.code, quiet.stderr.as_str()), (Some(0), ""));
    for http in [servers.otlp.http(), servers.loki.http()] {
        http.script(std::iter::repeat_n(obs_testing::Reply::status(400), 9));
    }
    let told = servers.run("dropped", GENEROUS).end();
    assert_eq!(told.code, Some(0), "{told:?}");
    let line = told.stderr.lines().find(|line| line.starts_with("obs: shutdown: the guard dropped: "));
    assert!(line.is_some_and(|line| line.contains("trace: 3 created, 3 dropped (refused 3)")), "{told:?}");
}
