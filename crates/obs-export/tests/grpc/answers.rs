//! What a status means.

use crate::support::*;
use obs_core::{DropReason, Secret};
use obs_export::grpc::{GrpcOptions, LOGS, METRICS, TRACES};
use obs_export::otlp::OtlpClient;
use obs_export::{Cause, Outcome, Record};
use obs_testing::otlp::Signal;
use obs_testing::{GrpcReply, OtlpGrpcServer};
use std::time::Duration;

/// What stands for one span.
const ONE: Record<'_> = Record { bytes: b"", count: 1 };

#[test]
fn every_signal_has_its_service() {
    let server = OtlpGrpcServer::start().unwrap();
    for (path, signal) in [(TRACES, Signal::Traces), (METRICS, Signal::Metrics), (LOGS, Signal::Logs)] {
        let to = server.url().parse().unwrap();
        let client = OtlpClient::grpc(&to, path, "items", &patient()).unwrap();
        assert_eq!(client.send(b"", &[ONE]), Outcome::Delivered);
        assert_eq!(server.calls().last().unwrap().signal, signal);
    }
}

/// CORE-08: a status is what the table "Failures" of the OTLP specification says.
#[test]
fn each_status_has_its_outcome() {
    let server = OtlpGrpcServer::start().unwrap();
    let client = client(&server.url(), &patient());
    for (code, name, cause) in [
        (1, "CANCELLED", Cause::Closed),
        (4, "DEADLINE_EXCEEDED", Cause::Timeout),
        (5, "NOT_FOUND", Cause::Path),
        (7, "PERMISSION_DENIED", Cause::Credentials),
        (8, "RESOURCE_EXHAUSTED", Cause::Throttled),
        (10, "ABORTED", Cause::Server),
        (11, "OUT_OF_RANGE", Cause::Server),
        (12, "UNIMPLEMENTED", Cause::Path),
        (14, "UNAVAILABLE", Cause::Server),
        (15, "DATA_LOSS", Cause::Server),
        (16, "UNAUTHENTICATED", Cause::Credentials),
    ] {
        server.script([GrpcReply::status(code, "because")]);
        let (found, after, message) = retry(client.call(&message(&["run"])));
        assert_eq!((found, after), (cause, None), "{message}");
        assert!(message.starts_with(&format!("{}/: {name}: ", server.url())), "{message}");
        assert!(message.ends_with(" (because)"), "{message}");
    }
    for (code, name) in
        [(2, "UNKNOWN"), (3, "INVALID_ARGUMENT"), (9, "FAILED_PRECONDITION"), (13, "INTERNAL")]
    {
        server.script([GrpcReply::status(code, "because")]);
        let answer = client.call(&message(&["run"]));
        let Err(Outcome::Refused { reason: DropReason::Refused, message }) = answer else {
            panic!("{answer:?}")
        };
        assert!(message.contains(&format!(": {name}: ")), "{message}");
    }
    assert_eq!(client.call(&message(&["run"])), Ok(vec![]), "the connection is as good as before");
}

#[test]
fn the_wait_of_a_retry_info_reaches_the_engine() {
    let server = OtlpGrpcServer::start().unwrap();
    let client = client(&server.url(), &patient());
    for (code, wait) in [(8, Duration::from_millis(1500)), (14, Duration::from_secs(90)), (8, Duration::ZERO)]
    {
        server.script([GrpcReply::retry_after(code, "slow down", wait)]);
        let (cause, after, message) = retry(client.call(&message(&["run"])));
        assert_eq!((cause, after), (Cause::Throttled, Some(wait)), "{message}");
    }
    server.script([GrpcReply::Status { code: 8, message: String::new(), details: vec![0xff; 300] }]);
    assert_eq!(retry(client.call(&message(&["run"]))).1, None, "details that are none are ignored");
}

#[test]
fn a_partial_success_is_judged_as_over_http() {
    let server = OtlpGrpcServer::start().unwrap();
    let client = OtlpClient::grpc(&server.url().parse().unwrap(), TRACES, "spans", &patient()).unwrap();
    server.reject(Signal::Traces, 1, "too\nold");
    let Outcome::Short { refused, reason, message } = client.send(&message(&["run", "load"]), &[ONE, ONE])
    else {
        panic!("a partial success")
    };
    assert_eq!((refused, reason), (1, DropReason::Refused));
    assert_eq!(message, "1 of 2 spans rejected: too old");
    server.reject(Signal::Traces, 0, "only a warning");
    assert_eq!(client.send(&message_of_one(), &[ONE]), Outcome::Delivered);
    assert_eq!(client.endpoint().to_string(), format!("{}/", server.url()));
}

fn message_of_one() -> Vec<u8> {
    message(&["run"])
}

/// A batch over the 4 MiB that gRPC servers accept is split instead of lost.
#[test]
fn a_message_that_is_too_large_for_either_side_is_told_apart() {
    let server = OtlpGrpcServer::start().unwrap();
    let large = message(&[&"x".repeat(5 << 20)]);
    let answer = client(&server.url(), &patient()).call(&large);
    let Err(Outcome::TooLarge { message }) = answer else { panic!("{answer:?}") };
    assert!(message.ends_with(&format!("{} bytes, accepted are 4194304", large.len())), "{message}");
    assert_eq!(server.calls(), [], "nothing was sent");
    for gzip in [true, false] {
        let generous = GrpcOptions { max_message_bytes: 8 << 20, gzip, ..patient() };
        let answer = client(&server.url(), &generous).call(&large);
        let Err(Outcome::TooLarge { message }) = answer else { panic!("{answer:?}") };
        assert!(message.contains(": the batch is too large (Error"), "{message}");
    }
    server.script([GrpcReply::status(8, "grpc: received message larger than max (5000000 vs. 4194304)")]);
    assert!(matches!(call(&server.url(), &patient()), Err(Outcome::TooLarge { .. })));
}

#[test]
fn an_answer_over_its_limit_is_no_answer() {
    let server = OtlpGrpcServer::start().unwrap();
    server.reject(Signal::Traces, 0, &"x".repeat(1 << 20));
    let (cause, _, message) = retry(call(&server.url(), &patient()));
    assert_eq!(cause, Cause::Protocol);
    assert!(message.contains("accepted are 65536"), "{message}");
}

/// SEC-07
#[test]
fn a_status_that_repeats_the_credentials_is_quoted_without_them() {
    let server = OtlpGrpcServer::start().unwrap();
    let headers = vec![("x-token".to_owned(), Secret::new("Bearer t0psecret"))];
    let url = server.url().replace("http://", "http://me:s3cret@");
    let client = client(&url, &GrpcOptions { headers, ..patient() });
    let said = "\ntoken t0psecret of me:s3cret (bWU6czNjcmV0) is not known\nsecond line";
    server.script([GrpcReply::status(16, said), GrpcReply::status(3, &"long ".repeat(1000))]);
    let (_, _, shown) = retry(client.call(&message(&["run"])));
    for secret in ["t0psecret", "s3cret", "bWU6czNjcmV0", "second line"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let answer = client.call(&message(&["run"]));
    let Err(Outcome::Refused { message, .. }) = answer else { panic!("{answer:?}") };
    assert!(message.len() < 300, "{message}");
}
