//! SIGTERM and SIGINT, and who handles them.

use crate::process::{Servers, run};
use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(30);

/// Whoever does not want to wait for the delivery need not.
#[test]
fn a_second_sigint_ends_the_process_at_once() {
    let servers = Servers::start();
    servers.hang();
    let clock = obs::obs_core::Clock::system();
    let mut running = servers.run("SIGINT", Duration::from_mins(1)).ready();
    let start = clock.now();
    while !running.has_ended() {
        // Two in one moment are one.
        running.send(libc::SIGINT);
        std::thread::yield_now();
    }
    let took = Duration::from_nanos(clock.now() - start);
    assert!(took < Duration::from_secs(20), "{took:?}");
    assert_eq!(running.end().signal, Some(libc::SIGINT));
}

/// The program would wait for a minute; whoever sent the signal would not.
#[test]
fn sigterm_cuts_a_shutdown_short_that_is_under_way() {
    let servers = Servers::start();
    servers.hang();
    let clock = obs::obs_core::Clock::system();
    let running = servers.run("during shutdown", Duration::from_secs(1)).ready();
    let start = clock.now();
    running.send(libc::SIGTERM);
    let ended = running.end();
    let took = Duration::from_nanos(clock.now() - start);
    assert_eq!(ended.signal, Some(libc::SIGTERM), "{ended:?}");
    assert!(took < Duration::from_secs(3), "{took:?}");
    let told = ended.stderr.lines().find(|line| line.starts_with("obs: shutdown: SIGTERM: "));
    assert!(told.is_some_and(|line| line.contains("log: 3 created, 3 dropped")), "{ended:?}");
}

#[test]
fn a_second_life_in_the_same_process_delivers_on_sigterm_too() {
    let servers = Servers::start();
    let running = servers.run("second life", DEADLINE).ready();
    running.send(libc::SIGTERM);
    let ended = running.end();
    assert_eq!((ended.signal, ended.stderr.as_str()), (Some(libc::SIGTERM), ""), "{ended:?}");
    assert_eq!((servers.otlp.spans().len(), servers.loki.lines().len()), (3, 3));
}

#[test]
fn after_the_telemetry_ended_signals_end_the_process_as_before() {
    for signal in [libc::SIGTERM, libc::SIGINT] {
        let running = Servers::start().run("after the end", DEADLINE).ready();
        running.send(signal);
        let ended = running.end();
        assert_eq!(ended.signal, Some(signal), "{ended:?}");
    }
}

#[test]
fn a_program_that_says_so_keeps_its_signals() {
    let servers = Servers::start();
    servers.hang();
    let running = servers.run("left alone", DEADLINE).ready();
    running.send(libc::SIGTERM);
    let ended = running.end();
    assert_eq!((ended.signal, ended.stderr.as_str()), (Some(libc::SIGTERM), ""), "{ended:?}");
}

/// A host that ends in its own way has the telemetry until it says so itself.
#[test]
fn a_handler_of_the_host_is_kept_and_nothing_ends_before_it_says_so() {
    let servers = Servers::start();
    let running = servers.run("host's handler", DEADLINE).ready();
    running.send(libc::SIGTERM);
    let ended = running.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.report["clean"], true, "{ended:?}");
    assert_eq!(servers.loki.lines().len(), 3, "what came after the signal");
}

/// Nothing to deliver: no thread, no handler.
#[test]
fn without_a_destination_no_signal_is_handled() {
    let running = run("no destination", DEADLINE, &[]).ready();
    running.send(libc::SIGTERM);
    let ended = running.end();
    assert_eq!((ended.signal, ended.stderr.as_str()), (Some(libc::SIGTERM), ""), "{ended:?}");
}
