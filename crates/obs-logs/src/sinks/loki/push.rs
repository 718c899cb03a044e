//! The body of a push request.
//!
//! Schema: `pkg/push/push.proto` of grafana/loki: `PushRequest { repeated Stream streams = 1 }`,
//! `Stream { string labels = 1; repeated Entry entries = 2 }`, `Entry { Timestamp timestamp = 1; string line = 2;
//! repeated LabelPair structuredMetadata = 3 }`, `LabelPair { string name = 1; string value = 2 }`.

use std::collections::BTreeMap;

use obs_export::wire::Writer;

use super::record::Entry;

/// Entries by stream, those of a stream in the order of their times.
pub(super) struct Streams<'a>(BTreeMap<&'a [u8], Vec<Entry<'a>>>);

impl<'a> Streams<'a> {
    pub(super) fn group(entries: impl IntoIterator<Item = Entry<'a>>) -> Self {
        let mut streams: BTreeMap<&[u8], Vec<Entry<'_>>> = BTreeMap::new();
        for entry in entries {
            streams.entry(entry.labels).or_default().push(entry);
        }
        for entries in streams.values_mut() {
            // Stable: lines of one nanosecond stay in the order they were logged.
            entries.sort_by_key(|entry| entry.timestamp);
        }
        Self(streams)
    }

    /// Protobuf in one snappy block, not framed, as the push API wants it.
    pub(super) fn protobuf(&self) -> Result<Vec<u8>, snap::Error> {
        let mut writer = Writer::new();
        for (labels, entries) in &self.0 {
            writer.message(1, |stream| {
                stream.bytes(1, labels);
                for entry in entries {
                    stream.bytes(2, entry.body);
                }
            });
        }
        snap::raw::Encoder::new().compress_vec(writer.as_bytes())
    }

    /// `{"streams":[{"stream":{labels},"values":[["ns","line",{metadata}]]}]}`
    pub(super) fn json(&self) -> Vec<u8> {
        let mut out = b"{\"streams\":[".to_vec();
        for (i, (labels, entries)) in self.0.iter().enumerate() {
            separate(&mut out, i);
            out.extend_from_slice(b"{\"stream\":");
            out.extend_from_slice(labels);
            out.extend_from_slice(b",\"values\":[");
            for (j, entry) in entries.iter().enumerate() {
                separate(&mut out, j);
                out.extend_from_slice(entry.body);
            }
            out.extend_from_slice(b"]}");
        }
        out.extend_from_slice(b"]}");
        out
    }
}

fn separate(out: &mut Vec<u8>, index: usize) {
    if index > 0 {
        out.push(b',');
    }
}
