//! What no answer, half an answer and no HTTP mean; and that each ends in time.

use crate::server::*;
use obs_core::Clock;
use obs_export::http::Endpoint;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::channel;
use std::time::Duration;

/// A request that takes longer than this is not ended by the timeout of [`impatient`].
const SOON: Duration = Duration::from_secs(10);

#[test]
fn nobody_listening_is_connection_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let to: Endpoint = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let message = retry_message(post(&to));
    assert_eq!(message, format!("{to}: connection refused: does anything listen there?"));
}

#[test]
fn a_host_without_an_address_is_dns() {
    let to: Endpoint = "http://no-such-host.invalid:4318".parse().unwrap();
    let message = retry_message(post(&to));
    assert!(message.starts_with("http://no-such-host.invalid:4318/: DNS: "), "{message}");
}

#[test]
fn a_server_that_never_answers_is_left_in_time() {
    // It reads the request and then waits for the client to go away.
    let server = Server::with(|stream| drop(stream.read(&mut [0])));
    let clock = Clock::system();
    let start = clock.now();
    let message = retry_message(post_with(&impatient(), &server.endpoint()));
    assert!(message.contains(": timeout: "), "{message}");
    assert!(clock.now() - start < SOON.as_nanos() as u64);
}

/// Writes `first`, then a byte now and then for as long as the client stays.
fn dripping(first: &'static str) -> Server {
    Server::with(move |stream| {
        let _ = stream.write_all(first.as_bytes());
        // The pace is the server's nature here; nothing waits for it.
        let (_never, pace) = channel::<()>();
        while stream.write_all(b"x").is_ok() {
            let _ = pace.recv_timeout(Duration::from_millis(20));
        }
    })
}

#[test]
fn a_header_that_drips_is_left_in_time() {
    let clock = Clock::system();
    let start = clock.now();
    let message = retry_message(post_with(&impatient(), &dripping("HTTP/1.1 200 OK\r\nX-").endpoint()));
    assert!(message.contains(": timeout: "), "{message}");
    assert!(clock.now() - start < SOON.as_nanos() as u64);
}

#[test]
fn a_body_that_drips_is_left_in_time_and_its_status_counts() {
    let clock = Clock::system();
    let start = clock.now();
    let ok = dripping("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    assert_eq!(post_with(&impatient(), &ok.endpoint()).unwrap().status, 200);
    let refused = dripping("HTTP/1.1 400 Bad\r\nContent-Length: 100000\r\n\r\n");
    assert!(refusal(post_with(&impatient(), &refused.endpoint())).contains(": 400: "));
    assert!(clock.now() - start < SOON.as_nanos() as u64);
}

#[test]
fn garbage_is_no_http() {
    for garbage in
        ["\x16\x03\x01 not http at all\r\n\r\n", "SSH-2.0-OpenSSH_9.9\r\n\r\n", "HTTP/9.9 what\r\n\r\n"]
    {
        let message = retry_message(Server::answering(garbage).post());
        assert!(message.contains("the answer is not HTTP"), "{message}");
    }
}

#[test]
fn a_header_without_end_is_no_http_and_takes_no_memory() {
    let server = Server::with(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        while stream.write_all(b"X-More: and more and more and more\r\n").is_ok() {}
    });
    let message = retry_message(server.post());
    assert!(message.contains("not HTTP"), "{message}");
}

#[test]
fn a_connection_closed_before_the_answer_says_so() {
    for partial in ["", "HTTP/1.1 200 OK\r\nContent-Le"] {
        let message = retry_message(Server::answering(partial).post());
        assert!(message.contains("the connection was closed before the answer"), "{message}");
    }
}

#[test]
fn plain_text_where_tls_was_expected_is_tls() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = server.accept().unwrap();
        let _ = stream.read(&mut [0; 512]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\nno TLS here, please\r\n");
    });
    let to: Endpoint = format!("https://{address}/").parse().unwrap();
    let message = retry_message(post(&to));
    assert!(message.contains(": TLS: "), "{message}");
    thread.join().unwrap();
}
