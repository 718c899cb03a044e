//! Who may call: any thread, within any runtime or none, while being dropped too.

use crate::support::*;
use obs_export::Cause;
use obs_export::grpc::GrpcClient;
use obs_testing::{GrpcReply, OtlpGrpcServer};
use std::thread;
use tokio::runtime::{Builder, Runtime};

/// Calls when it is dropped, as a guard at the end of a program does, and drops the client with it.
struct CallsInDrop(GrpcClient);

impl Drop for CallsInDrop {
    fn drop(&mut self) {
        assert_eq!(self.0.call(&message(&["dropped"])), Ok(vec![]));
    }
}

/// Makes, uses and drops clients on this thread.
fn use_here(server: &OtlpGrpcServer) {
    let made = client(&server.url(), &patient());
    assert_eq!(made.call(&message(&["called"])), Ok(vec![]));
    drop(CallsInDrop(made));
}

fn runtimes() -> Vec<Runtime> {
    let multi = |threads| Builder::new_multi_thread().worker_threads(threads).enable_all().build().unwrap();
    vec![Builder::new_current_thread().enable_all().build().unwrap(), multi(1), multi(2)]
}

/// TRC-07
#[test]
fn calls_work_inside_every_runtime_and_outside() {
    let server = OtlpGrpcServer::start().unwrap();
    use_here(&server);
    for runtime in runtimes() {
        runtime.block_on(async { use_here(&server) });
        let url = server.url();
        let task = async move {
            let made = client(&url, &patient());
            assert_eq!(made.call(&message(&["spawned"])), Ok(vec![]));
            CallsInDrop(made)
        };
        drop(runtime.block_on(runtime.spawn(task)).unwrap());
    }
    assert_eq!(server.seen().spans.len(), 2 + 3 * 4);
}

#[test]
fn calls_work_in_a_panic_that_unwinds() {
    let server = OtlpGrpcServer::start().unwrap();
    let url = server.url();
    let panicked = thread::spawn(move || {
        let _guard = CallsInDrop(client(&url, &patient()));
        std::panic::resume_unwind(Box::new("without a message"));
    });
    assert!(panicked.join().is_err());
    assert_eq!(server.seen().spans.len(), 1);
}

#[test]
fn a_call_that_waits_does_not_keep_another() {
    let server = OtlpGrpcServer::start().unwrap();
    let shared = client(&server.url(), &patient());
    server.script([GrpcReply::Hang]);
    thread::scope(|scope| {
        let hung = scope.spawn(|| retry(shared.call(&message(&["hung"]))).0);
        assert!(server.wait_for_calls(|calls| calls.len() == 1, PATIENCE));
        let quick: Vec<_> = (0..4).map(|_| scope.spawn(|| shared.call(&message(&["quick"])))).collect();
        for thread in quick {
            assert_eq!(thread.join().unwrap(), Ok(vec![]));
        }
        assert_eq!(server.seen().spans.len(), 4);
        // Ends the call that hangs.
        drop(server);
        assert_eq!(hung.join().unwrap(), Cause::Closed);
    });
}
