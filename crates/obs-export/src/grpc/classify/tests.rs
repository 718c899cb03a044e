//! Tests of `classify`.

use super::*;
use std::time::Duration;

fn to() -> Endpoint {
    "http://me:s3cret@c:4317".parse().unwrap()
}

fn outcome(code: u32, message: &str, retry: Option<Duration>) -> Outcome {
    status(&to(), &Status { code, message: message.to_owned(), retry }, message)
}

#[test]
fn each_code_has_one_meaning() {
    let causes = [
        (Cause::Closed, vec![1]),
        (Cause::Timeout, vec![4]),
        (Cause::Server, vec![10, 11, 14, 15]),
        (Cause::Throttled, vec![8]),
        (Cause::Credentials, vec![7, 16]),
        (Cause::Path, vec![5, 12]),
    ];
    for (cause, code) in
        causes.into_iter().flat_map(|(cause, codes)| codes.into_iter().map(move |c| (cause, c)))
    {
        let Outcome::Retry { cause: found, after, message } = outcome(code, "because", None) else {
            panic!("{code}")
        };
        assert_eq!((found, after), (cause, None), "{code}");
        let start = format!("http://c:4317/: {}: ", NAMES[code as usize]);
        assert!(message.starts_with(&start) && message.ends_with(" (because)"), "{message}");
    }
    for code in [2, 3, 6, 9, 13, 17, u32::MAX] {
        let outcome = outcome(code, "because", None);
        let Outcome::Refused { reason: DropReason::Refused, message } = outcome else { panic!("{code}") };
        assert!(message.ends_with(" (because)"), "{message}");
    }
}

#[test]
fn a_wait_that_is_asked_for_is_throttling_and_reaches_the_engine() {
    let wait = Some(Duration::from_secs(3));
    for code in [8, 14] {
        let Outcome::Retry { cause, after, .. } = outcome(code, "", wait) else { panic!("{code}") };
        assert_eq!((cause, after), (Cause::Throttled, wait), "{code}");
    }
}

#[test]
fn the_message_says_what_to_look_at() {
    let Outcome::Retry { message, .. } = outcome(12, "", None) else { panic!("retry") };
    assert_eq!(message, "http://c:4317/: UNIMPLEMENTED: does it take this signal over OTLP/gRPC?");
}

#[test]
fn a_message_over_the_limit_of_the_server_is_told_apart() {
    for (code, words) in [
        (8, "grpc: received message larger than max (5000000 vs. 4194304)"),
        (8, "SERVER: Received message larger than max (5000000 vs. 4194304)"),
        (8, "gRPC message exceeds maximum size 4194304: 5000000"),
        (8, "Error decompressing: size limit, of 4194304 bytes, exceeded while decompressing message"),
        (11, "Error, decoded message length too large: found 5000000 bytes, the limit is: 4194304 bytes"),
    ] {
        let outcome = outcome(code, words, None);
        assert!(matches!(outcome, Outcome::TooLarge { .. }), "{outcome:?}");
    }
    assert!(matches!(outcome(8, "quota", None), Outcome::Retry { .. }));
    assert!(matches!(outcome(13, "larger than max", None), Outcome::Refused { .. }));
}

#[test]
fn errors_of_the_connection_keep_their_class() {
    for (error, cause) in [
        (io::ErrorKind::ConnectionRefused, Cause::Connect),
        (io::ErrorKind::ConnectionReset, Cause::Closed),
        (io::ErrorKind::TimedOut, Cause::Timeout),
    ] {
        assert_eq!(Trouble::io(&to(), &error.into()).cause, cause);
    }
    assert_eq!(Trouble::http2(&to(), &Reason::FRAME_SIZE_ERROR.into()).cause, Cause::Protocol);
}
