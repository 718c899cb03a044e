//! [`Span`]: a span, whether it is the active one of a thread or not.

use crate::error_type::{chain, error_type};
use crate::guard::SpanGuard;
use crate::literal::Literal;
use crate::otlp::{STATUS_ERROR, STATUS_OK};
use crate::propagation::{SpanContext, of_place};
use crate::record::{Outcome, Status};
use crate::recorder::attributes::{Key, Word};
use crate::recorder::{OpenSpan, layout, local};
use crate::resources::Usage;
use crate::value::Value;
use obs_core::active::{ActiveSpan, Place};
use obs_core::names::SpanKind;
use obs_core::{SpanId, TraceId, keys};
use std::mem::ManuallyDrop;

/// A span at work, which ends when it drops. It can move to another thread, and is not the active span of any:
/// [`Span::enter`] makes it so, and [`FutureExt::in_span`](crate::FutureExt::in_span) does while a future is polled.
///
/// When it is not recorded (its tracer is off, its trace is not sampled, or has too many spans) every method does nothing.
///
/// Dropped during a panic that began after it, the span fails; else its outcome is what [`Span::outcome`] or
/// [`Span::record_error`] said, and success when nobody said anything.
#[must_use = "the span ends as soon as it drops"]
#[derive(Debug, Default)]
pub struct Span {
    /// `None` when it changes nothing about where its thread is. One word, so that a span passes through registers. Dropping
    /// the span takes it out: the compiler is spared what would drop it once more.
    open: ManuallyDrop<Option<Box<OpenSpan>>>,
}

impl Span {
    /// A span that records nothing.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a span that is off must cost a branch, not a call")]
    pub const fn none() -> Self {
        Self { open: ManuallyDrop::new(None) }
    }

    #[inline]
    pub(crate) fn new(open: Box<OpenSpan>) -> Self {
        Self { open: ManuallyDrop::new(Some(open)) }
    }

    /// Where its children are; `None` when it changes nothing about that.
    #[inline]
    pub(crate) fn place(&self) -> Option<Place> {
        self.any().map(|open| open.place)
    }

    /// What it has, recorded or not. Without the feature `record` there is nothing, and the compiler knows.
    #[inline]
    fn any(&self) -> Option<&OpenSpan> {
        if !cfg!(feature = "record") {
            return None;
        }
        self.open.as_deref()
    }

    /// What it records; `None` when it is not recorded.
    #[inline]
    pub(crate) fn open_mut(&mut self) -> Option<&mut OpenSpan> {
        self.any_mut().filter(|open| open.is_recording())
    }

