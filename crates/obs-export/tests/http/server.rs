//! A server of one thread that reads a request and then does as the test says, byte by byte.

use obs_export::Outcome;
use obs_export::http::{Endpoint, HttpClient, HttpOptions, Request, Response};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// A request as it arrived.
pub(crate) struct Received {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) received: Receiver<Received>,
}

impl Server {
    /// Hands each request's connection to `answer`; the connection closes when that returns.
    pub(crate) fn with(mut answer: impl FnMut(&mut TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, received) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(request) = read_request(&mut stream) else { continue };
                if sender.send(request).is_err() {
                    return;
                }
                answer(&mut stream);
            }
        });
        Self { address, received }
    }

    /// Answers each request with these bytes and closes.
    pub(crate) fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::with(move |stream| {
            let _ = stream.write_all(&bytes);
        })
    }

    /// Answers each request with a status, headers (each ending in CRLF) and a body.
    pub(crate) fn status(status: u16, headers: &str, body: &str) -> Self {
        let length = body.len();
        Self::answering(format!(
            "HTTP/1.1 {status} Whatever\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
        ))
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        format!("http://{}/push", self.address).parse().unwrap()
    }

    /// Posts a short text here.
    pub(crate) fn post(&self) -> Result<Response, Outcome> {
        post(&self.endpoint())
    }
}

pub(crate) fn read_request(stream: &mut impl Read) -> Option<Received> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    let end = loop {
        let n = stream.read(&mut chunk).ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&chunk[..n]);
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break at + 4;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let length =
        head.lines().find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = bytes.split_off(end);
    while body.len() < length.unwrap_or(0) {
        let n = stream.read(&mut chunk).ok().filter(|n| *n > 0)?;
        body.extend_from_slice(&chunk[..n]);
    }
    Some(Received { head, body })
}

/// A client that is soon out of patience.
pub(crate) fn impatient() -> HttpClient {
    let short = Duration::from_secs(1);
    HttpClient::new(&HttpOptions { timeout: short, connect_timeout: short, ..HttpOptions::default() })
        .unwrap()
}

/// Posts a short text with default options.
pub(crate) fn post(to: &Endpoint) -> Result<Response, Outcome> {
    post_with(&HttpClient::new(&HttpOptions::default()).unwrap(), to)
}

/// Posts a short text.
pub(crate) fn post_with(client: &HttpClient, to: &Endpoint) -> Result<Response, Outcome> {
    client.post(&Request { to, content_type: "text/plain", gzip: false, headers: &[], body: b"hello" })
}

/// The message of a retry.
pub(crate) fn retry_message(result: Result<Response, Outcome>) -> String {
    match result {
        Err(Outcome::Retry { after: None, message, .. }) => message,
        other => panic!("expected a retry, got {other:?}"),
    }
}

/// The message of a refusal.
pub(crate) fn refusal(result: Result<Response, Outcome>) -> String {
    match result {
        Err(Outcome::Refused { message, .. }) => message,
        Err(Outcome::Retry { cause, message, .. }) if cause.needs_operator() => message,
        other => panic!("expected a refusal, got {other:?}"),
    }
}
