//! What travels: requests as received, responses, and the replies a script is made of.

use std::time::Duration;

use super::query;

/// One request as a server received it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method as sent, normally upper case.
    pub method: String,
    /// Path and query as sent, percent-encoding included.
    pub target: String,
    /// Header names and values in the order sent, names as spelt by the client.
    pub headers: Vec<(String, String)>,
    /// The body without its transfer encoding but with its content encoding.
    pub raw_body: Vec<u8>,
    /// The body with a `gzip` content encoding undone; otherwise equal to `raw_body`.
    pub body: Vec<u8>,
}

impl Request {
    /// The target up to its `?`, as sent.
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    /// Query parameters in the order sent, percent-decoded.
    pub fn query(&self) -> Vec<(String, String)> {
        self.target.split_once('?').map_or_else(Vec::new, |(_, text)| query::parse(text))
    }

    /// The first query parameter of that name, percent-decoded.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.query().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The first header of that name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The content type without parameters, in lower case; empty if there is none.
    pub fn media_type(&self) -> String {
        let whole = self.header("content-type").unwrap_or_default();
        whole.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }
}

/// One answer; `content-length` is added when it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code, 100 to 599.
    pub status: u16,
    /// Header names and values, without `content-length`.
    pub headers: Vec<(String, String)>,
    /// The body; not sent with status 204 and 304, nor in answer to `HEAD`.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer with neither headers nor body.
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// A plain-text answer; the line is ended for you.
    pub fn text(status: u16, line: &str) -> Self {
        Self::new(status)
            .with_header("content-type", "text/plain; charset=utf-8")
            .with_body(format!("{line}\n").into_bytes())
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn with_body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    /// The bytes on the wire, in answer to `method`; `close` announces the end of the connection.
    pub(super) fn encode(&self, method: &str, close: bool) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        let bodiless = matches!(self.status, 204 | 304);
        if !bodiless {
            head.extend(["content-length: ", &self.body.len().to_string(), "\r\n"]);
        }
        if close {
            head += "connection: close\r\n";
        }
        head += "\r\n";
        let mut bytes = head.into_bytes();
        if !bodiless && !method.eq_ignore_ascii_case("HEAD") {
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }
}

/// What a scripted server does with the next request, after reading all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Answers with this status, headers and body.
    Status(u16, Vec<(String, String)>, Vec<u8>),
    /// Never answers; the connection stays open until the client or the server goes.
    Hang,
    /// Answers in small pieces.
    Drip {
        /// What is answered.
        response: Response,
        /// Bytes per write; 0 counts as 1.
        step: usize,
        /// The wait between two writes; dropping the server cuts it short.
        every: Duration,
    },
    /// Closes the connection without a byte.
    Close,
    /// Answers with bytes that are not HTTP, then closes.
    Garbage,
    /// Answers 307 with this location.
    Redirect(String),
}

impl Reply {
    /// A bare status without headers or body.
    pub fn status(code: u16) -> Self {
        Self::Status(code, Vec::new(), Vec::new())
    }
}

/// The usual phrase of a status code; any text is allowed there (RFC 9112, section 4).
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Status",
    }
}
