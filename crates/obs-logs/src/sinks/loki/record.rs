//! A line as a record: its stream, and its entry ready to be copied into a push request.
//!
//! The stream stands in the record because it says who logged the line: a line that waited in the spool keeps the labels of
//! the process that logged it. Layout, numbers little endian: time in nanoseconds (8 bytes), length of the JSON line (4),
//! length of the labels (4), labels, entry. Labels and entry are protobuf or JSON, as the context says.

use obs_export::Encoder;
use obs_export::wire::Writer;

use super::labels::{Labels, metadata, object, selector};
use crate::json;
use crate::line::LogLine;

const HEAD: usize = 16;

/// The two forms of the push API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Protobuf,
    Json,
}

impl Form {
    /// Records of one form never travel with those of the other: this is their context.
    pub(super) fn context(self) -> &'static [u8] {
        match self {
            Self::Protobuf => b"protobuf",
            Self::Json => b"json",
        }
    }

    pub(super) fn of_context(context: &[u8]) -> Option<Self> {
        [Self::Protobuf, Self::Json].into_iter().find(|form| form.context() == context)
    }
}

/// Writes lines as records.
#[derive(Debug)]
pub(super) struct LokiEncoder {
    pub(super) form: Form,
    pub(super) labels: Labels,
}

impl Encoder<LogLine> for LokiEncoder {
    fn context(&self) -> Vec<u8> {
        self.form.context().to_vec()
    }

    fn encode(&self, line: &LogLine, record: &mut Vec<u8>) {
        let start = record.len();
        record.extend_from_slice(&line.timestamp().to_le_bytes());
        record.extend_from_slice(&(line.json().len() as u32).to_le_bytes());
        record.extend_from_slice(&[0; 4]);
        let labels = self.labels.of(line);
        match self.form {
            Form::Protobuf => selector(record, &labels),
            Form::Json => object(record, &labels),
        }
        let length = (record.len() - start - HEAD) as u32;
        record[start + HEAD - 4..start + HEAD].copy_from_slice(&length.to_le_bytes());
        match self.form {
            Form::Protobuf => {
                let mut entry = Writer::with_buffer(std::mem::take(record));
                protobuf_entry(&mut entry, line);
                *record = entry.into_vec();
            }
            Form::Json => json_entry(record, line),
        }
    }
}

/// `Entry { Timestamp timestamp = 1; string line = 2; repeated LabelPair structuredMetadata = 3 }`
fn protobuf_entry(entry: &mut Writer, line: &LogLine) {
    let nanos = line.timestamp();
    entry.message(1, |timestamp| {
        timestamp.int64_nonzero(1, (nanos / 1_000_000_000) as i64);
        timestamp.int64_nonzero(2, (nanos % 1_000_000_000) as i64);
    });
    entry.string(2, line.json());
    for (name, value) in metadata(line) {
        entry.message(3, |pair| {
            pair.string(1, name).string(2, &value);
        });
    }
}

/// `["nanoseconds","line",{metadata}]`
fn json_entry(out: &mut Vec<u8>, line: &LogLine) {
    json::plain(out, format_args!("[\"{}\",", line.timestamp()));
    json::string(out, line.json());
    out.push(b',');
    object(out, &metadata(line));
    out.push(b']');
}

/// A record taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    pub(super) timestamp: u64,
    /// Bytes of the JSON line, which Loki's limit is about.
    pub(super) line_length: usize,
    pub(super) labels: &'a [u8],
    pub(super) body: &'a [u8],
}

impl<'a> Entry<'a> {
    /// `None` for bytes that are no record.
    pub(super) fn read(record: &'a [u8]) -> Option<Self> {
        let (timestamp, rest) = record.split_first_chunk::<8>()?;
        let (line_length, rest) = rest.split_first_chunk::<4>()?;
        let (labels, rest) = rest.split_first_chunk::<4>()?;
        let (labels, body) = rest.split_at_checked(u32::from_le_bytes(*labels) as usize)?;
        let line_length = u32::from_le_bytes(*line_length) as usize;
        Some(Self { timestamp: u64::from_le_bytes(*timestamp), line_length, labels, body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, lines};
    use obs_core::ServiceIdentity;

    #[test]
    fn a_record_comes_apart_as_it_was_put_together() {
        let lines = lines(|logs| slog::info!(logs.logger("acm.Test"), "x"; "i" => 1));
        let encoder =
            LokiEncoder { form: Form::Json, labels: Labels::new("acm", &ServiceIdentity::default()) };
        let mut record = b"before".to_vec();
        encoder.encode(&lines[0], &mut record);
        let entry = Entry::read(&record[6..]).unwrap();
        assert_eq!((entry.timestamp, entry.line_length), (NOW, lines[0].json().len()));
        let labels: serde_json::Value = serde_json::from_slice(entry.labels).unwrap();
        assert_eq!(labels["component"], "test");
        let value: serde_json::Value = serde_json::from_slice(entry.body).unwrap();
        assert_eq!(value[1], lines[0].json());
    }

    #[test]
    fn foreign_bytes_are_no_record() {
        for bytes in [&b""[..], &[0; 15], &[0xff; 40]] {
            assert_eq!(Entry::read(bytes), None);
        }
        assert_eq!(Form::of_context(b"xml"), None);
    }
}
