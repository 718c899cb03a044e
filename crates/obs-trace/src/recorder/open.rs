//! [`OpenSpan`]: a span at work.

use super::attributes::{self, Key, Replaced, Word};
use super::extra::{Bounds, Extra, Fields};
use super::layout;
use super::words::push_bytes;
use crate::otlp::STATUS_ERROR;
use crate::record::Outcome;
use crate::resources::Usage;
use crate::tracer::Inner;
use crate::value::Value;
use obs_core::active::{self, Place};
use obs_core::config::SpanLimits;
use obs_core::{SharedContext, SpanId, keys};
use std::sync::Arc;

/// Words that a span has room for from the beginning: the head, and three or so attributes.
const WORDS: usize = 24;
/// Words and bytes that a span keeps for the next one that uses it.
const KEPT_WORDS: usize = 128;
const KEPT_EXTRA: usize = 4096;
/// How many attributes may die before they are taken out.
const MOST_DEAD: u32 = 64;

/// A span at work. It is used again for other spans of its tracer, and keeps what it may need again: its room, its tracer,
/// and the context of the last span, which most likely is that of the next.
#[derive(Debug)]
pub(crate) struct OpenSpan {
    pub(crate) tracer: Arc<Inner>,
    pub(crate) context: Option<Arc<SharedContext>>,
    /// Its number; zero without one.
    pub(crate) context_id: u64,
    /// The record so far, up to and with the attributes: see [`layout`].
    pub(crate) words: Vec<u64>,
    pub(crate) extra: Option<Box<Extra>>,
    pub(crate) usage: Option<Box<Usage>>,
    pub(crate) place: Place,
    /// Where its thread was before it entered the span.
    pub(crate) previous: Place,
    /// Where the attributes begin.
    attributes_at: u32,
    attributes: u32,
    dropped_attributes: u32,
    dead: u32,
    /// Whether the thread was panicking when it began: then it may end well all the same.
    unwinding: bool,
    pub(crate) flags: u8,
    pub(crate) kind: u8,
    pub(crate) outcome: u8,
    pub(crate) status: u8,
}

/// What a span is called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name<'a>(pub(crate) Key<'a>);

impl OpenSpan {
    pub(crate) fn new(tracer: Arc<Inner>) -> Box<Self> {
        Box::new(Self {
            tracer,
            context: None,
            context_id: 0,
            words: Vec::with_capacity(WORDS),
            extra: None,
            usage: None,
            place: Place::NOWHERE,
            previous: Place::NOWHERE,
            attributes_at: 0,
            attributes: 0,
            dropped_attributes: 0,
            dead: 0,
            unwinding: false,
            flags: 0,
            kind: 0,
            outcome: 0,
            status: 0,
        })
    }

    /// Whether it is recorded, and not only a place for its children to be.
    #[inline]
    pub(crate) fn is_recording(&self) -> bool {
        self.place.has(Place::RECORDED)
    }

    /// Becomes the span of `place`.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a place passed through memory is slow to read back")]
    pub(crate) fn begin(&mut self, name: Name<'_>, place: Place, parent: u64, flags: u8) {
        let context_id = active::context_id();
        if self.context_id != context_id {
            self.change_context();
        }
        self.place = place;
        (self.attributes, self.dropped_attributes, self.dead) = (0, 0, 0);
        (self.flags, self.kind, self.outcome, self.status) = (flags, 0, 0, 0);
        self.unwinding = std::thread::panicking();
        let (high, low) = place.trace();
        self.words.clear();
        let number = match name.0 {
            Key::Number(number) => u64::from(number),
            Key::Text(_) => 0,
        };
        let start = self.tracer.clock.ticks();
        self.words.extend_from_slice(&[0, number, high, low, place.span(), parent, start, 0, 0]);
        if let Key::Text(text) = name.0 {
            let text = attributes::cut(text, self.tracer.limits.value_bytes as usize);
            self.words.push(text.len() as u64);
            push_bytes(&mut self.words, text.as_bytes());
        }
        self.attributes_at = self.words.len() as u32;
    }

