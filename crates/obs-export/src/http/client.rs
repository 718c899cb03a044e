//! [`HttpClient`]: sends one request and says what became of it.

use crate::http::body::{ANSWER_LIMIT, compressed, read};
use crate::http::{Compression, Endpoint, HttpError, HttpOptions, classify, quote};
use crate::sink::Outcome;
use obs_core::{Cause, Clock, Secret};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use ureq::http::{HeaderMap, header};
use ureq::{Agent, Body};

/// One request.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Where to.
    pub to: &'a Endpoint,
    /// The `Content-Type`.
    pub content_type: &'a str,
    /// Whether the body may be compressed on its way, as the options say; `false` for one that is compressed already.
    pub gzip: bool,
    /// Headers of this request beside those of the options.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: &'a [u8],
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        f.debug_struct("Request")
            .field("to", self.to)
            .field("content_type", &self.content_type)
            .field("headers", &names)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
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
/// A proxy is taken from the environment, the first that is set of `ALL_PROXY`, `HTTPS_PROXY` and `HTTP_PROXY`, but for
/// loopback hosts and those of `NO_PROXY`. It is asked for a tunnel (`CONNECT`), also where the request is not encrypted.
#[derive(Clone)]
pub struct HttpClient {
    agent: Agent,
    headers: HeaderMap,
    compression: Compression,
    /// Endpoints that turned out not to take compressed bodies; shared with the clones.
    uncompressed: Arc<Mutex<BTreeSet<String>>>,
    secrets: Vec<Secret>,
    clock: Clock,
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the agent: it may hold a proxy with a password.
        f.debug_struct("HttpClient")
            .field("headers", &self.headers)
            .field("compression", &self.compression)
            .finish_non_exhaustive()
    }
}

impl HttpClient {
    /// A client; reads and checks its files, and connects to nothing yet.
    pub fn new(options: &HttpOptions) -> Result<Self, HttpError> {
        let headers = options.header_map()?;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(options.timeout))
            .timeout_resolve(Some(options.connect_timeout))
            .timeout_connect(Some(options.connect_timeout))
            .timeout_send_request(Some(options.write_timeout))
            .timeout_send_body(Some(options.write_timeout))
            .timeout_recv_response(Some(options.read_timeout))
            .timeout_recv_body(Some(options.read_timeout))
            .tls_config(options.tls.ureq_config()?)
            .user_agent(&options.user_agent)
            .max_response_header_size(ANSWER_LIMIT as usize)
            .build();
        let secrets = options.headers.iter().map(|(_, value)| value.clone()).collect();
        Ok(Self {
            agent: Agent::new_with_config(config),
            headers,
            compression: options.compression,
            uncompressed: Arc::default(),
            secrets,
            clock: Clock::system(),
        })
    }

    /// Posts; a 2xx answer is returned, anything else as the outcome it means for the batch:
    ///
    /// - 413: [`Outcome::TooLarge`];
    /// - 408, 429, 5xx (with `Retry-After`), and no connection, no TLS, no HTTP, no answer in time:
    ///   [`Outcome::Retry`];
    /// - 401, 403, 407, 404, 405, and 3xx, which are not followed: [`Outcome::Retry`] whose cause
    ///   [needs an operator](Cause::needs_operator);
    /// - 415 to a compressed body: [`Outcome::Retry`], and bodies to this endpoint are sent as they are from then on;
    /// - other 4xx: [`Outcome::Refused`].
    ///
    /// A 2xx status counts, whatever becomes of the body behind it: what came of it in time is returned. Trying again
    /// would deliver twice what the status says has arrived.
    ///
    /// The message names the URL and the cause, and shows no credentials.
    pub fn post(&self, request: &Request<'_>) -> Result<Response, Outcome> {
        let to = request.to;
        let compression = self.compression(request);
        let (body, encoding) = compressed(request.body, compression);
        let answer = self.send(request, &body, encoding).map_err(|error| classify::failure(to, &error))?;
        let (head, body) = answer.into_parts();
        let text = |name| head.headers.get(name).and_then(|v| v.to_str().ok());
        let status = head.status.as_u16();
        if head.status.is_success() {
            return Ok(Response { status, body: read(body) });
        }
        if let (415, Some(encoding)) = (status, encoding) {
            return Err(self.without_compression(to, encoding));
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

    fn compression(&self, request: &Request<'_>) -> Compression {
        let refused = self.uncompressed.lock().unwrap_or_else(PoisonError::into_inner);
        if request.gzip && !refused.contains(&request.to.to_string()) {
            self.compression
        } else {
            Compression::None
        }
    }

    /// Remembers that `to` does not take `encoding`. The batch is due again at once, as it is.
    fn without_compression(&self, to: &Endpoint, encoding: &str) -> Outcome {
        self.uncompressed.lock().unwrap_or_else(PoisonError::into_inner).insert(to.to_string());
        let message = format!("{to}: 415: it does not take {encoding}: not compressed from now on");
        Outcome::Retry { cause: Cause::Protocol, after: Some(Duration::ZERO), message }
    }

    fn send(
        &self,
        request: &Request<'_>,
        body: &[u8],
        encoding: Option<&str>,
    ) -> Result<ureq::http::Response<Body>, ureq::Error> {
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
        if let Some(encoding) = encoding {
            post = post.header(header::CONTENT_ENCODING, encoding);
        }
        post.send(body)
    }
}
