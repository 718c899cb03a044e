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
            self.attributes(w, at, 9, span.attributes);
            w.uint64_nonzero(10, u64::from(span.dropped_attributes()));
            self.rest(w, span, (start, end), timeline);
        });
    }

    /// Appends attributes to the list that begins at `at`. OpenTelemetry's keys are unique: what is said last counts.
    #[inline]
    fn attributes(&mut self, w: &mut Writer, at: usize, field: u32, mut reader: Reader<'_>) {
        self.names.begin_list();
        let mut has_text = false;
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
            let (key, may_repeat) = match attribute.key {
                ReadKey::Number(number) => self.names.key(number),
                ReadKey::Text(text) => {
                    own = self.names.key_of(&text.to_string_lossy());
                    has_text = true;
                    (own.as_slice(), true)
                }
            };
            // Nobody notes which keys without a number were there.
            if may_repeat || has_text {
                remove(w, at, field, key);
            }
            w.key_value(field, key, self.any.as_bytes());
        }
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
        self.attributes(w, at, field, list.attributes);
        w.uint64_nonzero(field + 1, u64::from(list.dropped));
    }
}

/// Takes the attribute (a field with the number `field`) with this key out of those written from `at` on, if it is there. `key`
/// is the field `key` of a `KeyValue`, with which the attribute begins.
#[cold]
fn remove(w: &mut Writer, at: usize, field: u32, key: &[u8]) {
    let has_key = |value: Field<'_>| matches!(value, Field::Bytes(bytes) if bytes.starts_with(key));
    let found = reader::places(&w.as_bytes()[at..])
        .find(|(_, number, value)| *number == u64::from(field) && has_key(*value));
    if let Some((place, ..)) = found {
        w.remove(at + place.start..at + place.end);
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
