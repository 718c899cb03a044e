//! [`Encoder`]: a record as a `Span` message, with what is known beforehand copied and not written anew.

use super::contexts::ContextBytes;
use super::names::{Known, NameBytes};
use super::raw::RawSpan;
use crate::otlp::write_attribute;
use crate::record::Outcome;
use crate::recorder::attributes::{self, Raw, ReadKey};
use crate::recorder::extra::{ReadList, read_event, read_link};
use crate::recorder::layout;
use crate::recorder::words::Reader;
use crate::value::Value;
use obs_core::clock::Timeline;
use obs_core::keys;
use obs_export::wire::Writer;
use obs_export::wire::reader::{self, Field};
use std::collections::HashMap;

#[derive(Debug)]
pub(super) struct Encoder {
    names: Known,
    /// The attribute of each outcome, by its code.
    outcomes: [Vec<u8>; 4],
    /// The `AnyValue` at hand.
    any: Writer,
}

impl Encoder {
    pub(super) fn new(names: Known) -> Self {
        let outcomes = Outcome::ALL.map(|outcome| {
            let mut w = Writer::new();
            write_attribute(&mut w, 9, keys::OUTCOME, &Value::from(outcome.as_str()));
            w.into_vec()
        });
        Self { names, outcomes, any: Writer::new() }
    }

    /// Calls `f` with the number, the canonical name and the category of a span.
    pub(super) fn with_name(&mut self, span: &RawSpan<'_>, f: impl FnOnce(u32, &str, &str)) {
        if let Some(text) = span.text {
            let name = self.names.name_of(&text.to_string_lossy());
            f(0, &name.name, name.category());
        } else if let Some(name) = self.names.name(span.number()) {
            f(span.number(), &name.name, name.category());
        }
    }

    /// Appends the span as an element of `ScopeSpans.spans`.
    pub(super) fn span(
        &mut self,
        w: &mut Writer,
        span: &RawSpan<'_>,
        context: Option<&ContextBytes>,
        (start, end): (u64, u64),
        timeline: &Timeline,
    ) {
        let own = span.text.map(|text| self.names.name_of(&text.to_string_lossy()));
        w.long_message(2, |w| {
            w.raw(&fixed_part(span, (start, end)));
            if span.parent() != 0 {
                w.bytes(4, &span.parent().to_be_bytes());
            }
            let at = w.len();
            let mut name = |name: &NameBytes| {
                w.raw(&name.fields);
                w.uint64(6, u64::from(if span.kind() == 0 { name.kind } else { span.kind() }));
            };
            match &own {
                Some(own) => name(own),
                None => self.names.name(span.number()).into_iter().for_each(name),
            }
            if let Some(context) = context {
                w.raw(&context.fields);
            }
            w.raw(&self.outcomes[usize::from(span.outcome()) % self.outcomes.len()]);
            if self.attributes(w, 9, span.attributes) && may_repeat_a_key(&w.as_bytes()[at..], 9) {
                keep_last_of_each_key(w, at, 9);
            }
            w.uint64_nonzero(10, u64::from(span.dropped_attributes()));
            self.rest(w, span, (start, end), timeline);
        });
    }

    /// Appends attributes; says whether a key may stand there twice.
    #[inline]
    fn attributes(&mut self, w: &mut Writer, field: u32, mut reader: Reader<'_>) -> bool {
        self.names.begin_list();
        let mut may_repeat = false;
        while let Some(attribute) = attributes::read(&mut reader) {
            self.any.clear();
            match attribute.value {
                Raw::Dead => continue,
                Raw::I64(n) => self.any.int64(3, n),
                Raw::F64(x) => self.any.double(4, x),
                Raw::Bool(b) => self.any.bool(2, b),
                Raw::Text(text) => self.any.bytes_with(1, text.len(), |out| text.append_to(out)),
                Raw::Encoded(any) => self.any.raw_with(|out| any.append_to(out)),
            };
            let own;
            let key = match attribute.key {
                ReadKey::Number(number) => {
                    let (key, is_double) = self.names.key(number);
                    may_repeat |= is_double;
                    key
                }
                ReadKey::Text(text) => {
                    own = self.names.key_of(&text.to_string_lossy());
                    may_repeat = true;
                    &own
                }
            };
            w.key_value(field, key, self.any.as_bytes());
        }
        may_repeat
    }

