//! [`SpanRecord`]: a finished span.

use crate::value::Value;
use obs_core::names::SpanKind;
use obs_core::{SpanId, TraceId, keys};
use std::borrow::Cow;

/// How the work of a span ended (`acm.outcome`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// It did what it should.
    Success,
    /// It failed.
    Fail,
    /// There was nothing to do.
    Noop,
    /// It was left out on purpose.
    Skip,
}

impl Outcome {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Success, Self::Fail, Self::Noop, Self::Skip];

    /// Its place in [`Outcome::ALL`].
    pub(crate) const fn code(self) -> u8 {
        self as u8
    }

    /// The outcome as attributes spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Fail => "fail",
            Self::Noop => "noop",
            Self::Skip => "skip",
        }
    }
}

/// OpenTelemetry's status of a span. A success stays `Unset`, as the specification asks of instrumentation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Nothing to report.
    #[default]
    Unset,
    /// The program says that all went well.
    Ok,
    /// The span failed, with a description for people.
    Error(Cow<'static, str>),
}

/// Attributes in the order in which they were set.
pub type Attributes = Vec<(Cow<'static, str>, Value<'static>)>;

/// Something that happened at a moment within a span.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Nanoseconds since the Unix epoch.
    pub time: u64,
    /// What happened.
    pub name: Cow<'static, str>,
    /// Its fields.
    pub attributes: Attributes,
    /// Fields beyond the limit.
    pub dropped_attributes: u32,
}

/// Another span that a span has to do with.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Its trace.
    pub trace_id: TraceId,
    /// Its id.
    pub span_id: SpanId,
    /// Its W3C `tracestate`; empty without one.
    pub trace_state: String,
    /// What the link means.
    pub attributes: Attributes,
    /// Attributes beyond the limit.
    pub dropped_attributes: u32,
    /// W3C's flags in the low byte, then OTLP's: 0x100 "known whether remote", 0x200 "remote".
    pub flags: u32,
}

/// A finished span, as it is exported.
#[derive(Clone, Debug, PartialEq)]
pub struct SpanRecord {
    /// Its trace.
    pub trace_id: TraceId,
    /// Its own id.
    pub span_id: SpanId,
    /// The span it is part of; `None` for a root.
    pub parent: Option<SpanId>,
    /// W3C `tracestate` of its trace; empty without one.
    pub trace_state: String,
    /// W3C's flags in the low byte, then OTLP's: 0x100 "known whether the parent is remote", 0x200 "it is".
    pub flags: u32,
    /// Its canonical name.
    pub name: Cow<'static, str>,
    /// Its kind.
    pub kind: SpanKind,
    /// Start, nanoseconds since the Unix epoch.
    pub start: u64,
    /// End, nanoseconds since the Unix epoch; never before `start`.
    pub end: u64,
    /// Every attribute under the key it is exported with: those that follow from name and run, the outcome, then the
    /// caller's own in the order in which they were set.
    pub attributes: Attributes,
    /// Attributes beyond the limit.
    pub dropped_attributes: u32,
    /// Its events, in the order in which they were recorded.
    pub events: Vec<Event>,
    /// Events beyond the limit.
    pub dropped_events: u32,
    /// Its links.
    pub links: Vec<Link>,
    /// Links beyond the limit.
    pub dropped_links: u32,
    /// OpenTelemetry's status.
    pub status: Status,
    /// How the work ended.
    pub outcome: Outcome,
}

impl SpanRecord {
    /// A record without content.
    pub(crate) fn empty() -> Self {
        Self {
            trace_id: TraceId::MIN,
            span_id: SpanId::MIN,
            parent: None,
            trace_state: String::new(),
            flags: 0,
            name: Cow::Borrowed(""),
            kind: SpanKind::Internal,
            start: 0,
            end: 0,
            attributes: Vec::new(),
            dropped_attributes: 0,
            events: Vec::new(),
            dropped_events: 0,
            links: Vec::new(),
            dropped_links: 0,
            status: Status::Unset,
            outcome: Outcome::Success,
        }
    }

    /// Length in seconds.
    pub fn seconds(&self) -> f64 {
        self.end.saturating_sub(self.start) as f64 / 1e9
    }

    /// The value of an attribute, by the key it is exported with.
    pub fn attribute(&self, key: &str) -> Option<&Value<'static>> {
        self.attributes.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// The attributes that the caller set, without those that follow from name, run context and outcome.
    pub fn own_attributes(&self) -> impl Iterator<Item = (&str, &Value<'static>)> {
        let own = self.attributes.iter().filter(|(key, _)| !keys::AUTOMATIC.contains(&key.as_ref()));
        own.map(|(key, value)| (key.as_ref(), value))
    }

    /// The parent, if it is a span of this process.
    pub fn local_parent(&self) -> Option<SpanId> {
        self.parent.filter(|_| !self.has_remote_parent())
    }

    /// Whether the parent is known to be in another process.
    pub fn has_remote_parent(&self) -> bool {
        self.flags & crate::otlp::IS_REMOTE != 0
    }
}