    /// Ends or leaves it.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<Box<OpenSpan>> {
        if !cfg!(feature = "record") {
            return None;
        }
        self.open.take()
    }

    /// [`Span::any`], to be changed.
    #[inline]
    pub(crate) fn any_mut(&mut self) -> Option<&mut OpenSpan> {
        if !cfg!(feature = "record") {
            return None;
        }
        self.open.as_deref_mut()
    }

    /// Whether anything set here is recorded.
    #[inline]
    pub fn is_recording(&self) -> bool {
        self.any().is_some_and(OpenSpan::is_recording)
    }

    /// The ids that children and log lines within it get. `None` when the span changes nothing about those: its tracer is
    /// off, or a span around it is not sampled either.
    #[cfg_attr(not(feature = "record"), inline)]
    pub fn active(&self) -> Option<ActiveSpan> {
        self.place().and_then(|place| place.active())
    }

    /// Its trace; `None` as in [`Span::active`].
    #[cfg_attr(not(feature = "record"), inline)]
    pub fn trace_id(&self) -> Option<TraceId> {
        self.active().map(|a| a.trace_id)
    }

    /// Its id; `None` as in [`Span::active`].
    #[cfg_attr(not(feature = "record"), inline)]
    pub fn span_id(&self) -> Option<SpanId> {
        self.active().map(|a| a.span_id)
    }

    /// What another process needs to know of it to continue its trace; `None` as in [`Span::active`].
    #[cfg_attr(not(feature = "record"), inline)]
    pub fn context(&self) -> Option<SpanContext> {
        of_place(self.place()?, |place| self.any().map(|open| open.tracer.state_of(place)))
    }

    /// Adds a link to another span that it has to do with, with attributes that say what the link means.
    #[cfg_attr(not(feature = "record"), inline)]
    pub fn link(&mut self, to: &SpanContext, attributes: &[(&'static str, Value<'_>)]) {
        if let Some(open) = self.open_mut() {
            let fields = attributes.iter().map(|(key, value)| (Key::of(key), value));
            open.link(to.into(), to.trace_state.as_str(), fields);
        }
    }

    /// Makes it the active span of this thread until the guard drops, which ends it.
    #[cfg_attr(not(feature = "record"), inline)]
    pub fn enter(self) -> SpanGuard {
        SpanGuard::new(self)
    }

    /// Sets an attribute; a key set before gets the new value. Keys without a dot are exported with the `acm.` prefix.
    #[inline]
    pub fn set<'a>(&mut self, key: &'static str, value: impl Into<Value<'a>>) {
        if let Some(open) = self.open_mut() {
            open.set(Key::of(key), &value.into());
        }
    }

    /// Sets an attribute whose key is only known at run time.
    pub fn set_dynamic<'a>(&mut self, key: &str, value: impl Into<Value<'a>>) {
        if let Some(open) = self.open_mut() {
            open.set(Key::Text(key), &value.into());
        }
    }

    /// Adds an attribute of a macro, whose keys are all different.
    #[doc(hidden)]
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "with the type of the value known it is a few instructions")]
    pub fn add_literal<'a>(&mut self, key: &'static Literal, value: impl Into<Value<'a>>) {
        let Some(open) = self.open_mut() else { return };
        let value = value.into();
        match (key.index(), Word::of(&value), &value) {
            (0, _, _) => open.add(Key::Text(key.text()), &value),
            (number, Some(word), _) => open.add_word(number, word),
            (number, None, Value::Str(text)) => open.add_text(number, text),
            (number, None, _) => open.add(Key::Number(number), &value),
        }
    }

    /// Records that something happened now. Keys of its fields are exported as attributes' keys are. The fields are made also
    /// when the span is not recorded: where that costs too much, ask [`Span::is_recording`] first.
    #[cfg_attr(not(feature = "record"), inline)]
    pub fn event(&mut self, name: &'static str, fields: &[(&'static str, Value<'_>)]) {
        if let Some(open) = self.open_mut() {
            let now = open.tracer.clock.ticks();
            open.event(Key::of(name), now, false, fields.iter().map(|(key, value)| (Key::of(key), value)));
        }
    }

    /// Says how the work ended.
    #[cfg_attr(not(feature = "record"), inline)]
    pub fn outcome(&mut self, outcome: Outcome) {
        if let Some(open) = self.open_mut() {
            open.outcome = outcome.code();
        }
    }

    /// Sets OpenTelemetry's status, beside the outcome.
    #[cfg_attr(not(feature = "record"), inline)]
    pub fn status(&mut self, status: &Status) {
        if let Some(open) = self.open_mut() {
            match status {
                Status::Unset => open.status = 0,
                Status::Ok => open.status = STATUS_OK,
                Status::Error(message) => {
                    open.status = STATUS_ERROR;
                    open.message(message);
                }
            }
        }
    }

    /// Marks the span failed, with a description for people.
    #[cfg_attr(not(feature = "record"), inline)]
    pub fn error(&mut self, message: &str) {
        if let Some(open) = self.open_mut() {
            open.outcome = Outcome::Fail.code();
            open.status = STATUS_ERROR;
            open.message(message);
        }
    }

    /// Marks the span failed: OpenTelemetry status, `error.type`, `error.message`, `acm.error_type`, and an `exception`
    /// event with the type, the message and, as its stack trace, the chain of causes (and a backtrace where
    /// `RUST_BACKTRACE` asks for one).
    pub fn record_error<E: std::error::Error + ?Sized>(&mut self, error: &E) {
        if self.is_recording() {
            self.record_failure(error_type::<E>(), &error.to_string(), Some(&chain(error)));
        }
    }

    /// [`Span::record_error`] for what is no [`std::error::Error`].
    #[cfg_attr(not(feature = "record"), inline)]
    pub fn record_failure(&mut self, kind: &str, message: &str, trace: Option<&str>) {
        if !self.is_recording() {
            return;
        }
        self.error(message);
        for key in [keys::ERROR_TYPE, keys::OTEL_ERROR_TYPE] {
            self.set(key, kind);
        }
        self.set(keys::ERROR_MESSAGE, message);
        let fields = [
            (keys::EXCEPTION_TYPE, Value::from(kind)),
            (keys::EXCEPTION_MESSAGE, Value::from(message)),
            (keys::EXCEPTION_STACKTRACE, Value::from(trace.unwrap_or_default())),
        ];
        let fields = if trace.is_some() { &fields[..] } else { &fields[..2] };
        self.event("exception", fields);
    }

    /// Marks the span failed by a panic that is under way.
    pub(crate) fn record_panic(&mut self) {
        self.error("panicked");
        for key in [keys::ERROR_TYPE, keys::OTEL_ERROR_TYPE] {
            self.set(key, "panic");
        }
    }

    /// Passes a result through, recording its error.
    pub fn record_result<T, E: std::error::Error>(&mut self, result: Result<T, E>) -> Result<T, E> {
        if let Err(error) = &result {
            self.record_error(error);
        }
        result
    }

    /// Flags its trace to be kept where the sampler has rules for that: see
    /// [`KeepRules::flagged`](obs_core::sampling::KeepRules::flagged).
    #[cfg_attr(not(feature = "record"), inline)]
    pub fn keep(&mut self) {
        if let Some(open) = self.open_mut() {
            open.flags |= layout::KEEP;
        }
    }

    /// Sets the kind, which otherwise follows from the name.
    #[cfg_attr(not(feature = "record"), inline)]
    pub fn set_kind(&mut self, kind: SpanKind) {
        if let Some(open) = self.open_mut() {
            open.kind = kind.otlp() as u8;
        }
    }

    /// Adds at the end what the process used meanwhile: `acm.mem_mb` (resident memory then), `acm.mem_delta_mb` (how much
    /// it grew), `acm.cpu_pct` (100 for one processor all the time) and `acm.duration_s`. Two readings of `/proc`, 10 to
    /// 20 µs in all; Linux only, elsewhere just the duration.
    #[cfg_attr(not(feature = "record"), inline)]
    pub fn track_resources(&mut self) {
        if let Some(open) = self.open_mut() {
            open.usage = Some(Box::new(Usage::now(&open.tracer.clock)));
        }
    }
}

impl Drop for Span {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a span that is off must cost a branch, not a call")]
    fn drop(&mut self) {
        if let Some(open) = self.take() {
            local::end(open);
        }
    }
}
