//! Reading one request after another from a connection.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

use super::message::{Request, Response};

/// The largest body accepted, in bytes, before and after decompression.
pub const MAX_BODY: usize = 64 << 20;
/// The largest request head (and chunk line) accepted, in bytes.
const MAX_HEAD: usize = 64 << 10;
/// The most headers accepted in one request.
const MAX_HEADERS: usize = 128;
/// How much is asked of the socket at a time.
const READ_SIZE: usize = 64 << 10;

/// Why no further request comes.
#[derive(Debug)]
pub(super) enum Stop {
    /// The peer closed, or the socket failed.
    Gone,
    /// The request cannot be accepted; this answer ends the connection.
    Refused(Response),
}

impl From<io::Error> for Stop {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

/// A request and whether the connection may carry another one after it.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) request: Request,
    pub(super) keep_alive: bool,
}

/// The reading half of a connection with the bytes read ahead.
#[derive(Debug)]
pub(super) struct Incoming<R> {
    stream: R,
    ahead: Vec<u8>,
}

/// The head of a request: method, target, HTTP minor version and headers.
struct Head {
    method: String,
    target: String,
    minor: u8,
    headers: Vec<(String, String)>,
}

/// How the end of a body is found (RFC 9112, section 6).
enum Framing {
    Length(usize),
    Chunked,
}

impl<R: Read> Incoming<R> {
    pub(super) fn new(stream: R) -> Self {
        Self { stream, ahead: Vec::new() }
    }

    /// Reads a whole request; `send_continue` is called when the client waits for leave to send the body.
    pub(super) fn request(
        &mut self,
        send_continue: impl FnOnce() -> io::Result<()>,
    ) -> Result<Received, Stop> {
        let head = self.head()?;
        let framing = framing(&head)?;
        if values(&head.headers, "expect").any(|value| value.eq_ignore_ascii_case("100-continue")) {
            send_continue()?;
        }
        let raw_body = match framing {
            Framing::Length(length) => self.take(length)?,
            Framing::Chunked => self.chunks()?,
        };
        let gzip = values(&head.headers, "content-encoding").any(|value| value.eq_ignore_ascii_case("gzip"));
        let body = if gzip { gunzip(&raw_body)? } else { raw_body.clone() };
        let closes = values(&head.headers, "connection").any(|value| value.eq_ignore_ascii_case("close"));
        let Head { method, target, minor, headers } = head;
        let request = Request { method, target, headers, raw_body, body };
        Ok(Received { request, keep_alive: minor == 1 && !closes })
    }

    fn head(&mut self) -> Result<Head, Stop> {
        loop {
            if let Some((head, used)) = parse_head(&self.ahead)? {
                self.ahead.drain(..used);
                return Ok(head);
            }
            if self.ahead.len() > MAX_HEAD {
                return Err(refuse(431, &format!("request head is over the limit of {MAX_HEAD} bytes")));
            }
            self.fill()?;
        }
    }

    /// Joins the chunks of a body and drops their trailers (RFC 9112, section 7.1).
    fn chunks(&mut self) -> Result<Vec<u8>, Stop> {
        let mut body = Vec::new();
        loop {
            let size = self.chunk_size()?;
            if size == 0 {
                while !self.line()?.is_empty() {}
                return Ok(body);
            }
            if size > (MAX_BODY - body.len()) as u64 {
                return Err(too_large());
            }
            body.extend_from_slice(&self.take(size as usize)?);
            if !self.line()?.is_empty() {
                return Err(refuse(400, "a chunk is longer than its stated size"));
            }
        }
    }

    fn chunk_size(&mut self) -> Result<u64, Stop> {
        loop {
            match httparse::parse_chunk_size(&self.ahead) {
                Ok(httparse::Status::Complete((used, size))) => {
                    self.ahead.drain(..used);
                    return Ok(size);
                }
                Ok(httparse::Status::Partial) if self.ahead.len() <= MAX_HEAD => self.fill()?,
                _ => return Err(refuse(400, "chunk size is not a hexadecimal number")),
            }
        }
    }

