//! [`LogLine`]: one record, serialised; what every sink reads.

use std::borrow::Cow;
use std::ops::Range;

use obs_core::{RunId, SpanId, TraceId};
use obs_export::{Item, Priority};

use crate::category::LogCategory;
use crate::level::Level;
use crate::members::{Members, text};

/// One record as its JSON line, and beside it what sinks need without reading the line again.
#[derive(Clone, Debug)]
pub struct LogLine {
    pub(crate) json: Box<str>,
    pub(crate) id: [u8; 16],
    pub(crate) timestamp: u64,
    pub(crate) level: Level,
    pub(crate) category: Option<LogCategory>,
    pub(crate) run_id: Option<RunId>,
    pub(crate) equip_id: Option<i64>,
    pub(crate) trace_id: Option<TraceId>,
    pub(crate) span_id: Option<SpanId>,
    /// Ranges of `json`, quotes included.
    pub(crate) message: Range<usize>,
    pub(crate) component: Option<Range<usize>>,
    pub(crate) request_id: Option<Range<usize>>,
    /// From the first of the caller's fields to the closing brace, brace excluded.
    pub(crate) fields: Range<usize>,
}

impl LogLine {
    /// The line: one JSON object in UTF-8, without a line break inside or at the end.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Tells the line from every other: eight random bytes of its [`Logs`](crate::Logs), then its number there, big
    /// endian. A sink that stores it can take the same line twice without keeping it twice.
    pub fn id(&self) -> [u8; 16] {
        self.id
    }

    /// When it was logged, nanoseconds since the Unix epoch.
    pub fn timestamp(&self) -> u64 {
        self.timestamp
    }

    /// Its level.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Its category; `None` for a plain slog record.
    pub fn category(&self) -> Option<LogCategory> {
        self.category
    }

    /// The message, as it was given.
    pub fn message(&self) -> Cow<'_, str> {
        text(&self.json[self.message.clone()])
    }

    /// The component, lower case.
    pub fn component(&self) -> Option<Cow<'_, str>> {
        self.component.clone().map(|range| text(&self.json[range]))
    }

    /// The request it belongs to.
    pub fn request_id(&self) -> Option<Cow<'_, str>> {
        self.request_id.clone().map(|range| text(&self.json[range]))
    }

    /// The run it belongs to.
    pub fn run_id(&self) -> Option<RunId> {
        self.run_id
    }

    /// The equipment's number.
    pub fn equip_id(&self) -> Option<i64> {
        self.equip_id
    }

    /// The trace of the span it was logged in.
    pub fn trace_id(&self) -> Option<TraceId> {
        self.trace_id
    }

    /// The span it was logged in.
    pub fn span_id(&self) -> Option<SpanId> {
        self.span_id
    }

    /// Every member of the line: key, and value as JSON text.
    pub fn members(&self) -> Members<'_> {
        Members::of(&self.json[1..])
    }

    /// The caller's own fields alone: key, and value as JSON text.
    pub fn fields(&self) -> Members<'_> {
        Members::of(&self.json[self.fields.clone()])
    }
}

impl Item for LogLine {
    fn weight(&self) -> usize {
        size_of::<Self>() + self.json.len()
    }

    fn priority(&self) -> Priority {
        match self.level {
            Level::Trace | Level::Debug => Priority::Low,
            Level::Info | Level::Warn => Priority::Normal,
            Level::Error | Level::Critical => Priority::High,
        }
    }
}
