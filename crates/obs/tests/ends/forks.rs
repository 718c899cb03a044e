//! A process that forks while its telemetry is busy.
#![expect(unsafe_code, reason = "fork, waitpid, kill and alarm are C interfaces")]

use crate::{Orders, builder, wait_for_end};
use obs::{log, span};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

pub(crate) fn run(orders: &Orders) {
    let telemetry = builder(orders).init().unwrap();
    log::run!(obs::logger("acm.batch"), "parent");
    // Threads that are at the locks of the collector and the queues at any time.
    let stop = Arc::new(AtomicBool::new(false));
    let busy: Vec<_> = (0..2)
        .map(|_| {
            let stop = Arc::clone(&stop);
            thread::spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    drop(span!(obs::tracer(), "fit.pca"));
                    obs::tracer().flush();
                }
            })
        })
        .collect();
    let span = span!(obs::tracer(), "pipeline.run");
    let (tracer, logger) = (obs::tracer(), obs::logger("acm.batch"));

    let pid = fork();
    if pid == 0 {
        // What came with the fork is silent, and does not wait for threads that are not here.
        let clock = obs::obs_core::Clock::system();
        let start = clock.now();
        log::run!(logger, "child, by a logger of the parent");
        log::run!(obs::logger("acm.batch"), "child, before it starts its own");
        drop(span!(tracer, "fit.gmm"));
        drop(span);
        let flushed = telemetry.flush(orders.deadline);
        assert_eq!(flushed, obs::obs_export::FlushReport::default());
        drop(telemetry);
        let left_ms = (clock.now() - start) / 1_000_000;

        let own = builder(orders).init().unwrap();
        log::run!(obs::logger("acm.batch"), "child");
        drop(span!(obs::tracer(), "models.fit"));
        let report = own.shutdown(orders.deadline);
        orders.write(&json!({ "left_ms": left_ms, "clean": report.is_clean(), "text": report.to_string() }));
        exit(0);
    }
    assert_eq!(wait(pid), 0);

    // A child without telemetry of its own ends by SIGTERM as any process does.
    let pid = fork();
    if pid == 0 {
        wait_for_end(&());
    }
    // SAFETY: `pid` is a child of ours that was not waited for yet.
    assert_eq!(unsafe { libc::kill(pid, libc::SIGTERM) }, 0);
    let status = wait(pid);
    assert!(libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGTERM, "{status:x}");

    stop.store(true, Ordering::SeqCst);
    for thread in busy {
        thread.join().unwrap();
    }
    drop(span);
    let report = telemetry.shutdown(orders.deadline);
    assert!(report.signals.is_balanced(), "{report}");
}

fn fork() -> libc::pid_t {
    // SAFETY: the C library makes its own locks good in the child, memory allocation among them, and this program has none
    // that a thread of the parent could hold.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "no more processes");
    if pid == 0 {
        end_in_time();
    }
    pid
}

/// Lets SIGALRM end this process in a minute: a test must not wait for ever for one that hangs. Not inherited by children.
pub(crate) fn end_in_time() {
    // SAFETY: it needs nothing.
    unsafe { libc::alarm(60) };
}

/// How the child ended, as waitpid says it.
fn wait(pid: libc::pid_t) -> libc::c_int {
    let mut status = 0;
    // SAFETY: `status` is valid for the call.
    assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, 0) }, pid);
    status
}

/// Ends without the destructors of the parent's statics.
fn exit(code: libc::c_int) -> ! {
    // SAFETY: it does not return, and needs nothing.
    unsafe { libc::_exit(code) }
}