    /// Reads up to a line feed and returns what is before it, without a carriage return.
    fn line(&mut self) -> Result<Vec<u8>, Stop> {
        loop {
            if let Some(end) = self.ahead.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.ahead.drain(..=end).collect();
                line.truncate(end);
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(line);
            }
            if self.ahead.len() > MAX_HEAD {
                return Err(refuse(400, "a line between chunks does not end"));
            }
            self.fill()?;
        }
    }

    fn take(&mut self, length: usize) -> Result<Vec<u8>, Stop> {
        while self.ahead.len() < length {
            self.fill()?;
        }
        let rest = self.ahead.split_off(length);
        Ok(std::mem::replace(&mut self.ahead, rest))
    }

    fn fill(&mut self) -> Result<(), Stop> {
        let old = self.ahead.len();
        self.ahead.resize(old + READ_SIZE, 0);
        let read = loop {
            match self.stream.read(&mut self.ahead[old..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.ahead.truncate(old + *read.as_ref().unwrap_or(&0));
        if read? == 0 { Err(Stop::Gone) } else { Ok(()) }
    }
}

fn parse_head(bytes: &[u8]) -> Result<Option<(Head, usize)>, Stop> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let used = match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(used)) => used,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(refuse(431, &format!("request has over {MAX_HEADERS} headers")));
        }
        Err(error) => return Err(refuse(400, &format!("request head cannot be parsed: {error}"))),
    };
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let head = Head {
        method: parsed.method.unwrap_or_default().to_owned(),
        target: parsed.path.unwrap_or_default().to_owned(),
        minor: parsed.version.unwrap_or_default(),
        headers: parsed.headers.iter().map(|header| (header.name.to_owned(), text(header.value))).collect(),
    };
    Ok(Some((head, used)))
}

fn framing(head: &Head) -> Result<Framing, Stop> {
    let codings: Vec<&str> = values(&head.headers, "transfer-encoding").collect();
    let lengths: Vec<&str> = values(&head.headers, "content-length").collect();
    match (codings.as_slice(), lengths.as_slice()) {
        ([], []) => Ok(Framing::Length(0)),
        ([], [first, others @ ..]) if others.iter().all(|other| other == first) => length(first),
        ([], several) => Err(refuse(400, &format!("content-length has several values: {several:?}"))),
        ([coding], []) if coding.eq_ignore_ascii_case("chunked") => Ok(Framing::Chunked),
        (codings, []) => {
            Err(refuse(501, &format!("transfer-encoding {codings:?} is not supported, only chunked")))
        }
        (_, _) => Err(refuse(400, "request has both content-length and transfer-encoding")),
    }
}

fn length(text: &str) -> Result<Framing, Stop> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<u64>() {
        Ok(length) if digits && length <= MAX_BODY as u64 => Ok(Framing::Length(length as usize)),
        _ if digits => Err(too_large()),
        _ => Err(refuse(400, &format!("content-length {text:?} is not a number"))),
    }
}

/// The comma-separated values of every header of that name.
fn values<'a>(headers: &'a [(String, String)], name: &'a str) -> impl Iterator<Item = &'a str> {
    let same = headers.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name));
    same.flat_map(|(_, value)| value.split(',')).map(str::trim)
}

fn gunzip(compressed: &[u8]) -> Result<Vec<u8>, Stop> {
    let mut body = Vec::new();
    let mut limited = MultiGzDecoder::new(compressed).take(MAX_BODY as u64 + 1);
    limited
        .read_to_end(&mut body)
        .map_err(|error| refuse(400, &format!("body is not valid gzip: {error}")))?;
    if body.len() > MAX_BODY { Err(too_large()) } else { Ok(body) }
}

fn too_large() -> Stop {
    refuse(413, &format!("body is over the limit of {MAX_BODY} bytes"))
}

fn refuse(status: u16, line: &str) -> Stop {
    Stop::Refused(Response::text(status, line))
}