    /// What only some spans have, and the status.
    fn rest(&mut self, w: &mut Writer, span: &RawSpan<'_>, times: (u64, u64), timeline: &Timeline) {
        let Some(extra) = span.extra() else {
            status(w, span.status(), "");
            return;
        };
        if extra.state.len() > 0 {
            w.string(3, &extra.state.to_string_lossy());
        }
        let mut events = extra.events;
        while let Some(event) = read_event(&mut events) {
            w.message(11, |w| {
                // Ticks of another thread may come out a few nanoseconds outside the span.
                let time =
                    if event.fixed { event.time } else { timeline.nanos(event.time).clamp(times.0, times.1) };
                w.fixed64(1, time);
                match event.name {
                    ReadKey::Number(number) => w.string(2, crate::literal::text(number)),
                    ReadKey::Text(text) => w.string(2, &text.to_string_lossy()),
                };
                self.fields(w, 3, event.fields);
            });
        }
        w.uint64_nonzero(12, u64::from(extra.dropped_events));
        let mut links = extra.links;
        while let Some(link) = read_link(&mut links) {
            w.message(13, |w| {
                w.bytes(1, &link.trace.to_be_bytes());
                w.bytes(2, &link.span.to_be_bytes());
                if link.state.len() > 0 {
                    w.string(3, &link.state.to_string_lossy());
                }
                self.fields(w, 4, link.fields);
                w.fixed32(6, link.flags);
            });
        }
        w.uint64_nonzero(14, u64::from(extra.dropped_links));
        status(w, span.status(), &extra.message.to_string_lossy());
    }

    /// The attributes of an event or a link, and how many it lost, which its schema has next.
    fn fields(&mut self, w: &mut Writer, field: u32, list: ReadList<'_>) {
        let at = w.len();
        if self.attributes(w, field, list.attributes) && may_repeat_a_key(&w.as_bytes()[at..], field) {
            keep_last_of_each_key(w, at, field);
        }
        w.uint64_nonzero(field + 1, u64::from(list.dropped));
    }
}

/// Keys that are told apart by their hashes; more are looked at one by one.
const HASHED: usize = 32;

/// Whether two attributes (fields with the number `field`) may have one key: nearly always none have, and that is found out
/// without an allocation.
fn may_repeat_a_key(written: &[u8], field: u32) -> bool {
    let mut hashes = [0_u64; HASHED];
    let mut seen = 0;
    for (number, value) in reader::fields(written) {
        let Field::Bytes(attribute) = value else { continue };
        if number != u64::from(field) {
            continue;
        }
        let Some((1, Field::Bytes(key))) = reader::fields(attribute).next() else { continue };
        // FNV-1a, 64 bits.
        let hash =
            key.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3));
        if seen == HASHED || hashes[..seen].contains(&hash) {
            return true;
        }
        hashes[seen] = hash;
        seen += 1;
    }
    false
}

/// Of the attributes (fields with the number `field`) written from `at` on, leaves those that are the last with their key:
/// OpenTelemetry's keys are unique, and what was said last counts.
#[cold]
fn keep_last_of_each_key(w: &mut Writer, at: usize, field: u32) {
    let written = w.as_bytes()[at..].to_vec();
    let key = |attribute| reader::fields(attribute).find(|(number, _)| *number == 1).map(|(_, key)| key);
    let mut last = HashMap::new();
    for (index, (number, value)) in reader::fields(&written).enumerate() {
        if let (true, Field::Bytes(attribute)) = (number == u64::from(field), value)
            && let Some(Field::Bytes(key)) = key(attribute)
        {
            last.insert(key, index);
        }
    }
    w.truncate(at);
    for (index, (number, value)) in reader::fields(&written).enumerate() {
        match value {
            Field::Bytes(attribute) if number == u64::from(field) => {
                let is_last = key(attribute).is_none_or(|key| match key {
                    Field::Bytes(key) => last.get(key) == Some(&index),
                    _ => true,
                });
                if is_last {
                    w.bytes(field, attribute);
                }
            }
            Field::Bytes(bytes) => _ = w.bytes(number as u32, bytes),
            Field::Varint(n) => _ = w.uint64(number as u32, n),
            Field::Fixed64(n) => _ = w.fixed64(number as u32, n),
            Field::Fixed32(n) => _ = w.fixed32(number as u32, n),
        }
    }
}

/// What every span has, at its place: trace id, span id, start, end, flags.
#[inline]
fn fixed_part(span: &RawSpan<'_>, (start, end): (u64, u64)) -> [u8; 52] {
    let mut part = [0; 52];
    part[0..2].copy_from_slice(&[1 << 3 | 2, 16]);
    part[2..18].copy_from_slice(&span.trace().to_be_bytes());
    part[18..20].copy_from_slice(&[2 << 3 | 2, 8]);
    part[20..28].copy_from_slice(&span.span().to_be_bytes());
    part[28] = 7 << 3 | 1;
    part[29..37].copy_from_slice(&start.to_le_bytes());
    part[37] = 8 << 3 | 1;
    part[38..46].copy_from_slice(&end.to_le_bytes());
    // Field 16 is the first whose tag, 16 << 3 | 5, takes two bytes as a varint.
    part[46..48].copy_from_slice(&[0x85, 1]);
    part[48..52].copy_from_slice(&flags(span).to_le_bytes());
    part
}

fn status(w: &mut Writer, code: u8, message: &str) {
    if code != 0 {
        w.message(15, |w| {
            w.string_nonempty(2, message);
            w.uint64(3, u64::from(code));
        });
    }
}

fn flags(span: &RawSpan<'_>) -> u32 {
    let has = |flag: u8| span.flags() & flag != 0;
    crate::otlp::flags(span.is_sampled(), has(layout::RANDOM), has(layout::REMOTE_PARENT))
}
