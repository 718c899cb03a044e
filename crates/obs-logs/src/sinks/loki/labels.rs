//! [`Labels`]: the stream that a line belongs to, and what identifies the line within it.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use obs_core::ServiceIdentity;

use crate::json;
use crate::line::LogLine;

/// How many components get a label value of their own.
const MAX_COMPONENTS: usize = 64;
/// Longest component that may be a label value, in bytes.
const MAX_COMPONENT: usize = 100;
/// Label of the components beyond.
const OTHER: &str = "other";

/// The labels of a stream, sorted by name as Loki writes them.
pub(super) type LabelSet = Vec<(&'static str, String)>;

/// Where a stream's labels come from; remembers the components it has let through.
#[derive(Debug)]
pub(super) struct Labels {
    app: String,
    identity: ServiceIdentity,
    components: Mutex<BTreeSet<String>>,
}

impl Labels {
    pub(super) fn new(app: &str, identity: &ServiceIdentity) -> Self {
        Self { app: app.to_owned(), identity: identity.clone(), components: Mutex::default() }
    }

    pub(super) fn of(&self, line: &LogLine) -> LabelSet {
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

    fn component(&self, component: &str) -> String {
        let mut components = self.components.lock().unwrap_or_else(PoisonError::into_inner);
        if !components.contains(component) {
            if components.len() >= MAX_COMPONENTS || component.len() > MAX_COMPONENT {
                return OTHER.to_owned();
            }
            components.insert(component.to_owned());
        }
        component.to_owned()
    }
}

/// What identifies a line without making a stream (SB-01).
pub(super) fn metadata(line: &LogLine) -> LabelSet {
    let all = [
        ("trace_id", line.trace_id().map(|id| id.to_string())),
        ("span_id", line.span_id().map(|id| id.to_string())),
        ("run_id", line.run_id().map(|id| id.to_string())),
        ("request_id", line.request_id().map(std::borrow::Cow::into_owned)),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// The labels as Loki's protobuf wants them: `{app="acm", level="INFO"}`.
pub(super) fn selector(out: &mut Vec<u8>, labels: &LabelSet) {
    out.push(b'{');
    for (i, (name, value)) in labels.iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(b", ");
        }
        out.extend_from_slice(name.as_bytes());
        out.push(b'=');
        // Go's string syntax, which Loki reads here, knows every escape that JSON does except `\/`, never written.
        json::string(out, value);
    }
    out.push(b'}');
}

/// The same as a JSON object.
pub(super) fn object(out: &mut Vec<u8>, members: &LabelSet) {
    out.push(b'{');
    for (i, (name, value)) in members.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        json::string(out, name);
        out.push(b':');
        json::string(out, value);
    }
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_value_cannot_end_its_quotes() {
        let labels = vec![("component", "a\"b\\c\n".to_owned())];
        let (mut protobuf, mut json) = (Vec::new(), Vec::new());
        selector(&mut protobuf, &labels);
        object(&mut json, &labels);
        assert_eq!(String::from_utf8(protobuf).unwrap(), r#"{component="a\"b\\c\n"}"#);
        assert_eq!(String::from_utf8(json).unwrap(), r#"{"component":"a\"b\\c\n"}"#);
    }
}
