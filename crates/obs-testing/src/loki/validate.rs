//! Loki's default limits (`limits_config`) and what it says when one is passed.

use std::collections::BTreeMap;

use super::push::{Entry, Stream};
use super::server::LineSeen;

/// The most label names a stream may have.
pub const MAX_LABEL_NAMES: usize = 15;
/// The longest line accepted, in bytes (256 KiB).
pub const MAX_LINE: usize = 256 << 10;
/// The longest label name accepted, in bytes.
const MAX_LABEL_NAME: usize = 1024;
/// The longest label value accepted, in bytes.
const MAX_LABEL_VALUE: usize = 2048;
/// The most pairs of structured metadata in one entry.
const MAX_METADATA_PAIRS: usize = 128;
/// The most bytes of structured metadata in one entry, names and values together.
const MAX_METADATA: usize = 64 << 10;

/// The valid lines of a push request, and a message for every stream or line that is not.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) lines: Vec<LineSeen>,
    pub(super) problems: Vec<String>,
}

pub(super) fn validate(streams: Vec<Stream>) -> Outcome {
    let mut outcome = Outcome::default();
    if streams.is_empty() {
        outcome.problems.push("push request has no stream, at least one is required".to_owned());
    }
    for Stream { text, labels, entries } in streams {
        let labels = labels
            .map_err(|error| format!("labels '{text}' cannot be parsed: {error}"))
            .and_then(|labels| check_labels(&text, labels));
        match labels {
            Err(problem) => outcome.problems.push(problem),
            Ok(labels) => {
                for entry in entries {
                    match check_entry(&text, entry, &labels) {
                        Ok(line) => outcome.lines.push(line),
                        Err(problem) => outcome.problems.push(problem),
                    }
                }
            }
        }
    }
    outcome
}

fn check_labels(stream: &str, labels: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, String> {
    if labels.is_empty() {
        return Err(format!("stream '{stream}' has no labels, at least one label pair is required"));
    }
    if labels.len() > MAX_LABEL_NAMES {
        return Err(format!("stream '{stream}' has {} label names; limit {MAX_LABEL_NAMES}", labels.len()));
    }
    for (name, value) in &labels {
        if name.len() > MAX_LABEL_NAME {
            return Err(format!("stream '{stream}' has label name too long: '{name}'"));
        }
        if value.len() > MAX_LABEL_VALUE {
            return Err(format!("stream '{stream}' has label value too long: '{value}'"));
        }
    }
    Ok(labels)
}

/// A time at or before 1970 counts as missing: a real server refuses it as too old.
fn check_entry(stream: &str, entry: Entry, labels: &BTreeMap<String, String>) -> Result<LineSeen, String> {
    let Entry { timestamp_ns, line, structured_metadata } = entry;
    let Some(timestamp_ns) = timestamp_ns.filter(|nanoseconds| *nanoseconds > 0) else {
        return Err(format!("entry for stream '{stream}' has no timestamp, or one that is too old"));
    };
    if line.len() > MAX_LINE {
        let length = line.len();
        return Err(format!(
            "max entry size {MAX_LINE} bytes exceeded for stream '{stream}': entry has {length} bytes"
        ));
    }
    let pairs = structured_metadata.len();
    let bytes: usize = structured_metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
    if pairs > MAX_METADATA_PAIRS {
        return Err(format!(
            "stream '{stream}' has {pairs} structured metadata pairs; limit {MAX_METADATA_PAIRS}"
        ));
    }
    if bytes > MAX_METADATA {
        return Err(format!(
            "stream '{stream}' has {bytes} bytes of structured metadata; limit {MAX_METADATA}"
        ));
    }
    Ok(LineSeen { labels: labels.clone(), timestamp_ns, line, structured_metadata })
}
