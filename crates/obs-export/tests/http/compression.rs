//! How bodies are compressed, and what happens where they may not be.

use crate::server::*;
use flate2::read::GzDecoder;
use obs_export::http::{Compression, HttpClient, HttpOptions, Request, Response};
use obs_export::{Cause, Outcome};
use std::io::{Read, Write};
use std::time::Duration;

fn client(compression: Compression) -> HttpClient {
    HttpClient::new(&HttpOptions { compression, ..HttpOptions::default() }).unwrap()
}

fn send(client: &HttpClient, server: &Server, body: &[u8]) -> Result<Response, Outcome> {
    let to = server.endpoint();
    client.post(&Request { to: &to, content_type: "text/plain", gzip: true, headers: &[], body })
}

/// `Content-Encoding` of what arrived, if any, and what it decodes to.
fn decoded(received: Received) -> (Option<String>, Vec<u8>) {
    let head = received.head.to_ascii_lowercase();
    let encoding = head.lines().find_map(|l| l.strip_prefix("content-encoding: ").map(str::to_owned));
    let mut plain = Vec::new();
    match encoding.as_deref() {
        None => plain = received.body,
        Some("gzip") => drop(GzDecoder::new(&received.body[..]).read_to_end(&mut plain).unwrap()),
        Some("zstd") => plain = zstd::decode_all(&received.body[..]).unwrap(),
        Some(other) => panic!("{other}"),
    }
    (encoding, plain)
}

#[test]
fn a_long_body_is_compressed_as_the_options_say_and_a_short_one_never() {
    let server = Server::status(200, "", "");
    let (long, short) = (b"0123456789".repeat(1000), b"x".repeat(1 << 10));
    for (compression, expected) in
        [(Compression::None, None), (Compression::Gzip, Some("gzip")), (Compression::Zstd, Some("zstd"))]
    {
        let client = client(compression);
        for (body, expected) in [(&long, expected), (&short, None)] {
            assert_eq!(send(&client, &server, body).unwrap().status, 200);
            let received = server.received.recv().unwrap();
            assert!(expected.is_none() || received.body.len() < 200);
            assert_eq!(decoded(received), (expected.map(str::to_owned), body.clone()));
        }
    }
}

#[test]
fn an_endpoint_that_takes_no_compressed_bodies_gets_them_as_they_are_from_then_on() {
    let server = Server::with(move |stream| {
        let _ = stream.write_all(b"HTTP/1.1 415 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    });
    let (client, body) = (client(Compression::Zstd), b"0123456789".repeat(1000));
    let outcome = send(&client, &server, &body).unwrap_err();
    let message = format!("{}: 415: it does not take zstd: not compressed from now on", server.endpoint());
    let expected = Outcome::Retry { cause: Cause::Protocol, after: Some(Duration::ZERO), message };
    assert_eq!(outcome, expected);
    assert_eq!(decoded(server.received.recv().unwrap()).0.as_deref(), Some("zstd"));

    // It was not the compression after all: no endless retries.
    let outcome = send(&client.clone(), &server, &body).unwrap_err();
    assert!(matches!(outcome, Outcome::Refused { .. }), "{outcome:?}");
    assert_eq!(decoded(server.received.recv().unwrap()), (None, body.clone()));

    let other = Server::status(200, "", "");
    assert!(send(&client, &other, &body).is_ok());
    assert_eq!(
        decoded(other.received.recv().unwrap()).0.as_deref(),
        Some("zstd"),
        "each endpoint on its own"
    );
}
