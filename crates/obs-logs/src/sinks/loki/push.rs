//! The body of a push request.
//!
//! Schema: `pkg/push/push.proto` of grafana/loki: `PushRequest { repeated Stream streams = 1 }`,
//! `Stream { string labels = 1; repeated Entry entries = 2 }`, `Entry { Timestamp timestamp = 1; string line = 2;
//! repeated LabelPair structuredMetadata = 3 }`, `LabelPair { string name = 1; string value = 2 }`.

use std::collections::{BTreeMap, BTreeSet};

use obs_core::ServiceIdentity;
use obs_export::wire::Writer;

use crate::json;
use crate::line::LogLine;

/// How many components get a label value of their own.
const MAX_COMPONENTS: usize = 64;
/// Longest component that may be a label value, in bytes.
const MAX_COMPONENT: usize = 100;
/// Label of the components beyond.
const OTHER: &str = "other";

/// The labels of a stream, sorted by name as Loki writes them.
type LabelSet = Vec<(&'static str, String)>;

/// Where a stream's labels come from; remembers the components it has let through.
#[derive(Debug)]
pub(super) struct Labels {
    app: String,
    identity: ServiceIdentity,
    components: BTreeSet<String>,
}

impl Labels {
    pub(super) fn new(app: &str, identity: &ServiceIdentity) -> Self {
        Self { app: app.to_owned(), identity: identity.clone(), components: BTreeSet::new() }
    }

    fn of(&mut self, line: &LogLine) -> LabelSet {
        let component = line.component().map(|c| self.component(&c)).unwrap_or_default();
        let category = line.category().map_or("", crate::LogCategory::as_str);
        let all = [
            ("app", self.app.as_str()),
            ("category", category),
            ("component", component.as_str()),
            ("environment", self.identity.environment.as_str()),
            ("level", line.level().as_str()),
            ("service", self.identity.name.as_str()),
        ];
        // To Loki an empty label is no label.
        all.into_iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| (k, v.to_owned())).collect()
    }

    fn component(&mut self, component: &str) -> String {
        if !self.components.contains(component) {
            if self.components.len() >= MAX_COMPONENTS || component.len() > MAX_COMPONENT {
                return OTHER.to_owned();
            }
            self.components.insert(component.to_owned());
        }
        component.to_owned()
    }
}

/// Lines by stream, those of a stream in the order of their times.
pub(super) struct Streams<'a>(BTreeMap<LabelSet, Vec<&'a LogLine>>);

impl<'a> Streams<'a> {
    pub(super) fn group(lines: &[&'a LogLine], labels: &mut Labels) -> Self {
        let mut streams: BTreeMap<LabelSet, Vec<&LogLine>> = BTreeMap::new();
        for line in lines {
            streams.entry(labels.of(line)).or_default().push(line);
        }
        for lines in streams.values_mut() {
            // Stable: lines of one nanosecond stay in the order they were logged.
            lines.sort_by_key(|line| line.timestamp());
        }
        Self(streams)
    }

    /// Protobuf in one snappy block, not framed, as the push API wants it.
    pub(super) fn protobuf(&self) -> Result<Vec<u8>, snap::Error> {
        let mut writer = Writer::new();
        for (labels, lines) in &self.0 {
            writer.message(1, |stream| {
                stream.string(1, &selector(labels));
                for line in lines {
                    stream.message(2, |entry| {
                        write_entry(entry, line);
                    });
                }
            });
        }
        snap::raw::Encoder::new().compress_vec(writer.as_bytes())
    }

    /// `{"streams":[{"stream":{labels},"values":[["ns","line",{metadata}]]}]}`
    pub(super) fn json(&self) -> Vec<u8> {
        let mut out = b"{\"streams\":[".to_vec();
        for (i, (labels, lines)) in self.0.iter().enumerate() {
            separate(&mut out, i);
            out.extend_from_slice(b"{\"stream\":");
            object(&mut out, labels);
            out.extend_from_slice(b",\"values\":[");
            for (j, line) in lines.iter().enumerate() {
                separate(&mut out, j);
                json::plain(&mut out, format_args!("[\"{}\",", line.timestamp()));
                json::string(&mut out, line.json());
                out.push(b',');
                object(&mut out, &metadata(line));
                out.push(b']');
            }
            out.extend_from_slice(b"]}");
        }
        out.extend_from_slice(b"]}");
        out
    }
}

fn write_entry(entry: &mut Writer, line: &LogLine) {
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

/// What identifies a line without making a stream (SB-01).
fn metadata(line: &LogLine) -> LabelSet {
    let all = [
        ("trace_id", line.trace_id().map(|id| id.to_string())),
        ("span_id", line.span_id().map(|id| id.to_string())),
        ("run_id", line.run_id().map(|id| id.to_string())),
        ("request_id", line.request_id().map(std::borrow::Cow::into_owned)),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// The labels as Loki's protobuf wants them: `{app="acm", level="INFO"}`.
pub(super) fn selector(labels: &LabelSet) -> String {
    let mut out = b"{".to_vec();
    for (i, (name, value)) in labels.iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(b", ");
        }
        out.extend_from_slice(name.as_bytes());
        out.push(b'=');
        // Go's string syntax, which Loki reads here, knows every escape that JSON does except `\/`, never written.
        json::string(&mut out, value);
    }
    out.push(b'}');
    String::from_utf8_lossy(&out).into_owned()
}

fn object(out: &mut Vec<u8>, members: &LabelSet) {
    out.push(b'{');
    for (i, (name, value)) in members.iter().enumerate() {
        separate(out, i);
        json::string(out, name);
        out.push(b':');
        json::string(out, value);
    }
    out.push(b'}');
}

fn separate(out: &mut Vec<u8>, index: usize) {
    if index > 0 {
        out.push(b',');
    }
}
