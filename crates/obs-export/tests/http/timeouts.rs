//! The time of each part of a request, and answers that would take all the memory.

use crate::server::*;
use obs_core::Clock;
use obs_export::http::{HttpClient, HttpOptions, Request};
use obs_export::{Cause, Outcome};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::time::Duration;

/// Far longer than the part under test may take, far shorter than the whole request may.
const SOON: Duration = Duration::from_secs(8);
const SHORT: Duration = Duration::from_millis(200);

/// The message of a request that ran out of time, within less than the whole request may take.
fn late(client: &HttpClient, request: &Request<'_>) -> String {
    let clock = Clock::system();
    let start = clock.now();
    let outcome = client.post(request).unwrap_err();
    assert!(clock.now() - start < SOON.as_nanos() as u64);
    match outcome {
        Outcome::Retry { cause: Cause::Timeout, after: None, message } => message,
        other => panic!("expected a timeout, got {other:?}"),
    }
}

fn request<'a>(to: &'a obs_export::http::Endpoint, body: &'a [u8]) -> Request<'a> {
    Request { to, content_type: "text/plain", gzip: false, headers: &[], body }
}

fn patient_but(options: HttpOptions) -> HttpClient {
    HttpClient::new(&HttpOptions { timeout: Duration::from_secs(10), ..options }).unwrap()
}

#[test]
fn a_server_that_does_not_read_is_left_after_the_time_to_write() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let client = patient_but(HttpOptions { write_timeout: SHORT, ..HttpOptions::default() });
    // More than the buffers of both sockets hold; nobody accepts the connection from the queue.
    let body = vec![0; 32 << 20];
    assert!(late(&client, &request(&to, &body)).ends_with("the request could not be sent in time"));
}

#[test]
fn a_server_that_does_not_answer_is_left_after_the_time_to_read() {
    let server = Server::with(|stream| drop(stream.read(&mut [0])));
    let client = patient_but(HttpOptions { read_timeout: SHORT, ..HttpOptions::default() });
    let message = late(&client, &request(&server.endpoint(), b"x"));
    assert!(message.ends_with("timeout: no whole answer in time"), "{message}");
}

#[test]
fn a_head_that_drips_does_not_renew_the_time_to_read() {
    let server = Server::with(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nX-");
        let (_never, pace) = channel::<()>();
        while stream.write_all(b"x").is_ok() {
            let _ = pace.recv_timeout(Duration::from_millis(10));
        }
    });
    let client = patient_but(HttpOptions { read_timeout: SHORT, ..HttpOptions::default() });
    late(&client, &request(&server.endpoint(), b"x"));
}

#[test]
fn a_2xx_status_counts_although_its_body_is_late_cut_off_or_garbage() {
    let late = Server::with(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
        let _ = stream.read(&mut [0]);
    });
    let client = patient_but(HttpOptions { read_timeout: SHORT, ..HttpOptions::default() });
    let response = client.post(&request(&late.endpoint(), b"x")).unwrap();
    assert_eq!((response.status, response.body.as_slice()), (200, b"half".as_slice()));
    for (answer, body) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "half"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "half"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n", ""),
        ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nplop", "plop"),
    ] {
        let response = Server::answering(answer).post().unwrap();
        assert_eq!(String::from_utf8(response.body).unwrap(), body, "{answer}");
    }
}

/// Streams a body for as long as the client takes it, and says how much that was.
fn flood(stream: &mut TcpStream, chunked: bool) -> usize {
    let chunk = vec![b'x'; 1 << 16];
    let mut sent = 0;
    while sent < 1 << 30 {
        let framed = if chunked { [b"10000\r\n", &chunk[..], b"\r\n"].concat() } else { chunk.clone() };
        if stream.write_all(&framed).is_err() {
            break;
        }
        sent += chunk.len();
    }
    sent
}

#[test]
fn a_body_of_a_gigabyte_is_left_after_its_first_part() {
    for chunked in [false, true] {
        for status in [200, 400] {
            let (sender, sent) = channel();
            let server = Server::with(move |stream| {
                let length =
                    if chunked { "Transfer-Encoding: chunked" } else { "Content-Length: 1073741824" };
                let _ = write!(stream, "HTTP/1.1 {status} Whatever\r\n{length}\r\n\r\n");
                let _ = sender.send(flood(stream, chunked));
            });
            match server.post() {
                Ok(response) => assert_eq!((status, response.body.len()), (200, 64 << 10)),
                Err(Outcome::Refused { message, .. }) => assert!(status == 400 && message.len() < 400),
                other => panic!("{other:?}"),
            }
            let sent = sent.recv().unwrap();
            assert!(sent < 64 << 20, "the client reads on: {sent} bytes");
        }
    }
}
