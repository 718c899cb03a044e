//! What no answer, half an answer and no gRPC mean; and that each ends in time.

use crate::frames::*;
use crate::support::*;
use obs_core::Clock;
use obs_export::{Cause, Outcome};
use obs_testing::{Gate, GrpcReply, OtlpGrpcServer, OtlpServer};
use std::io::Write;
use std::net::TcpListener;
use std::sync::mpsc::channel;
use std::time::Duration;

/// A call that takes longer than this is not ended by the timeout of [`impatient`].
const SOON: Duration = Duration::from_secs(10);

/// An impatient call to `url` ends in time, and says that it did.
fn is_left_in_time(url: &str) {
    let clock = Clock::system();
    let start = clock.now();
    let (cause, _, message) = retry(call(url, &impatient()));
    assert_eq!(cause, Cause::Timeout, "{message}");
    assert!(message.starts_with(&format!("{url}/: timeout: ")), "{message}");
    assert!(clock.now() - start < SOON.as_nanos() as u64);
}

/// Cause and message of a patient call to `url`.
fn trouble(url: &str) -> (Cause, String) {
    let (cause, _, message) = retry(call(url, &patient()));
    assert!(message.starts_with(&format!("{url}/: ")) && message.lines().count() == 1, "{message}");
    (cause, message)
}

#[test]
fn nobody_listening_is_connection_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let refused = format!("{url}/: connection refused: does anything listen there?");
    assert_eq!(trouble(&url), (Cause::Connect, refused));
}

#[test]
fn a_host_without_an_address_is_dns() {
    let (cause, message) = trouble("http://no-such-host.invalid:4317");
    assert_eq!(cause, Cause::Dns);
    assert!(message.contains(": DNS: "), "{message}");
}

#[test]
fn a_server_that_says_nothing_is_left_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    is_left_in_time(&format!("http://{}", listener.local_addr().unwrap()));
    is_left_in_time(&format!("https://{}", listener.local_addr().unwrap()));
}

#[test]
fn an_answer_that_drips_or_has_no_end_is_left_in_time() {
    is_left_in_time(&sending(head()));
    is_left_in_time(&sending([head(), frame(DATA, 0, b"\0\0\0\0\x01x")].concat()));
    is_left_in_time(&answering(|stream| {
        let _ = stream.write_all(&[head(), frame(DATA, 0, &[0, 0, 0, 0xff, 0])].concat());
        // The pace is the server's nature here; nothing waits for it.
        let (_never, pace) = channel::<()>();
        while stream.write_all(&frame(DATA, 0, b"x")).is_ok() {
            let _ = pace.recv_timeout(Duration::from_millis(20));
        }
    }));
}

#[test]
fn after_a_silent_connection_the_next_call_makes_a_new_one() {
    let server = OtlpGrpcServer::start().unwrap();
    let client = client(&server.url(), &impatient());
    server.script([GrpcReply::Hang]);
    assert_eq!(retry(client.call(&message(&["run"]))).0, Cause::Timeout);
    // A busy machine may need more than the short timeout for one of them.
    let mut answers = (0..10).map(|_| client.call(&message(&["run"])));
    assert!(answers.any(|answer| answer == Ok(vec![])));
    assert!(server.connections() > 1);
}

#[test]
fn after_a_closed_connection_the_next_call_makes_a_new_one() {
    let server = OtlpGrpcServer::start().unwrap();
    let client = client(&server.url(), &patient());
    server.script([GrpcReply::Close]);
    let (cause, _, said) = retry(client.call(&message(&["run"])));
    assert_eq!(cause, Cause::Closed, "{said}");
    assert!(said.contains("the connection was closed before the answer"), "{said}");
    assert_eq!(client.call(&message(&["run"])), Ok(vec![]));
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_connection_that_the_server_winds_down_is_replaced() {
    let wind_down = frame(GO_AWAY, 0, &[0, 0, 0, 1, 0, 0, 0, 0]);
    let done = fields(&[(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "0")]);
    let answer = frame(HEADERS, END_HEADERS | END_STREAM, &done);
    let client = client(&sending([wind_down, answer].concat()), &patient());
    for _ in 0..3 {
        assert_eq!(client.call(&message(&["marker"])), Ok(vec![]));
    }
}

#[test]
fn a_late_answer_is_still_one() {
    let (server, gate) = (OtlpGrpcServer::start().unwrap(), Gate::default());
    server.script([GrpcReply::Late(gate.clone())]);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| call(&server.url(), &patient()));
        assert!(server.wait_for_calls(|calls| calls.len() == 1, SOON));
        assert!(!waiting.is_finished());
        gate.open();
        assert_eq!(waiting.join().unwrap(), Ok(vec![]));
    });
}

