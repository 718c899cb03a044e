//! [`Columns`]: a line as the columns of `ACM_RunLogs`.

use std::borrow::Cow;

use obs_export::Encoder;

use crate::line::LogLine;
use crate::members::{Members, text};

/// A record is the line's id (16 bytes) and the line.
#[derive(Debug)]
pub(super) struct Rows;

impl Encoder<LogLine> for Rows {
    fn encode(&self, line: &LogLine, record: &mut Vec<u8>) {
        record.extend_from_slice(&line.id());
        record.extend_from_slice(line.json().as_bytes());
    }
}

/// What is inserted. Members of the line without a column of their own are in `context`, a JSON object.
#[derive(Debug, Default)]
pub(super) struct Columns<'a> {
    pub(super) run_id: Option<Cow<'a, str>>,
    pub(super) equip_id: Option<i64>,
    pub(super) logged_at: Option<Cow<'a, str>>,
    pub(super) level: Option<Cow<'a, str>>,
    pub(super) category: Option<Cow<'a, str>>,
    pub(super) component: Option<Cow<'a, str>>,
    pub(super) message: Option<Cow<'a, str>>,
    pub(super) context: String,
    pub(super) trace_id: Option<Cow<'a, str>>,
    pub(super) span_id: Option<Cow<'a, str>>,
    pub(super) line_id: &'a [u8],
}

impl<'a> Columns<'a> {
    /// `None` for bytes that are no record.
    pub(super) fn of(record: &'a [u8]) -> Option<Self> {
        let (line_id, json) = record.split_at_checked(16)?;
        let line = std::str::from_utf8(json).ok()?;
        let mut columns = Self { line_id, ..Self::default() };
        let mut context = Vec::with_capacity(line.len());
        for (key, value) in Members::of(line.strip_prefix('{')?) {
            let column = match key.as_ref() {
                "run_id" => &mut columns.run_id,
                "timestamp" => &mut columns.logged_at,
                "level" => &mut columns.level,
                "category" => &mut columns.category,
                "component" => &mut columns.component,
                "message" => &mut columns.message,
                "trace_id" => &mut columns.trace_id,
                "span_id" => &mut columns.span_id,
                "equip_id" => {
                    columns.equip_id = value.parse().ok();
                    continue;
                }
                _ => {
                    context.push(if context.is_empty() { b'{' } else { b',' });
                    crate::json::string(&mut context, &key);
                    context.push(b':');
                    context.extend_from_slice(value.as_bytes());
                    continue;
                }
            };
            *column = Some(text(value));
        }
        if context.is_empty() {
            context.push(b'{');
        }
        context.push(b'}');
        columns.context = String::from_utf8(context).ok()?;
        columns.message.is_some().then_some(columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_bytes_are_no_record() {
        for bytes in [&b""[..], b"short", &[0xff; 40], b"0123456789abcdefnot json"] {
            assert!(Columns::of(bytes).is_none(), "{bytes:?}");
        }
    }
}
