//! [`HttpClient`]: sends one request and says what became of it.

use crate::http::{Endpoint, classify, quote};
use crate::sink::Outcome;
use flate2::Compression;
use flate2::write::GzEncoder;
use obs_core::{Clock, Secret};
use std::borrow::Cow;
use std::io::{Read, Write};
use std::time::Duration;
use ureq::http::{HeaderMap, HeaderName, HeaderValue, header};
use ureq::{Agent, Body};

/// The most that is read of an answer.
const ANSWER_LIMIT: u64 = 64 << 10;
/// Bodies up to this size are not worth compressing.
const GZIP_FROM: usize = 1 << 10;

/// How requests are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpOptions {
    /// For the whole of a request, from name lookup to the end of the answer. Default 10 s.
    pub timeout: Duration,
    /// For the name lookup, and again for the connection, TLS included. Default 3 s.
    pub connect_timeout: Duration,
    /// Sent with each request. None by default.
    pub headers: Vec<(String, Secret)>,
    /// Default `obs/<version>`.
    pub user_agent: String,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(3),
            headers: Vec::new(),
            user_agent: concat!("obs/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// Why an [`HttpClient`] cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The name of a header has other characters than RFC 9110 allows.
    #[error("`{0}` is not the name of an HTTP header: accepted are letters, digits and `-_`")]
    HeaderName(String),
    /// The value of a header has control characters.
    #[error("the value of HTTP header `{0}` has control characters or line breaks: accepted is plain text")]
    HeaderValue(String),
}

/// One request. The body goes as it is, or, with `gzip`, compressed when it is longer than 1 KiB.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Where to.
    pub to: &'a Endpoint,
    /// The `Content-Type`.
    pub content_type: &'a str,
    /// Whether the other side takes `Content-Encoding: gzip`.
    pub gzip: bool,
    /// Headers of this request beside those of the options.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: &'a [u8],
}

/// A 2xx answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// 200 to 299.
    pub status: u16,
    /// The first 64 KiB of the body; what came of it, when the rest did not come in time.
    pub body: Vec<u8>,
}

/// Sends requests, one at a time, over connections that it keeps open. Cheap to clone; clones share the connections.
///
/// Proxies are taken from the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`) but for loopback hosts.
#[derive(Clone, Debug)]
pub struct HttpClient {
    agent: Agent,
    headers: HeaderMap,
    secrets: Vec<Secret>,
    clock: Clock,
}

impl HttpClient {
    /// A client; connects to nothing yet.
    pub fn new(options: &HttpOptions) -> Result<Self, HttpError> {
        let headers = headers(&options.headers)?;
        if HeaderValue::try_from(&options.user_agent).is_err() {
            return Err(HttpError::HeaderValue("User-Agent".to_owned()));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(options.timeout))
            .timeout_resolve(Some(options.connect_timeout))
            .timeout_connect(Some(options.connect_timeout))
            .user_agent(&options.user_agent)
            .max_response_header_size(ANSWER_LIMIT as usize)
            .build();
        let secrets = options.headers.iter().map(|(_, value)| value.clone()).collect();
        Ok(Self { agent: Agent::new_with_config(config), headers, secrets, clock: Clock::system() })
    }

    /// Posts; a 2xx answer is returned, anything else as the outcome it means for the batch:
    ///
    /// - 413: [`Outcome::TooLarge`];
    /// - 408, 429, 5xx (with `Retry-After`), and no connection, no TLS, no HTTP, no answer in time:
    ///   [`Outcome::Retry`];
    /// - other 4xx, and 3xx, which are not followed: [`Outcome::Refused`].
    ///
    /// The message names the URL and the cause, and shows no credentials.
    pub fn post(&self, request: &Request<'_>) -> Result<Response, Outcome> {
        let to = request.to;
        let answer = self.send(request).map_err(|error| classify::failure(to, &error))?;
        let (head, body) = answer.into_parts();
        let text = |name| head.headers.get(name).and_then(|v| v.to_str().ok());
        let status = head.status.as_u16();
        if head.status.is_success() {
            return Ok(Response { status, body: read(body) });
        }
        let after = text(header::RETRY_AFTER).and_then(|value| classify::retry_after(value, &self.clock));
        let detail = if head.status.is_redirection() {
            let target = text(header::LOCATION).and_then(|l| l.parse::<Endpoint>().ok());
            target.map_or(String::new(), |target| target.to_string())
        } else {
            quote::first_line(&String::from_utf8_lossy(&read(body)), self.secrets.iter().chain(to.secrets()))
        };
        Err(classify::status(to, status, after, &detail))
    }

    fn send(&self, request: &Request<'_>) -> Result<ureq::http::Response<Body>, ureq::Error> {
        let mut post = self.agent.post(request.to.url()).content_type(request.content_type);
        for (name, value) in &self.headers {
            post = post.header(name, value);
        }
        for (name, value) in request.headers {
            post = post.header(*name, *value);
        }
        let authorized = self.headers.contains_key(header::AUTHORIZATION);
        if let Some(authorization) = request.to.authorization().filter(|_| !authorized) {
            post = post.header(header::AUTHORIZATION, authorization.expose());
        }
        if request.to.is_loopback() {
            post = post.config().proxy(None).build();
        }
        match compressed(request) {
            Cow::Owned(body) => post.header(header::CONTENT_ENCODING, "gzip").send(&body[..]),
            Cow::Borrowed(body) => post.send(body),
        }
    }
}

/// The headers of the options, marked as sensitive.
pub(crate) fn headers(pairs: &[(String, Secret)]) -> Result<HeaderMap, HttpError> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let key = HeaderName::try_from(name).map_err(|_| HttpError::HeaderName(name.clone()))?;
        let mut value =
            HeaderValue::try_from(value.expose()).map_err(|_| HttpError::HeaderValue(name.clone()))?;
        value.set_sensitive(true);
        headers.append(key, value);
    }
    Ok(headers)
}

/// The body, compressed if that is wanted and worth it.
fn compressed<'a>(request: &Request<'a>) -> Cow<'a, [u8]> {
    match request.gzip.then(|| gzip(request.body)).flatten() {
        Some(body) => Cow::Owned(body),
        None => Cow::Borrowed(request.body),
    }
}

/// A body longer than 1 KiB, compressed.
pub(crate) fn gzip(body: &[u8]) -> Option<Vec<u8>> {
    if body.len() <= GZIP_FROM {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body).and_then(|()| encoder.finish()).ok()
}

/// What comes of a body within the limit and the time; the status says already whether it is good news.
fn read(body: Body) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = body.into_reader().take(ANSWER_LIMIT).read_to_end(&mut bytes);
    bytes
}
