//! A server of HTTP/2 frames, byte by byte, for answers that no proper server gives.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RESET: u8 = 3;
const SETTINGS: u8 = 4;
pub(crate) const GO_AWAY: u8 = 7;
pub(crate) const CONTINUATION: u8 = 9;
/// Of a DATA or HEADERS frame.
pub(crate) const END_STREAM: u8 = 1;
/// Of a HEADERS or CONTINUATION frame.
pub(crate) const END_HEADERS: u8 = 4;

/// One frame of the stream of the first call, or of the connection.
pub(crate) fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    bytes.extend([kind, flags]);
    let stream = u32::from(!matches!(kind, SETTINGS | GO_AWAY));
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// Header fields, each literal and not indexed (RFC 7541, section 6.2.2).
pub(crate) fn fields(pairs: &[(&str, &str)]) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    pairs.iter().flat_map(|(name, value)| [vec![0], text(name), text(value)].concat()).collect()
}

/// The head of a gRPC answer, to be followed by its message.
pub(crate) fn head() -> Vec<u8> {
    frame(HEADERS, END_HEADERS, &fields(&[(":status", "200"), ("content-type", "application/grpc")]))
}

/// A server that lets `answer` write once a whole request with a span called `marker` has come; its URL. The
/// connection closes when `answer` returns.
pub(crate) fn answering(mut answer: impl FnMut(&mut TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.write_all(&frame(SETTINGS, 0, &[]));
            let (mut seen, mut chunk) = (vec![], [0; 4096]);
            while !seen.windows(6).any(|bytes| bytes == b"marker") {
                match stream.read(&mut chunk) {
                    Ok(n) if n > 0 => seen.extend_from_slice(&chunk[..n]),
                    _ => break,
                }
            }
            answer(&mut stream);
        }
    });
    url
}

/// A server that answers with these bytes, and then waits for the client to go.
pub(crate) fn sending(bytes: Vec<u8>) -> String {
    answering(move |stream| {
        let _ = stream.write_all(&bytes);
        wait_for_the_end(stream);
    })
}

/// Reads until the client closes the connection.
pub(crate) fn wait_for_the_end(stream: &mut TcpStream) {
    let mut chunk = [0; 4096];
    while stream.read(&mut chunk).is_ok_and(|n| n > 0) {}
}
