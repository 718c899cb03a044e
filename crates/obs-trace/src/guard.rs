//! [`SpanGuard`]: a span at work.

use crate::error_type::error_type;
use crate::record::{Event, Outcome, SpanRecord, Status};
use crate::tracer::Tracer;
use crate::value::Value;
use obs_core::active::{ActiveSpan, SpanScope};
use obs_core::{SpanId, TraceId, keys};

/// Most attributes of one span; more are dropped and counted in `obs.dropped_attributes` (OpenTelemetry's default).
const MAX_ATTRIBUTES: usize = 128;
/// Most events of one span (OpenTelemetry's default).
const MAX_EVENTS: usize = 128;

/// A span at work: the active one of its thread until it drops, which ends it.
///
/// Dropped during a panic, the span fails; else its outcome is what [`SpanGuard::outcome`] or
/// [`SpanGuard::record_error`] said, and success when nobody said anything.
#[must_use = "the span ends as soon as the guard drops"]
#[derive(Debug)]
pub struct SpanGuard {
    tracer: Tracer,
    active: ActiveSpan,
    record: Option<Box<SpanRecord>>,
    outcome: Option<Outcome>,
    dropped_attributes: u32,
    _scope: SpanScope,
}

impl SpanGuard {
    pub(crate) fn new(tracer: Tracer, active: ActiveSpan, record: Option<Box<SpanRecord>>) -> Self {
        let scope = obs_core::active::enter(Some(active));
        Self { tracer, active, record, outcome: None, dropped_attributes: 0, _scope: scope }
    }

    /// Whether anything set here will be kept.
    pub fn is_recording(&self) -> bool {
        self.record.is_some()
    }

    /// Its trace.
    pub fn trace_id(&self) -> TraceId {
        self.active.trace_id
    }

    /// Its id.
    pub fn span_id(&self) -> SpanId {
        self.active.span_id
    }

    /// Sets an attribute; a key set before gets the new value. Keys without a dot are exported with the `acm.` prefix.
    pub fn set(&mut self, key: &'static str, value: impl Into<Value>) {
        let Some(record) = &mut self.record else { return };
        let value = value.into();
        if let Some((_, old)) = record.attributes.iter_mut().find(|(k, _)| *k == key) {
            *old = value;
        } else if record.attributes.len() < MAX_ATTRIBUTES {
            record.attributes.push((key, value));
        } else {
            self.dropped_attributes += 1;
        }
    }

    /// Records that something happened now.
    pub fn event(&mut self, name: &'static str, attributes: Vec<(&'static str, Value)>) {
        let Some(record) = &mut self.record else { return };
        if record.events.len() < MAX_EVENTS {
            let time = self.tracer.clock().now().max(record.start);
            record.events.push(Event { time, name, attributes });
        }
    }

    /// Says how the work ended.
    pub fn outcome(&mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
    }

    /// Marks the span failed: OpenTelemetry status, `acm.error_type`, and an `exception` event.
    pub fn record_error<E: std::error::Error + ?Sized>(&mut self, error: &E) {
        self.outcome = Some(Outcome::Fail);
        if self.record.is_none() {
            return;
        }
        let message = error.to_string();
        self.set(keys::ERROR_TYPE, error_type::<E>());
        let fields = vec![
            ("exception.type", Value::from(error_type::<E>())),
            ("exception.message", Value::from(message.clone())),
        ];
        self.event("exception", fields);
        if let Some(record) = &mut self.record {
            record.status = Status::Error(message.into());
        }
    }

    /// Passes a result through, recording its error.
    pub fn record_result<T, E: std::error::Error>(&mut self, result: Result<T, E>) -> Result<T, E> {
        if let Err(error) = &result {
            self.record_error(error);
        }
        result
    }
}

impl Drop for SpanGuard {
    fn drop(&mut self) {
        let panicking = std::thread::panicking();
        let Some(mut record) = self.record.take() else {
            self.tracer.end_unsampled();
            return;
        };
        record.end = self.tracer.clock().now().max(record.start);
        record.outcome = match self.outcome {
            _ if panicking => Outcome::Fail,
            said => said.unwrap_or(Outcome::Success),
        };
        if panicking && record.status == Status::Unset {
            record.status = Status::Error("panicked".into());
            record.attributes.push((keys::ERROR_TYPE, Value::from("panic")));
        }
        if self.dropped_attributes > 0 {
            record.attributes.push(("obs.dropped_attributes", Value::from(self.dropped_attributes)));
        }
        self.tracer.end(*record);
    }
}
