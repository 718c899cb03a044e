//! The two encodings of a push request, brought to one form.

use std::collections::BTreeMap;

use loki_api::logproto::PushRequest;
use loki_api::prost::Message as _;
use serde_json::Value;

use super::labels::{self, LabelError, parse_labels};
use crate::http::MAX_BODY;

/// A stream as sent; its labels may not be parseable.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stream {
    /// The labels as text, for messages.
    pub(super) text: String,
    pub(super) labels: Result<BTreeMap<String, String>, LabelError>,
    pub(super) entries: Vec<Entry>,
}

/// A line as sent; `timestamp_ns` is `None` when it is missing or no time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) timestamp_ns: Option<i64>,
    pub(super) line: String,
    pub(super) structured_metadata: BTreeMap<String, String>,
}

/// The part of `push.proto` in Loki 3 that `loki-api` 0.1 does not have: field 3 of an entry. Field numbers from
/// <https://github.com/grafana/loki/blob/main/pkg/push/push.proto>.
mod metadata {
    #[derive(Clone, PartialEq, Eq, prost::Message)]
    pub(super) struct Push {
        #[prost(message, repeated, tag = "1")]
        pub(super) streams: Vec<Stream>,
    }

    #[derive(Clone, PartialEq, Eq, prost::Message)]
    pub(super) struct Stream {
        #[prost(message, repeated, tag = "2")]
        pub(super) entries: Vec<Entry>,
    }

    #[derive(Clone, PartialEq, Eq, prost::Message)]
    pub(super) struct Entry {
        #[prost(message, repeated, tag = "3")]
        pub(super) structured_metadata: Vec<Pair>,
    }

    #[derive(Clone, PartialEq, Eq, prost::Message)]
    pub(super) struct Pair {
        #[prost(string, tag = "1")]
        pub(super) name: String,
        #[prost(string, tag = "2")]
        pub(super) value: String,
    }
}

/// Decodes a snappy block (not a framed stream) with a protobuf push request in it.
pub(super) fn protobuf(body: &[u8]) -> Result<Vec<Stream>, String> {
    let length = snap::raw::decompress_len(body).map_err(|error| format!("snappy: {error}"))?;
    if length > MAX_BODY {
        return Err(format!("request body too large: {length} bytes, limit: {MAX_BODY} bytes"));
    }
    let bytes = snap::raw::Decoder::new().decompress_vec(body).map_err(|error| format!("snappy: {error}"))?;
    let push = PushRequest::decode(bytes.as_slice()).map_err(|error| format!("proto: {error}"))?;
    let extra = <metadata::Push as prost::Message>::decode(bytes.as_slice());
    let extra = extra.map_err(|error| format!("proto: {error}"))?;
    let streams = push.streams.into_iter().zip(extra.streams).map(|(stream, extra)| {
        let entries = stream.entries.into_iter().zip(extra.entries).map(|(entry, extra)| Entry {
            timestamp_ns: entry.timestamp.and_then(|time| nanoseconds(time.seconds, time.nanos)),
            line: entry.line,
            structured_metadata: extra
                .structured_metadata
                .into_iter()
                .map(|pair| (pair.name, pair.value))
                .collect(),
        });
        Stream { labels: parse_labels(&stream.labels), entries: entries.collect(), text: stream.labels }
    });
    Ok(streams.collect())
}

fn nanoseconds(seconds: i64, nanos: i32) -> Option<i64> {
    let nanos = i64::from(nanos);
    let valid = (0..1_000_000_000).contains(&nanos);
    valid.then(|| seconds.checked_mul(1_000_000_000)?.checked_add(nanos)).flatten()
}

/// Decodes `{"streams": [{"stream": {…}, "values": [["<ns>", "<line>", {…}?], …]}, …]}`.
pub(super) fn json(body: &[u8]) -> Result<Vec<Stream>, String> {
    let whole: Value = serde_json::from_slice(body).map_err(|error| format!("json: {error}"))?;
    let streams = array(&whole["streams"], "streams")?;
    streams.iter().map(json_stream).collect()
}

fn json_stream(stream: &Value) -> Result<Stream, String> {
    let pairs = strings(&stream["stream"], "stream")?;
    let described: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
    let wrong_name = pairs.keys().any(|name| !labels::is_label_name(name));
    let labels =
        if wrong_name { Err(LabelError::Expected { expected: "a label name", at: 1 }) } else { Ok(pairs) };
    let entries = array(&stream["values"], "values")?.iter().map(json_entry).collect::<Result<_, _>>()?;
    Ok(Stream { text: format!("{{{}}}", described.join(", ")), labels, entries })
}

fn json_entry(entry: &Value) -> Result<Entry, String> {
    let (time, line, metadata) = match entry.as_array().map(Vec::as_slice) {
        Some([Value::String(time), Value::String(line)]) => (time, line, BTreeMap::new()),
        Some([Value::String(time), Value::String(line), metadata]) => {
            (time, line, strings(metadata, "structured metadata")?)
        }
        _ => return Err(format!("json: value {entry} is not [\"<ns>\", \"<line>\", {{metadata}}?]")),
    };
    let parsed: i64 =
        time.parse().map_err(|_| format!("json: timestamp {time:?} is not Unix nanoseconds"))?;
    Ok(Entry { timestamp_ns: Some(parsed), line: line.clone(), structured_metadata: metadata })
}

fn array<'a>(value: &'a Value, name: &str) -> Result<&'a Vec<Value>, String> {
    value.as_array().ok_or_else(|| format!("json: {name} is not an array"))
}

fn strings(value: &Value, name: &str) -> Result<BTreeMap<String, String>, String> {
    let object = value.as_object().ok_or_else(|| format!("json: {name} is not an object"))?;
    let pair = |(key, value): (&String, &Value)| match value {
        Value::String(text) => Ok((key.clone(), text.clone())),
        other => Err(format!("json: {name} {key:?} is {other}, not a string")),
    };
    object.iter().map(pair).collect()
}
