//! [`Status`]: how a call ended, as the trailers of the answer say.

use crate::wire::reader::{Field, fields};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::percent_decode_str;
use std::time::Duration;
use ureq::http::HeaderMap;

#[cfg(test)]
mod tests;

/// Binary metadata comes with padding or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// How a call ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Status {
    /// A `google.rpc.Code`; 0 is success.
    pub(super) code: u32,
    /// What the other side says, as it says it.
    pub(super) message: String,
    /// How long it asks to wait (`google.rpc.RetryInfo`).
    pub(super) retry: Option<Duration>,
}

impl Status {
    /// A code that is no number of the list.
    pub(super) const UNKNOWN: u32 = 2;

    /// Reads `grpc-status` and what belongs to it; without it, nothing. What cannot be read is left out.
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let code = headers.get("grpc-status")?.to_str().ok().and_then(|code| code.trim().parse().ok());
        let message = headers.get("grpc-message").map_or(&b""[..], |value| value.as_bytes());
        let message = String::from_utf8_lossy(message);
        let mut status = Self {
            code: code.unwrap_or(Self::UNKNOWN),
            message: percent_decode_str(&message).decode_utf8_lossy().into_owned(),
            retry: None,
        };
        if let Some(Ok(details)) = headers.get("grpc-status-details-bin").map(|value| BASE64.decode(value)) {
            status.details(&details);
        }
        Some(status)
    }

    /// Reads a `google.rpc.Status`: code 1, message 2, details 3.
    fn details(&mut self, bytes: &[u8]) {
        for (number, field) in fields(bytes) {
            match (number, field) {
                (2, Field::Bytes(text)) if self.message.is_empty() => {
                    self.message = String::from_utf8_lossy(text).into_owned();
                }
                (3, Field::Bytes(any)) => self.retry = retry_info(any).or(self.retry),
                _ => {}
            }
        }
    }
}

/// The wait in a `google.protobuf.Any` (`type_url` 1, value 2), if it is a `google.rpc.RetryInfo` (`retry_delay` 1).
fn retry_info(any: &[u8]) -> Option<Duration> {
    let type_url = bytes_of(any, 1)?;
    if type_url.rsplit(|b| *b == b'/').next() != Some(b"google.rpc.RetryInfo") {
        return None;
    }
    // An empty value or delay is a message of zeros.
    let delay = bytes_of(bytes_of(any, 2).unwrap_or_default(), 1).unwrap_or_default();
    duration(delay)
}

/// A `google.protobuf.Duration`: seconds 1, nanos 2; a negative one is none.
fn duration(bytes: &[u8]) -> Option<Duration> {
    let number = |wanted| {
        fields(bytes).filter_map(move |(number, field)| match field {
            Field::Varint(value) if number == wanted => Some(value.cast_signed()),
            _ => None,
        })
    };
    let seconds = u64::try_from(number(1).last().unwrap_or(0)).ok()?;
    let nanos = u32::try_from(number(2).last().unwrap_or(0)).ok().filter(|nanos| *nanos < 1_000_000_000)?;
    Some(Duration::new(seconds, nanos))
}

fn bytes_of(message: &[u8], wanted: u64) -> Option<&[u8]> {
    fields(message).find_map(|(number, field)| match field {
        Field::Bytes(bytes) if number == wanted => Some(bytes),
        _ => None,
    })
}
