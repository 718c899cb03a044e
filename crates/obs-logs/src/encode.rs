//! From a slog record to a [`LogLine`].

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

use obs_core::active::{self, ActiveSpan};
use obs_core::{SharedContext, keys};
use slog::{KV, OwnedKVList, Record};

use crate::category::LogCategory;
use crate::fields::Fields;
use crate::json;
use crate::level::Level;
use crate::line::LogLine;
use crate::slots::Slot;
use crate::timestamp::Timestamps;

/// Buffers larger than this shrink again after the line that needed them.
const KEEP: usize = 64 * 1024;

thread_local! {
    /// Taken while a line is written, so that a `Display` that logs finds nothing and works in a fresh one.
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

/// What a thread keeps from line to line.
#[derive(Debug, Default)]
struct Scratch {
    line: Vec<u8>,
    fields: Fields,
    timestamps: Timestamps,
    context: ContextText,
}

/// The parts of a line that its logger knows beforehand.
#[derive(Debug)]
pub(crate) struct Head {
    /// `"pipeline"`, quotes included; `None` for the root.
    pub(crate) component: Option<Box<[u8]>>,
    /// `,"logger":"acm.pipeline","service":"acm","environment":"production"`
    pub(crate) names: Box<[u8]>,
}

/// What encoding met beside the line itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Met {
    pub(crate) renamed: u64,
    pub(crate) not_finite: u64,
}

/// Serialises a record, once.
pub(crate) fn encode(
    head: &Head,
    id: [u8; 16],
    timestamp: u64,
    record: &Record<'_>,
    values: &OwnedKVList,
) -> (LogLine, Met) {
    let mut scratch = SCRATCH.try_with(Cell::take).ok().flatten().unwrap_or_default();
    let encoded = scratch.encode(head, id, timestamp, record, values);
    let _ = SCRATCH.try_with(|slot| slot.set(Some(scratch)));
    encoded
}

impl Scratch {
    fn encode(
        &mut self,
        head: &Head,
        id: [u8; 16],
        timestamp: u64,
        record: &Record<'_>,
        values: &OwnedKVList,
    ) -> (LogLine, Met) {
        self.fields.clear(KEEP);
        // `Fields` never fails; a `Value` of the caller's that does leaves its field out, and those after it.
        let _ = record.kv().serialize(record, &mut self.fields);
        let _ = values.serialize(record, &mut self.fields);
        let context = active::context();
        self.context.load(context.as_ref());
        let span = active::span();
        let level = Level::from(record.level());
        let category = LogCategory::from_tag(record.tag());

        self.line.clear();
        self.line.shrink_to(KEEP);
        let mut writer = Writer { out: &mut self.line, fields: &self.fields, context: &self.context };
        writer.out.extend_from_slice(b"{\"timestamp\":\"");
        self.timestamps.write(writer.out, timestamp);
        writer.out.extend_from_slice(b"\",\"level\":\"");
        writer.out.extend_from_slice(level.as_str().as_bytes());
        writer.out.extend_from_slice(b"\",\"message\":");
        let start = writer.out.len();
        writer.out.push(b'"');
        json::escaped_arguments(writer.out, record.msg());
        writer.out.push(b'"');
        let message = start..writer.out.len();
        if let Some(category) = category {
            writer.out.extend_from_slice(b",\"category\":\"");
            writer.out.extend_from_slice(category.as_str().as_bytes());
            writer.out.push(b'"');
        }
        let component = writer.component(head);
        writer.out.extend_from_slice(&head.names);
        let mut slots: [Option<Range<usize>>; Slot::COUNT] = Default::default();
        for slot in Slot::AFTER_ENVIRONMENT {
            slots[slot as usize] = writer.slot(slot);
        }
        writer.out.extend_from_slice(self.context.baggage());
        writer.span(span);
        writer.out.extend_from_slice(b",\"source\":\"");
        json::escaped(writer.out, record.file());
        writer.out.push(b':');
        json::unsigned(writer.out, record.line().into());
        writer.out.push(b'"');
        let fields = writer.own_fields();
        writer.out.push(b'}');

        let text = |range: &Range<usize>| std::str::from_utf8(&self.line[range.clone()]).unwrap_or_default();
        // The text of the context's ids is known to be theirs; only a caller's has to be read.
        let run_id = match self.fields.slot(Slot::RunId) {
            Some(_) => {
                slots[Slot::RunId as usize].as_ref().and_then(|r| text(r).trim_matches('"').parse().ok())
            }
            None => context.as_ref().and_then(|c| c.run_id),
        };
        let equip_id = match self.fields.slot(Slot::EquipId) {
            Some(_) => slots[Slot::EquipId as usize].as_ref().and_then(|r| text(r).parse().ok()),
            None => context.as_ref().and_then(|c| c.equip_id),
        };
        let line = LogLine {
            json: owned(&self.line),
            id,
            timestamp,
            level,
            category,
            run_id,
            equip_id,
            trace_id: span.map(|s| s.trace_id),
            span_id: span.map(|s| s.span_id),
            message,
            component,
            request_id: slots[Slot::RequestId as usize].take(),
            fields,
        };
        (line, Met { renamed: self.fields.renamed, not_finite: self.fields.not_finite })
    }
}

