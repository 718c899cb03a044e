//! Files in a standard format, decoded with the official schema.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use opentelemetry_proto::tonic::trace::v1::TracesData;
use pprof::protos::{Message, Profile};

use crate::http::MAX_BODY;

/// Why bytes are not what they should be.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The text is not the JSON encoding of OTLP traces.
    #[error("text is not OTLP JSON traces: {0}")]
    OtlpJson(#[from] serde_json::Error),
    /// The bytes begin like gzip but cannot be decompressed.
    #[error("profile is not valid gzip: {0}")]
    Gzip(#[from] std::io::Error),
    /// Decompression gives too much.
    #[error("profile is over the limit of {MAX_BODY} bytes when decompressed")]
    TooLarge,
    /// The bytes are not a pprof protobuf message.
    #[error("bytes are not a pprof profile: {0}")]
    Pprof(String),
}

/// Decodes the JSON encoding of OTLP traces: one `TracesData` or `ExportTraceServiceRequest` object.
pub fn otlp_json(text: &str) -> Result<TracesData, DecodeError> {
    Ok(serde_json::from_str(text)?)
}

/// Decodes a pprof profile, gzip-compressed or bare. Says nothing about whether its references resolve: see
/// [`crate::pyroscope::samples`].
pub fn pprof_gz(bytes: &[u8]) -> Result<Profile, DecodeError> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return pprof(bytes);
    }
    let mut bare = Vec::new();
    MultiGzDecoder::new(bytes).take(MAX_BODY as u64 + 1).read_to_end(&mut bare)?;
    if bare.len() > MAX_BODY { Err(DecodeError::TooLarge) } else { pprof(&bare) }
}

fn pprof(bytes: &[u8]) -> Result<Profile, DecodeError> {
    Profile::decode(bytes).map_err(|error| DecodeError::Pprof(error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use pprof::protos::{Message, Profile};

    use super::{DecodeError, MAX_BODY, otlp_json, pprof_gz};

    #[test]
    fn otlp_json_has_hexadecimal_ids_and_times_as_text() {
        let text = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"000102030405060708090a0b0c0d0e0f",
            "spanId":"0102030405060708","name":"run","kind":1,"startTimeUnixNano":"1700000000000000001",
            "endTimeUnixNano":"1700000000000000002"}]}]}]}"#;
        let traces = otlp_json(text).unwrap();
        let span = &traces.resource_spans[0].scope_spans[0].spans[0];
        assert_eq!((span.name.as_str(), span.start_time_unix_nano), ("run", 1_700_000_000_000_000_001));
        assert_eq!(span.trace_id, (0..16).collect::<Vec<u8>>());
        for bad in ["", "[]", "{", r#"{"resourceSpans":1}"#] {
            assert!(matches!(otlp_json(bad), Err(DecodeError::OtlpJson(_))), "{bad}");
        }
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn profiles_are_read_with_and_without_gzip() {
        let profile = Profile { string_table: vec![String::new()], period: 7, ..Profile::default() };
        let bare = profile.encode_to_vec();
        assert_eq!(pprof_gz(&bare).unwrap(), profile);
        assert_eq!(pprof_gz(&gzip(&bare)).unwrap(), profile);
    }

    #[test]
    fn what_is_no_profile_is_refused() {
        assert!(matches!(pprof_gz(b"\x1f\x8bxx"), Err(DecodeError::Gzip(_))));
        assert!(matches!(pprof_gz(b"\xff\xff"), Err(DecodeError::Pprof(_))));
        assert!(matches!(pprof_gz(&gzip(&vec![0; MAX_BODY + 1])), Err(DecodeError::TooLarge)));
    }
}
