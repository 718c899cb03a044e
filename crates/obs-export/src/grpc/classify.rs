//! What a gRPC status or a failed call means for a batch.

use super::status::Status;
use crate::http::{Endpoint, classify};
use crate::sink::Outcome;
use h2::Reason;
use obs_core::Cause;
use obs_core::DropReason;
use std::io;

#[cfg(test)]
mod tests;

/// The names of the codes, 0 to 16 (`google.rpc.Code`).
const NAMES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];
/// How servers say that a message is over their limit: gRPC for Go and for C++, for Java, and for Rust, which has two.
const TOO_LARGE: [&str; 4] =
    ["larger than max", "exceeds maximum size", "message length too large", "exceeded while decompressing"];

/// Why there is no answer: the class, and in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) cause: Cause,
    pub(super) what: String,
}

impl Trouble {
    pub(super) fn new(cause: Cause, what: impl Into<String>) -> Self {
        Self { cause, what: what.into() }
    }

    /// The connection works, but what comes over it is no gRPC.
    pub(super) fn protocol(what: impl std::fmt::Display) -> Self {
        Self::new(Cause::Protocol, format!("the answer is not gRPC: {what}"))
    }

    /// The call took longer than it may.
    pub(super) fn late() -> Self {
        Self::new(Cause::Timeout, "timeout: no whole answer in time")
    }

    pub(super) fn io(to: &Endpoint, error: &io::Error) -> Self {
        let (cause, what) = classify::io_cause(to, error);
        Self { cause, what }
    }

    pub(super) fn http2(to: &Endpoint, error: &h2::Error) -> Self {
        if let Some(error) = error.get_io() {
            return Self::io(to, error);
        }
        match error.reason() {
            Some(Reason::REFUSED_STREAM) if error.is_remote() => {
                Self::new(Cause::Server, "it takes no more calls over this connection")
            }
            Some(Reason::ENHANCE_YOUR_CALM) if error.is_remote() => {
                Self::new(Cause::Throttled, "it asks for fewer requests")
            }
            _ if error.is_remote() => {
                Self::new(Cause::Closed, format!("the call was ended before the answer: {error}"))
            }
            _ => Self::protocol(format_args!("{error}; is it the port for gRPC?")),
        }
    }

    pub(super) fn outcome(&self, to: &Endpoint) -> Outcome {
        Outcome::Retry { cause: self.cause, after: None, message: format!("{to}: {}", self.what) }
    }
}

/// The outcome of a status other than 0, by the table "Failures" of the OTLP specification. `detail` is the status's
/// message, fit to be shown.
pub(super) fn status(to: &Endpoint, status: &Status, detail: &str) -> Outcome {
    let name = NAMES.get(status.code as usize).copied().unwrap_or("UNKNOWN");
    let too_large = matches!(name, "RESOURCE_EXHAUSTED" | "OUT_OF_RANGE")
        && status.retry.is_none()
        && TOO_LARGE.iter().any(|words| status.message.contains(words));
    let hint = match name {
        _ if too_large => "the batch is too large",
        "CANCELLED" => "it ended the call",
        "INVALID_ARGUMENT" => "the request is not understood",
        "DEADLINE_EXCEEDED" => "it took too long",
        "NOT_FOUND" => "is the endpoint right?",
        "PERMISSION_DENIED" => "the credentials do not permit it",
        "RESOURCE_EXHAUSTED" => "it asks for fewer requests",
        "UNIMPLEMENTED" => "does it take this signal over OTLP/gRPC?",
        "ABORTED" | "OUT_OF_RANGE" | "DATA_LOSS" => "it has a fault",
        "UNAVAILABLE" => "the service is not available",
        "UNAUTHENTICATED" => "are the credentials right?",
        _ => "it refuses",
    };
    let detail = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
    let message = format!("{to}: {name}: {hint}{detail}");
    let cause = match name {
        _ if too_large => return Outcome::TooLarge { message },
        "CANCELLED" => Cause::Closed,
        "DEADLINE_EXCEEDED" => Cause::Timeout,
        "UNAVAILABLE" if status.retry.is_some() => Cause::Throttled,
        "ABORTED" | "OUT_OF_RANGE" | "UNAVAILABLE" | "DATA_LOSS" => Cause::Server,
        "RESOURCE_EXHAUSTED" => Cause::Throttled,
        "UNAUTHENTICATED" | "PERMISSION_DENIED" => Cause::Credentials,
        "UNIMPLEMENTED" | "NOT_FOUND" => Cause::Path,
        _ => return Outcome::Refused { reason: DropReason::Refused, message },
    };
    Outcome::Retry { cause, after: status.retry, message }
}
