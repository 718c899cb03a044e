//! Processes in which telemetry starts more than once, or shares the signals with their host.

use crate::{Orders, builder, forks, record, wait_for_end};
use signal_hook::consts::SIGTERM;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) fn run(way: &str, orders: &Orders) {
    match way {
        "second life" => {
            drop(builder(orders).init().unwrap());
            let telemetry = builder(orders).init().unwrap();
            record();
            wait_for_end(&telemetry);
        }
        "after the end" => {
            let telemetry = builder(orders).init().unwrap();
            // A thread takes its name, and leaves the list, a moment after others know of it.
            until(|| threads().iter().any(|name| name == "obs-signals"));
            assert!(telemetry.shutdown(orders.deadline).is_clean());
            until(|| threads().iter().all(|name| name != "obs-signals"));
            wait_for_end(&());
        }
        "left alone" => {
            let telemetry = builder(orders).handle_signals(false).init().unwrap();
            record();
            wait_for_end(&telemetry);
        }
        "no destination" => {
            // Nothing is named in the environment.
            let telemetry = builder(orders).init().unwrap();
            assert!(threads().iter().all(|name| !name.starts_with("obs-")), "{:?}", threads());
            wait_for_end(&telemetry);
        }
        "host's handler" => host(orders),
        "panics" => panics(orders),
        "fork" => forks::run(orders),
        other => panic!("`{other}` is no way to end"),
    }
}

/// A host that stops its work on SIGTERM and ends with success.
fn host(orders: &Orders) {
    let asked = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(SIGTERM, Arc::clone(&asked)).unwrap();
    let telemetry = builder(orders).init().unwrap();
    println!("ready");
    while !asked.load(Ordering::SeqCst) {
        std::thread::yield_now();
    }
    record();
    orders.shut_down(telemetry);
}

/// One panic before, between and after three lives, and one in the last.
fn panics(orders: &Orders) {
    let panic = |message: &'static str| {
        let thread = std::thread::spawn(move || panic!("{message}"));
        assert!(thread.join().is_err());
    };
    panic("before");
    drop(builder(orders).init().unwrap());
    drop(builder(orders).init().unwrap());
    panic("between");
    let telemetry = builder(orders).init().unwrap();
    panic("during");
    orders.shut_down(telemetry);
    panic("after");
}

fn until(holds: impl Fn() -> bool) {
    while !holds() {
        std::thread::yield_now();
    }
}

/// The names of this process's threads.
fn threads() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let name = |task: std::io::Result<std::fs::DirEntry>| {
        std::fs::read_to_string(task.ok()?.path().join("comm")).ok()
    };
    tasks.filter_map(name).map(|name| name.trim().to_owned()).collect()
}