#[test]
fn an_endless_answer_takes_no_memory() {
    let message_of_a_gigabyte = frame(DATA, 0, &[0, 0x40, 0, 0, 0]);
    let (cause, message) = trouble(&sending([head(), message_of_a_gigabyte].concat()));
    assert_eq!(cause, Cause::Protocol);
    assert!(message.ends_with("its message has 1073741824 bytes, accepted are 65536"), "{message}");
}

#[test]
fn headers_without_end_are_no_grpc_and_take_no_memory() {
    let url = answering(|stream| {
        let more = fields(&[("x-more", "and more and more and more")]).repeat(100);
        let mut start = fields(&[(":status", "200")]);
        start.extend(&more);
        let _ = stream.write_all(&frame(HEADERS, 0, &start));
        while stream.write_all(&frame(CONTINUATION, 0, &more)).is_ok() {}
    });
    let (cause, message) = trouble(&url);
    assert!(matches!(cause, Cause::Protocol | Cause::Closed), "{message}");
}

#[test]
fn the_port_for_otlp_over_http_is_told_apart() {
    let server = OtlpServer::start().unwrap();
    let (cause, message) = trouble(&server.url());
    assert_eq!(cause, Cause::Protocol, "{message}");
    assert!(message.ends_with("is it the port for gRPC?"), "{message}");
}

#[test]
fn an_answer_of_something_in_between_counts_by_its_http_status() {
    let answer = |status, more: &[(&str, &str)]| {
        let pairs = [&[(":status", status)], more].concat();
        call(&sending(frame(HEADERS, END_HEADERS | END_STREAM, &fields(&pairs))), &patient())
    };
    for (status, cause) in
        [("401", Cause::Credentials), ("404", Cause::Path), ("429", Cause::Throttled), ("502", Cause::Server)]
    {
        let (found, _, message) = retry(answer(status, &[]));
        assert_eq!(found, cause, "{message}");
        assert!(message.contains(&format!("/: {status}: ")), "{message}");
    }
    let (_, after, _) = retry(answer("503", &[("retry-after", "7")]));
    assert_eq!(after, Some(Duration::from_secs(7)));
    assert!(matches!(answer("413", &[]), Err(Outcome::TooLarge { .. })));
    let (cause, _, message) = retry(answer("200", &[("content-type", "text/html")]));
    assert_eq!(cause, Cause::Protocol);
    assert!(message.contains("a page of a web server"), "{message}");
    let (cause, _, message) = retry(answer("200", &[("content-type", "application/grpc")]));
    assert_eq!(cause, Cause::Protocol);
    assert!(message.ends_with("it has no status"), "{message}");
}

#[test]
fn a_call_that_is_reset_keeps_its_reason() {
    for (code, cause) in [(7, Cause::Server), (8, Cause::Closed), (2, Cause::Closed), (11, Cause::Throttled)]
    {
        let (found, message) = trouble(&sending(frame(RESET, 0, &[0, 0, 0, code])));
        assert_eq!(found, cause, "{code}: {message}");
    }
    let (cause, message) = trouble(&sending(frame(GO_AWAY, 0, &[0, 0, 0, 0, 0, 0, 0, 2])));
    assert_eq!(cause, Cause::Closed, "{message}");
}

#[test]
fn garbage_is_no_grpc() {
    for garbage in [b"SSH-2.0-OpenSSH_9.9\r\n\r\n".to_vec(), vec![0xff; 64], frame(DATA, 0, b"early")] {
        let (cause, message) = trouble(&sending(garbage));
        assert_eq!(cause, Cause::Protocol, "{message}");
        assert!(message.contains("the answer is not gRPC"), "{message}");
    }
}
