//! [`Encoder`]: a record as a `Span` message, with what is known beforehand copied and not written anew.

use super::contexts::ContextBytes;
use super::names::{Known, NameBytes};
use super::raw::RawSpan;
use crate::otlp::write_attribute;
use crate::record::Outcome;
use crate::recorder::attributes::{self, Raw, ReadKey};
use crate::recorder::extra::{ReadList, read_event, read_link};
use crate::recorder::layout;
use crate::recorder::words::{Reader, Text};
use crate::value::Value;
use obs_core::clock::Timeline;
use obs_core::keys;
use obs_export::wire::Writer;

#[derive(Debug)]
pub(super) struct Encoder {
    names: Known,
    /// The attribute of each outcome, by its code.
    outcomes: [Vec<u8>; 4],
    text: Vec<u8>,
}

impl Encoder {
    pub(super) fn new(names: Known) -> Self {
        let outcomes = Outcome::ALL.map(|outcome| {
            let mut w = Writer::new();
            write_attribute(&mut w, 9, keys::OUTCOME, &Value::from(outcome.as_str()));
            w.into_vec()
        });
        Self { names, outcomes, text: Vec::new() }
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
            w.bytes(1, &span.trace().to_be_bytes());
            w.bytes(2, &span.span().to_be_bytes());
            if span.parent() != 0 {
                w.bytes(4, &span.parent().to_be_bytes());
            }
            w.fixed64(7, start);
            w.fixed64(8, end);
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
            self.attributes(w, 9, span.attributes);
            w.uint64_nonzero(10, u64::from(span.dropped_attributes()));
            self.rest(w, span, (start, end), timeline);
            w.fixed32(16, flags(span));
        });
    }

    #[inline]
    fn attributes(&mut self, w: &mut Writer, field: u32, mut reader: Reader<'_>) {
        while let Some(attribute) = attributes::read(&mut reader) {
            if matches!(attribute.value, Raw::Dead) {
                continue;
            }
            w.message(field, |kv| {
                match attribute.key {
                    ReadKey::Number(number) => kv.raw(self.names.key(number)),
                    ReadKey::Text(text) => kv.raw(&self.names.key_of(&text.to_string_lossy())),
                };
                match attribute.value {
                    Raw::Encoded(any) => {
                        let bytes = copied(&mut self.text, any);
                        kv.bytes(2, bytes)
                    }
                    value => kv.message(2, |any| {
                        match value {
                            Raw::I64(n) => any.int64(3, n),
                            Raw::F64(x) => any.double(4, x),
                            Raw::Bool(b) => any.bool(2, b),
                            Raw::Text(text) => {
                                let bytes = copied(&mut self.text, text);
                                any.bytes(1, bytes)
                            }
                            Raw::Dead | Raw::Encoded(_) => any,
                        };
                    }),
                };
            });
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
        self.attributes(w, field, list.attributes);
        w.uint64_nonzero(field + 1, u64::from(list.dropped));
    }
}

fn copied<'a>(buffer: &'a mut Vec<u8>, text: Text<'_>) -> &'a [u8] {
    buffer.clear();
    text.append_to(buffer);
    buffer
}

fn status(w: &mut Writer, code: u8, message: &str) {
    if code != 0 {
        w.message(15, |w| {
            w.string_nonempty(2, message);
            w.uint64(3, u64::from(code));
        });
    }
}

/// `SpanFlags`: W3C's sampled flag, and whether the parent is known to be remote.
fn flags(span: &RawSpan<'_>) -> u32 {
    let remote = if span.flags() & layout::REMOTE_PARENT != 0 { 0x200 } else { 0 };
    crate::otlp::HAS_IS_REMOTE | remote | u32::from(span.is_sampled())
}