    #[cold]
    fn change_context(&mut self) {
        self.context = active::context();
        self.context_id = self.context.as_ref().map_or(0, |c| c.id());
    }

    /// Takes another name.
    #[cfg(any(feature = "opentelemetry", feature = "tracing"))]
    pub(crate) fn rename(&mut self, name: Name<'_>) {
        let attributes = self.words.split_off(self.attributes_at as usize);
        self.words.truncate(layout::WORDS);
        self.words[layout::NAME] = match name.0 {
            Key::Number(number) => u64::from(number),
            Key::Text(_) => 0,
        };
        if let Key::Text(text) = name.0 {
            let text = attributes::cut(text, self.tracer.limits.value_bytes as usize);
            self.words.push(text.len() as u64);
            push_bytes(&mut self.words, text.as_bytes());
        }
        self.attributes_at = self.words.len() as u32;
        self.words.extend_from_slice(&attributes);
    }

    fn limits(&self) -> &SpanLimits {
        &self.tracer.limits
    }

    /// Whether another attribute may be added; one that may not is counted.
    #[inline]
    fn has_room(&mut self) -> bool {
        let has_room = self.attributes < self.tracer.limits.attributes;
        if has_room {
            self.attributes += 1;
        } else {
            self.dropped_attributes += 1;
        }
        has_room
    }

    /// Adds an attribute of one word whose key was not set before.
    pub(crate) fn add_word(&mut self, number: u32, word: Word) {
        if self.has_room() {
            attributes::push_word(&mut self.words, number, word);
        }
    }

    /// Adds an attribute of text whose key was not set before.
    pub(crate) fn add_text(&mut self, number: u32, text: &str) {
        if self.has_room() {
            let longest = self.tracer.limits.value_bytes as usize;
            attributes::push_text(&mut self.words, number, text, longest);
        }
    }

    /// Adds an attribute whose key was not set before.
    pub(crate) fn add(&mut self, key: Key<'_>, value: &Value<'_>) {
        if self.has_room() {
            let longest = self.tracer.limits.value_bytes as usize;
            attributes::push(&mut self.words, key, value, longest);
        }
    }

    /// Sets an attribute.
    pub(crate) fn set(&mut self, key: Key<'_>, value: &Value<'_>) {
        let from = self.attributes_at as usize;
        match attributes::replace(&mut self.words[from..], key, value) {
            Replaced::InPlace => return,
            Replaced::Killed => {
                self.attributes -= 1;
                self.dead += 1;
            }
            Replaced::Nothing => {}
        }
        if self.dead > MOST_DEAD {
            attributes::compact(&mut self.words, from);
            self.dead = 0;
        }
        self.add(key, value);
    }

    fn extra(&mut self) -> &mut Extra {
        self.extra.get_or_insert_default()
    }

