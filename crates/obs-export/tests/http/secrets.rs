//! Credentials of every kind on every way to fail: none is ever shown.

use crate::authority::Authority;
use crate::server::*;
use crate::tls_server::TlsServer;
use obs_core::Secret;
use obs_export::Outcome;
use obs_export::http::{Endpoint, HttpClient, HttpOptions, Request};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

/// One value of each kind; none is a part of another.
const HEADER: &str = "header-5ecret";
const BEARER: &str = "b3arer-t0ken";
const TENANT: &str = "tenant-plant-9";
const PASSWORD: &str = "passw0rd-of-me";
const QUERY: &str = "query-k3y";
/// `me:passw0rd-of-me`, as basic authentication has it.
const BASIC: &str = "bWU6cGFzc3cwcmQtb2YtbWU";

fn options() -> HttpOptions {
    HttpOptions::default().with_header("X-Key", Secret::new(HEADER)).with_tenant(Secret::new(TENANT))
}

/// The options of each way to authenticate: the URL's user and password alone, or a bearer's token that outranks them.
fn each() -> [HttpOptions; 2] {
    [options(), options().with_bearer(&Secret::new(BEARER))]
}

/// What is said of a request that fails, in every form.
fn said(scheme: &str, address: &str, options: &HttpOptions) -> String {
    let to: Endpoint = format!("{scheme}://me:{PASSWORD}@{address}/push?key={QUERY}").parse().unwrap();
    let client = HttpClient::new(options).unwrap();
    let body = b"0123456789".repeat(200);
    let request = Request { to: &to, content_type: "text/plain", gzip: true, headers: &[], body: &body };
    let result = client.post(&request);
    let Err(
        Outcome::Retry { message, .. } | Outcome::TooLarge { message } | Outcome::Refused { message, .. },
    ) = &result
    else {
        panic!("it was meant to fail: {result:?}")
    };
    format!("{to} {to:?} {message} {result:?} {options:?} {client:?} {request:?}")
}

/// Fails where what is said of a failure at `address` has a credential in it.
fn assert_quiet(scheme: &str, address: &str) {
    for options in each() {
        assert_clean(&said(scheme, address, &options));
    }
}

fn assert_clean(said: &str) {
    for secret in [HEADER, BEARER, TENANT, PASSWORD, QUERY, BASIC] {
        assert!(!said.contains(secret), "{secret} in {said}");
    }
}

/// SEC-07
#[test]
fn no_status_shows_credentials_even_when_the_answer_repeats_the_request() {
    for (options, own) in
        each().into_iter().zip([format!("me:{PASSWORD} ({BASIC}==)"), format!("Bearer {BEARER}")])
    {
        let echo = format!("X-Key: {HEADER}, tenant {TENANT}, {own}, ?key={QUERY}, {QUERY}");
        for status in [301, 308, 400, 401, 403, 404, 405, 407, 408, 413, 415, 422, 429, 500, 503] {
            let location = format!("Location: http://me:{PASSWORD}@elsewhere/?key={QUERY}\r\n");
            let server = Server::status(status, &location, &echo);
            assert_clean(&said("http", &server.address.to_string(), &options));
            // Everything was sent, so there was something to hide.
            let head = server.received.recv().unwrap().head;
            for secret in [HEADER, TENANT, QUERY] {
                assert!(head.contains(secret), "{secret} in {head}");
            }
            assert!(head.contains(BASIC) != head.contains(BEARER), "{head}");
        }
    }
}

/// A server that answers what should be TLS with a text.
fn without_tls() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.read(&mut [0; 512]);
            let _ = stream.write_all(b"no TLS here, please\r\n");
        }
    });
    address
}

/// SEC-07
#[test]
fn no_failed_connection_shows_credentials() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().to_string()
    };
    assert_quiet("http", &closed);
    for answer in ["", "HTTP/1.1 200 OK\r\nContent-Le", "SSH-2.0-OpenSSH_9.9\r\n\r\n"] {
        let server = Server::answering(answer);
        assert_quiet("http", &server.address.to_string());
    }
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    for options in each() {
        let soon = Duration::from_millis(200);
        let options = HttpOptions { connect_timeout: soon, ..options.with_timeout(soon) };
        assert_clean(&said("http", "no-such-host.invalid:4318", &options));
        assert_clean(&said("http", &silent.local_addr().unwrap().to_string(), &options));
    }
    assert_quiet("https", &without_tls());
    let tls = TlsServer::new(&Authority::new("plant").identity(&["other.example"]), None);
    assert_quiet("https", &tls.address.to_string());
}

/// SEC-07
#[test]
fn no_refused_option_shows_credentials() {
    for options in [
        options().with_header("X-Other", Secret::new(format!("{HEADER}\n"))),
        options().with_header("bad name", Secret::new(HEADER)),
        options().with_header("Content-Length", Secret::new(HEADER)),
        options().with_bearer(&Secret::new(format!("{BEARER}\r\n"))),
        options().with_tenant(Secret::new(format!("{TENANT}\u{1}"))),
    ] {
        let error = HttpClient::new(&options).unwrap_err();
        assert_clean(&format!("{error} {error:?} {options:?}"));
    }
}
