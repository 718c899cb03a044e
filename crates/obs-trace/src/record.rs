//! [`SpanRecord`]: a finished span.

use crate::value::Value;
use obs_core::names::{Phase, SpanKind, prefix};
use obs_core::{ServiceIdentity, SharedContext, SpanId, TraceId, keys};
use std::borrow::Cow;
use std::sync::Arc;

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
    /// The span failed, with a description for people.
    Error(Cow<'static, str>),
}

/// Something that happened at a moment within a span.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Nanoseconds since the Unix epoch.
    pub time: u64,
    /// What happened.
    pub name: &'static str,
    /// Its fields.
    pub attributes: Vec<(&'static str, Value)>,
}

/// A finished span.
#[derive(Clone, Debug)]
pub struct SpanRecord {
    /// Its trace.
    pub trace_id: TraceId,
    /// Its own id.
    pub span_id: SpanId,
    /// The span it is part of; `None` for a root.
    pub parent: Option<SpanId>,
    /// Its canonical name.
    pub name: Cow<'static, str>,
    /// Its kind.
    pub kind: SpanKind,
    /// Start, nanoseconds since the Unix epoch.
    pub start: u64,
    /// End, nanoseconds since the Unix epoch; never before `start`.
    pub end: u64,
    /// The caller's attributes as the caller named them; see [`SpanRecord::attribute_key`].
    pub attributes: Vec<(&'static str, Value)>,
    /// Its events, in order.
    pub events: Vec<Event>,
    /// OpenTelemetry's status.
    pub status: Status,
    /// How the work ended.
    pub outcome: Outcome,
    /// The run it belongs to.
    pub context: Option<Arc<SharedContext>>,
}

impl SpanRecord {
    /// Length in seconds.
    pub fn seconds(&self) -> f64 {
        self.end.saturating_sub(self.start) as f64 / 1e9
    }

    /// The key an attribute is exported under: keys without a dot get the `acm.` prefix, keys with one (an `acm.` key
    /// or one of OpenTelemetry's conventions) stay as they are.
    pub fn attribute_key(key: &str) -> Cow<'_, str> {
        if key.contains('.') { Cow::Borrowed(key) } else { Cow::Owned([keys::NAMESPACE, key].concat()) }
    }

    /// Every attribute that is exported: the standard ones, those of the run, then the caller's own.
    pub fn for_each_attribute(&self, identity: &ServiceIdentity, mut each: impl FnMut(&str, &Value)) {
        let text = |s: &str| Value::Str(Cow::Owned(s.to_owned()));
        each(keys::CATEGORY, &text(prefix(&self.name)));
        each(keys::SERVICE, &text(&identity.name));
        if let Some(phase) = Phase::of(&self.name) {
            each(keys::PHASE, &Value::from(phase.as_str()));
        }
        if let Some(context) = &self.context {
            let texts = [
                (keys::RUN_ID, context.run_id.map(|id| id.to_string())),
                (keys::EQUIPMENT, context.equipment.clone()),
                (keys::REQUEST_ID, context.request_id.clone()),
                (keys::TENANT_ID, context.tenant_id.clone()),
                (keys::COMPONENT, context.component.clone()),
                (keys::OPERATION, context.operation.clone()),
            ];
            for (key, value) in texts {
                if let Some(value) = value {
                    each(key, &Value::from(value));
                }
            }
            let numbers = [
                (keys::EQUIP_ID, context.equip_id),
                (keys::BATCH_NUM, context.batch_num.map(i64::from)),
                (keys::BATCH_TOTAL, context.batch_total.map(i64::from)),
            ];
            for (key, value) in numbers {
                if let Some(value) = value {
                    each(key, &Value::I64(value));
                }
            }
        }
        each(keys::OUTCOME, &Value::from(self.outcome.as_str()));
        for (key, value) in &self.attributes {
            each(&Self::attribute_key(key), value);
        }
    }
}

impl obs_export::Item for SpanRecord {
    fn weight(&self) -> usize {
        let fields = |list: &[(&'static str, Value)]| -> usize {
            list.iter().map(|(_, v)| size_of::<(&str, Value)>() + v.heap()).sum()
        };
        let events: usize = self.events.iter().map(|e| size_of::<Event>() + fields(&e.attributes)).sum();
        size_of::<Self>() + fields(&self.attributes) + events
    }
}