    /// Adds an event at a time: ticks, or nanoseconds since the Unix epoch when `fixed`.
    pub(crate) fn event<'f>(&mut self, name: Key<'_>, time: u64, fixed: bool, fields: impl Fields<'f>) {
        let limits = *self.limits();
        let extra = self.extra();
        if extra.event_count >= limits.events {
            extra.dropped_events = extra.dropped_events.saturating_add(1);
            return;
        }
        let bounds = Bounds::new(limits.event_attributes, limits.value_bytes);
        extra.event(name, time, fixed, fields, bounds);
    }

    /// Adds a link.
    pub(crate) fn link<'f>(
        &mut self,
        to: (obs_core::TraceId, SpanId, u32),
        state: &str,
        fields: impl Fields<'f>,
    ) {
        let limits = *self.limits();
        let extra = self.extra();
        if extra.link_count >= limits.links {
            extra.dropped_links = extra.dropped_links.saturating_add(1);
            return;
        }
        let bounds = Bounds::new(limits.link_attributes, limits.value_bytes);
        extra.link(to, state, fields, bounds);
    }

    /// Sets the message of the status.
    pub(crate) fn message(&mut self, text: &str) {
        let longest = self.limits().value_bytes as usize;
        let message = &mut self.extra().message;
        message.clear();
        message.push_str(attributes::cut(text, longest));
    }

    /// Sets the W3C trace state.
    pub(crate) fn state(&mut self, text: &str) {
        let state = &mut self.extra().state;
        state.clear();
        state.push_str(text);
    }

    /// The span has ended: adds what its end says, and completes the record.
    #[inline]
    pub(crate) fn conclude(&mut self, end: u64) {
        if self.flags & layout::LOCAL_ROOT != 0 || self.usage.is_some() || self.place.has(Place::STATE) {
            self.conclude_rest();
        }
        if std::thread::panicking() && !self.unwinding {
            self.fail_by_panic();
        }
        self.finish(end);
    }

    /// What only some spans have to say at their end.
    fn conclude_rest(&mut self) {
        // Before the root is over, with which the trace's state goes.
        if self.place.has(Place::STATE) {
            let state = self.tracer.state_of(self.place);
            self.state(state.as_str());
        }
        if self.flags & layout::LOCAL_ROOT != 0 {
            let over = self.tracer.end_root(self.place);
            if over > 0 {
                self.set(Key::of(keys::DROPPED_SPANS), &Value::from(over));
            }
        }
        if let Some(usage) = self.usage.take() {
            self.add_usage(*usage);
        }
    }

    #[cold]
    fn fail_by_panic(&mut self) {
        self.outcome = Outcome::Fail.code();
        if self.status != STATUS_ERROR {
            self.status = STATUS_ERROR;
            self.message("panicked");
            for key in [keys::ERROR_TYPE, keys::OTEL_ERROR_TYPE] {
                self.set(Key::of(key), &Value::from("panic"));
            }
        }
    }

    #[cold]
    fn add_usage(&mut self, start: Usage) {
        let used = start.until(Usage::now(&self.tracer.clock));
        if let Some((resident, growth)) = used.memory {
            self.set(Key::of(keys::MEM_MB), &Value::from(resident));
            self.set(Key::of(keys::MEM_DELTA_MB), &Value::from(growth));
        }
        self.set(Key::of(keys::CPU_PCT), &Value::from(used.cpu_pct));
        self.set(Key::of(keys::DURATION_S), &Value::from(used.seconds));
    }

    /// Completes the record.
    #[inline]
    fn finish(&mut self, end: u64) {
        let attributes = self.words.len() - layout::WORDS;
        let mut rest = 0;
        if let Some(extra) = &self.extra {
            let before = self.words.len();
            extra.write(&mut self.words);
            rest = self.words.len() - before;
        }
        let length = self.words.len();
        self.words[layout::HEAD] = layout::head(length, self.flags, self.kind, self.outcome, self.status);
        self.words[layout::NAME] |= u64::from(self.dropped_attributes) << 32;
        if self.words[layout::END] == 0 {
            self.words[layout::END] = end;
        }
        self.words[layout::SIZES] = attributes as u64 | (rest as u64) << 32;
    }

    /// Gives up what is too large to be kept for the next span.
    #[inline]
    pub(crate) fn tidy(&mut self) {
        if self.extra.is_some() || self.words.capacity() > KEPT_WORDS {
            self.tidy_rest();
        }
    }

    #[cold]
    fn tidy_rest(&mut self) {
        if self.words.capacity() > KEPT_WORDS {
            self.words = Vec::with_capacity(WORDS);
        }
        if let Some(extra) = &mut self.extra {
            if extra.capacity() > KEPT_EXTRA {
                self.extra = None;
            } else {
                extra.clear();
            }
        }
    }
}