/// The line as text. Only UTF-8 is ever written; the check is what safe code pays, and the lossy way, many times slower,
/// is never taken.
fn owned(line: &[u8]) -> Box<str> {
    match std::str::from_utf8(line) {
        Ok(text) => text.into(),
        Err(_) => String::from_utf8_lossy(line).into(),
    }
}

/// Appends the members of one line.
struct Writer<'a> {
    out: &'a mut Vec<u8>,
    fields: &'a Fields,
    context: &'a ContextText,
}

impl Writer<'_> {
    /// `,"key":value`; returns where the value went.
    fn member(&mut self, key: &str, value: &[u8]) -> Range<usize> {
        self.out.extend_from_slice(b",\"");
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
        let start = self.out.len();
        self.out.extend_from_slice(value);
        start..self.out.len()
    }

    /// The caller's value, else the context's.
    fn slot(&mut self, slot: Slot) -> Option<Range<usize>> {
        let value = self.fields.slot(slot).or_else(|| self.context.slot(slot))?;
        Some(self.member(slot.key(), value))
    }

    /// The caller's component, else the logger's, else the context's; in lower case.
    fn component(&mut self, head: &Head) -> Option<Range<usize>> {
        let given = self.fields.slot(Slot::Component).or(head.component.as_deref());
        let value = given.or_else(|| self.context.slot(Slot::Component))?;
        let range = self.member(Slot::Component.key(), value);
        // Safe on escaped text: escapes are lower case already.
        self.out[range.clone()].make_ascii_lowercase();
        Some(range)
    }

    fn span(&mut self, span: Option<ActiveSpan>) {
        let Some(span) = span else { return };
        self.out.extend_from_slice(b",\"trace_id\":\"");
        json::hex(self.out, &span.trace_id.to_bytes());
        self.out.extend_from_slice(b"\",\"span_id\":\"");
        json::hex(self.out, &span.span_id.to_bytes());
        self.out.push(b'"');
    }

    fn own_fields(&mut self) -> Range<usize> {
        let mut start = self.out.len();
        for (i, (key, value)) in self.fields.iter().enumerate() {
            self.out.extend_from_slice(b",\"");
            if i == 0 {
                start = self.out.len() - 1;
            }
            self.out.extend_from_slice(key);
            self.out.extend_from_slice(b"\":");
            self.out.extend_from_slice(value);
        }
        start..self.out.len()
    }
}

/// The run context as JSON values, rendered when the context changes.
#[derive(Debug, Default)]
struct ContextText {
    /// Number of the context the text is of; 0 for none.
    id: u64,
    text: Vec<u8>,
    slots: [Option<Range<usize>>; Slot::COUNT],
    /// Members of the line.
    baggage: Range<usize>,
}

impl ContextText {
    /// `,"baggage.tenant":"north"` and so on: what a policy allowed of the caller's baggage.
    fn baggage(&self) -> &[u8] {
        &self.text[self.baggage.clone()]
    }

    fn slot(&self, slot: Slot) -> Option<&[u8]> {
        self.slots[slot as usize].clone().map(|range| &self.text[range])
    }

    fn load(&mut self, context: Option<&Arc<SharedContext>>) {
        let id = context.map_or(0, |c| c.id());
        if id == self.id {
            return;
        }
        self.id = id;
        self.text.clear();
        self.slots = Default::default();
        self.baggage = 0..0;
        let Some(context) = context else { return };
        let texts = [
            (Slot::Component, &context.component),
            (Slot::Equipment, &context.equipment),
            (Slot::RequestId, &context.request_id),
            (Slot::TenantId, &context.tenant_id),
            (Slot::Operation, &context.operation),
        ];
        for (slot, value) in texts {
            if let Some(value) = value {
                self.set(slot, |out| json::string(out, value));
            }
        }
        if let Some(run_id) = context.run_id {
            self.set(Slot::RunId, |out| json::plain(out, format_args!("\"{run_id}\"")));
        }
        if let Some(equip_id) = context.equip_id {
            self.set(Slot::EquipId, |out| json::signed(out, equip_id));
        }
        for (slot, value) in [(Slot::BatchNum, context.batch_num), (Slot::BatchTotal, context.batch_total)] {
            if let Some(value) = value {
                self.set(slot, |out| json::unsigned(out, value.into()));
            }
        }
        let start = self.text.len();
        for (key, value) in &context.recorded_baggage {
            self.text.extend_from_slice(b",\"");
            self.text.extend_from_slice(keys::BAGGAGE_PREFIX.as_bytes());
            json::escaped(&mut self.text, key);
            self.text.extend_from_slice(b"\":");
            json::string(&mut self.text, value);
        }
        self.baggage = start..self.text.len();
    }

    fn set(&mut self, slot: Slot, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.text.len();
        write(&mut self.text);
        self.slots[slot as usize] = Some(start..self.text.len());
    }
}
