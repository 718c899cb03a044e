//! Panics in a process of their own: the test runs itself again as a child.

use super::*;
use crate::{LogOutput, span};
use obs_testing::{LokiServer, Reply};
use serde_json::Value;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};
use std::time::Duration;

const URL: &str = "OBS_TEST_PANIC_URL";
const SIGABRT: i32 = 6;

/// The child: a thread panics in a span, in a program that aborts on panics.
fn panic_and_abort(url: String) {
    install_for(true);
    let ours = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        ours(info);
        std::process::abort();
    }));
    let builder = crate::builder("acm-batch").logs(LogOutput::None).silent().loki(url);
    let _telemetry = builder.signal_deadline(Duration::from_secs(1)).init().unwrap();
    let work = || {
        let _span = span!(crate::tracer(), "fit.pca");
        panic!("sensor 7 is on fire");
    };
    let _ = thread::Builder::new().name("fitter".to_owned()).spawn(work).unwrap().join();
}

/// Runs `test` again as a child, which ends by aborting.
fn aborted(test: &str, loki: &LokiServer) -> Output {
    let program = std::env::current_exe().unwrap();
    let mut child = Command::new(program);
    let output = child.args(["--exact", test, "--nocapture"]).env(URL, loki.url()).output().unwrap();
    assert_eq!(output.status.signal(), Some(SIGABRT), "{output:?}");
    output
}

/// No guard is dropped when a panic aborts: the hook delivers, and the hook that was there before still speaks.
#[test]
fn a_panic_that_aborts_is_recorded_and_delivered_first() {
    if let Ok(url) = std::env::var(URL) {
        return panic_and_abort(url);
    }
    let loki = LokiServer::start().unwrap();
    let output = aborted("panics::tests::a_panic_that_aborts_is_recorded_and_delivered_first", &loki);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("sensor 7 is on fire"), "{told}");
    let lines = loki.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let line: Value = serde_json::from_str(&lines[0].line).unwrap();
    assert_eq!((&line["level"], &line["logger"]), (&"CRITICAL".into(), &"obs.panic".into()));
    assert_eq!((&line["error.type"], &line["thread.name"]), (&"panic".into(), &"fitter".into()));
    assert_eq!(line["error.message"], "sensor 7 is on fire");
    assert!(line["code.file.path"].as_str().is_some_and(|path| path.ends_with("tests.rs")), "{line}");
    let message = line["message"].as_str().unwrap();
    assert!(
        message.starts_with("thread `fitter` panicked at ") && message.ends_with(": sensor 7 is on fire")
    );
}

#[test]
fn a_panic_that_aborts_waits_for_a_server_that_hangs_no_longer_than_the_deadline() {
    if let Ok(url) = std::env::var(URL) {
        return panic_and_abort(url);
    }
    let loki = LokiServer::start().unwrap();
    loki.http().script(std::iter::repeat_n(Reply::Hang, 20));
    let test = "panics::tests::a_panic_that_aborts_waits_for_a_server_that_hangs_no_longer_than_the_deadline";
    let clock = obs_core::Clock::system();
    let start = clock.now();
    let output = aborted(test, &loki);
    let took = Duration::from_nanos(clock.now() - start);
    assert!(took < Duration::from_secs(4), "{took:?}");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("obs: shutdown: panic: ") && told.contains("log: 1 created, 1 dropped"), "{told}");
}
