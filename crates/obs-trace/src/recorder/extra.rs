//! [`Extra`]: what only some spans have: events, links, the message of a status, a trace state.

use super::attributes::{self, Key};
use super::words::{Reader, Text, push_bytes};
use crate::propagation::SpanContext;
use crate::value::Value;
use obs_core::{SpanId, TraceId};

/// The fields of an event, or the attributes of a link.
pub(crate) trait Fields<'f>: ExactSizeIterator<Item = (Key<'f>, &'f Value<'f>)> {}

impl<'f, I: ExactSizeIterator<Item = (Key<'f>, &'f Value<'f>)>> Fields<'f> for I {}

/// What only some spans have. Its lists are bounded by the limits that its callers keep to.
#[derive(Debug, Default)]
pub(crate) struct Extra {
    events: Vec<u64>,
    links: Vec<u64>,
    pub(crate) message: String,
    pub(crate) state: String,
    pub(crate) event_count: u32,
    pub(crate) dropped_events: u32,
    pub(crate) link_count: u32,
    pub(crate) dropped_links: u32,
}

impl From<&SpanContext> for (TraceId, SpanId, u32) {
    fn from(to: &SpanContext) -> Self {
        (to.trace_id, to.span_id, crate::otlp::flags(to.sampled, to.random, to.is_remote))
    }
}

/// Limits of one list of attributes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    attributes: usize,
    value_bytes: usize,
}

impl Bounds {
    pub(crate) fn new(attributes: u32, value_bytes: u32) -> Self {
        Self { attributes: attributes as usize, value_bytes: value_bytes as usize }
    }
}

impl Extra {
    pub(crate) fn clear(&mut self) {
        self.events.clear();
        self.links.clear();
        self.message.clear();
        self.state.clear();
        (self.event_count, self.dropped_events, self.link_count, self.dropped_links) = (0, 0, 0, 0);
    }

    /// Bytes that it would keep when reused.
    pub(crate) fn capacity(&self) -> usize {
        8 * (self.events.capacity() + self.links.capacity()) + self.message.capacity() + self.state.capacity()
    }

    /// Adds an event. `time` is ticks, or nanoseconds since the Unix epoch when `fixed`.
    pub(crate) fn event<'f>(
        &mut self,
        name: Key<'_>,
        time: u64,
        fixed: bool,
        fields: impl Fields<'f>,
        bounds: Bounds,
    ) {
        self.event_count += 1;
        let words = &mut self.events;
        match name {
            Key::Number(number) => words.push(u64::from(number) | u64::from(fixed) << 32),
            Key::Text(text) => {
                let text = attributes::cut(text, bounds.value_bytes);
                words.extend_from_slice(&[u64::from(fixed) << 32, text.len() as u64]);
                push_bytes(words, text.as_bytes());
            }
        }
        words.push(time);
        list(words, fields, bounds);
    }

    /// Adds a link to another span: its ids and its flags.
    pub(crate) fn link<'f>(
        &mut self,
        (trace, span, flags): (TraceId, SpanId, u32),
        state: &str,
        fields: impl Fields<'f>,
        bounds: Bounds,
    ) {
        self.link_count += 1;
        let words = &mut self.links;
        let trace = trace.get();
        words.extend_from_slice(&[(trace >> 64) as u64, trace as u64, span.get(), u64::from(flags)]);
        words.push(state.len() as u64);
        push_bytes(words, state.as_bytes());
        list(words, fields, bounds);
    }

    /// Appends everything as words.
    pub(crate) fn write(&self, words: &mut Vec<u64>) {
        words.extend_from_slice(&[
            u64::from(self.dropped_events) | u64::from(self.dropped_links) << 32,
            self.events.len() as u64 | (self.links.len() as u64) << 32,
            self.message.len() as u64 | (self.state.len() as u64) << 32,
        ]);
        words.extend_from_slice(&self.events);
        words.extend_from_slice(&self.links);
        push_bytes(words, self.message.as_bytes());
        push_bytes(words, self.state.as_bytes());
    }
}

/// A list of attributes: how many words it has, how many attributes were dropped, the attributes.
fn list<'f>(words: &mut Vec<u64>, fields: impl Fields<'f>, bounds: Bounds) {
    let at = words.len();
    words.push(0);
    let dropped = fields.len().saturating_sub(bounds.attributes);
    for (key, value) in fields.take(bounds.attributes) {
        attributes::push(words, key, value, bounds.value_bytes);
    }
    words[at] = (words.len() - at - 1) as u64 | (dropped as u64) << 32;
}

/// [`Extra`] as it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadExtra<'a> {
    pub(crate) dropped_events: u32,
    pub(crate) dropped_links: u32,
    pub(crate) events: Reader<'a>,
    pub(crate) links: Reader<'a>,
    pub(crate) message: Text<'a>,
    pub(crate) state: Text<'a>,
}

impl<'a> ReadExtra<'a> {
    pub(crate) fn read(words: &'a [u64]) -> Option<Self> {
        let mut reader = Reader(words);
        let (dropped, lists, texts) = (reader.word()?, reader.word()?, reader.word()?);
        Some(Self {
            dropped_events: dropped as u32,
            dropped_links: (dropped >> 32) as u32,
            events: Reader(reader.words(lists as u32 as usize)?),
            links: Reader(reader.words((lists >> 32) as usize)?),
            message: reader.bytes(texts as u32 as usize)?,
            state: reader.bytes((texts >> 32) as usize)?,
        })
    }
}

/// An event as it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadEvent<'a> {
    pub(crate) name: attributes::ReadKey<'a>,
    pub(crate) time: u64,
    pub(crate) fixed: bool,
    pub(crate) fields: ReadList<'a>,
}

/// A list of attributes as it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadList<'a> {
    pub(crate) attributes: Reader<'a>,
    pub(crate) dropped: u32,
}

fn read_list<'a>(reader: &mut Reader<'a>) -> Option<ReadList<'a>> {
    let word = reader.word()?;
    Some(ReadList { attributes: Reader(reader.words(word as u32 as usize)?), dropped: (word >> 32) as u32 })
}

pub(crate) fn read_event<'a>(reader: &mut Reader<'a>) -> Option<ReadEvent<'a>> {
    let word = reader.word()?;
    let name = match word as u32 {
        0 => {
            let length = usize::try_from(reader.word()?).ok()?;
            attributes::ReadKey::Text(reader.bytes(length)?)
        }
        number => attributes::ReadKey::Number(number),
    };
    let time = reader.word()?;
    Some(ReadEvent { name, time, fixed: word >> 32 != 0, fields: read_list(reader)? })
}

/// A link as it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadLink<'a> {
    pub(crate) trace: u128,
    pub(crate) span: u64,
    pub(crate) flags: u32,
    pub(crate) state: Text<'a>,
    pub(crate) fields: ReadList<'a>,
}

pub(crate) fn read_link<'a>(reader: &mut Reader<'a>) -> Option<ReadLink<'a>> {
    let (high, low, span, flags) = (reader.word()?, reader.word()?, reader.word()?, reader.word()?);
    let length = usize::try_from(reader.word()?).ok()?;
    let state = reader.bytes(length)?;
    let fields = read_list(reader)?;
    let trace = u128::from(high) << 64 | u128::from(low);
    Some(ReadLink { trace, span, flags: flags as u32, state, fields })
}
