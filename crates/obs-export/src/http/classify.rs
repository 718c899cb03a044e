//! What an HTTP status or a failed connection means for a batch.

use crate::http::Endpoint;
use crate::sink::Outcome;
use jiff::fmt::rfc2822::DateTimeParser;
use obs_core::{Cause, Clock, DropReason};
use std::io::ErrorKind;
use std::time::Duration;
use ureq::{Error, Timeout};

mod tls;

#[cfg(test)]
mod tests;

/// The outcome of a status other than 2xx. `detail` is the first line of the body, or where a redirect leads.
pub(crate) fn status(to: &Endpoint, status: u16, retry_after: Option<Duration>, detail: &str) -> Outcome {
    let hint = match status {
        300..=399 => "redirects are not followed: configure the URL it leads to",
        400 => "the request is not understood",
        401 => "are the credentials right?",
        403 => "the credentials do not permit it",
        404 => "is the path right?",
        405 => "is the path right? it takes no POST",
        408 => "it waited too long for the request",
        413 => "the batch is too large",
        415 => "it does not take this content type or encoding",
        429 => "it asks for fewer requests",
        502..=504 => "the service behind it is not available",
        500..=599 => "it has a fault",
        _ => "it refuses",
    };
    let detail = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
    let message = format!("{to}: {status}: {hint}{detail}");
    let retry = |cause| Outcome::Retry { cause, after: retry_after, message: message.clone() };
    match status {
        413 => Outcome::TooLarge { message },
        300..=399 | 404 | 405 => retry(Cause::Path),
        401 | 403 | 407 => retry(Cause::Credentials),
        429 => retry(Cause::Throttled),
        503 if retry_after.is_some() => retry(Cause::Throttled),
        408 | 500..=599 => retry(Cause::Server),
        _ => Outcome::Refused { reason: DropReason::Refused, message },
    }
}

/// The outcome of a request without an answer.
pub(crate) fn failure(to: &Endpoint, error: &Error) -> Outcome {
    let (cause, what) = match error {
        Error::Timeout(Timeout::Resolve) => {
            (Cause::Dns, "DNS: the name server did not answer in time".to_owned())
        }
        Error::Timeout(Timeout::Connect) => (Cause::Timeout, "timeout: no connection in time".to_owned()),
        Error::Timeout(Timeout::SendRequest | Timeout::SendBody) => {
            (Cause::Timeout, "timeout: the request could not be sent in time".to_owned())
        }
        Error::Timeout(_) => (Cause::Timeout, "timeout: no whole answer in time".to_owned()),
        Error::HostNotFound => (Cause::Dns, "DNS: the host is not known".to_owned()),
        Error::Io(e) => io_cause(to, e),
        Error::Tls(e) => (Cause::Tls, format!("TLS: {e}")),
        Error::Pem(e) => (Cause::Tls, format!("TLS: {e}")),
        Error::Rustls(e) => (Cause::Tls, format!("TLS: {}", tls::words(e))),
        Error::Protocol(e) => (Cause::Protocol, format!("the answer is not HTTP: {e}")),
        Error::LargeResponseHeader(..) => {
            (Cause::Protocol, "the answer is not HTTP: its header has no end".to_owned())
        }
        // ureq gives the proxy's status as text: "proxy server responded 407/407".
        Error::ConnectProxyFailed(reason) if reason.contains("407") => {
            (Cause::Credentials, "the proxy wants other credentials".to_owned())
        }
        Error::ConnectProxyFailed(_) | Error::InvalidProxyUrl => {
            (Cause::Connect, "the proxy does not connect".to_owned())
        }
        Error::BadUri(_) | Error::Http(_) | Error::RequireHttpsOnly(_) | Error::BodyExceedsLimit(_) => {
            let message = format!("{to}: the request cannot be made: {error}");
            return Outcome::Refused { reason: DropReason::Refused, message };
        }
        other => (Cause::Connect, other.to_string()),
    };
    Outcome::Retry { cause, after: None, message: format!("{to}: {what}") }
}

/// What an error of the connection is, and in words.
pub(crate) fn io_cause(to: &Endpoint, error: &std::io::Error) -> (Cause, String) {
    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return (Cause::Tls, format!("TLS: {}", tls::words(error)));
    }
    match error.kind() {
        ErrorKind::ConnectionRefused => {
            (Cause::Connect, "connection refused: does anything listen there?".to_owned())
        }
        ErrorKind::TimedOut | ErrorKind::WouldBlock => {
            (Cause::Timeout, "timeout: no whole answer in time".to_owned())
        }
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
            (Cause::Closed, format!("the connection was closed before the answer: {error}"))
        }
        ErrorKind::InvalidData if to.is_https() => (Cause::Tls, format!("TLS: {error}")),
        // The resolver of the standard library has no kind of its own for this.
        _ if error.to_string().contains("lookup address") => {
            (Cause::Dns, "DNS: the host is not known".to_owned())
        }
        _ => (Cause::Connect, format!("connection: {error}")),
    }
}

/// The wait of a `Retry-After` header: seconds, or the time until an HTTP date (RFC 9110, section 10.2.3).
pub(crate) fn retry_after(value: &str, clock: &Clock) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let at = DateTimeParser::new().parse_timestamp(value).ok()?;
    let now = i128::from(clock.now());
    Some(Duration::from_nanos(u64::try_from(at.as_nanosecond() - now).unwrap_or(0)))
}
