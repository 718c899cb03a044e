//! Appending to a lane, and making room for it.

use super::super::batch::{Appended, NewRecord, Span};
use super::super::header::{FIXED, MAX_CONTEXT, Mark};
use super::super::names::SegmentName;
use super::super::record::{self, HEAD, MAX_PAYLOAD};
use super::super::segment::Segment;
use super::super::write::append_or_cut;
use super::store::Store;
use std::io;
use std::sync::Arc;

/// Size to which the buffer is cut down after a large append.
const KEPT: usize = 4 << 20;

impl Store {
    pub(super) fn append(&mut self, context: &[u8], records: &[NewRecord<'_>]) -> io::Result<Appended> {
        if records.is_empty() {
            return Ok(Appended { span: None });
        }
        check(context, records)?;
        let size = records.iter().map(|r| (HEAD + r.bytes.len()) as u64).sum();
        self.make_room(context, size)?;
        let appended = self.write(context, records, size);
        self.buffer.clear();
        self.buffer.shrink_to(KEPT);
        appended
    }

    /// Takes the bytes of the append from the budget, and sees to it that the last segment can take it.
    fn make_room(&mut self, context: &[u8], size: u64) -> io::Result<()> {
        let header = (FIXED + context.len()) as u64;
        let budget = &self.spool.budget;
        let others = budget.used().saturating_sub(self.bytes());
        if others.saturating_add(size + header) > budget.max() {
            return Err(io::Error::new(
                io::ErrorKind::StorageFull,
                format!(
                    "spool: {size} bytes do not fit; {others} of {} are in use by other lanes",
                    budget.max()
                ),
            ));
        }
        loop {
            let fits = self.last_takes(context, size);
            if self.spool.budget.reserve(if fits { size } else { size + header }) {
                return if fits { Ok(()) } else { self.start_segment(context, size + header) };
            }
            if !self.drop_oldest() {
                return Err(io::Error::new(
                    io::ErrorKind::StorageFull,
                    "spool: other lanes took the last bytes",
                ));
            }
        }
    }

    /// Whether the segment at hand has this context and room, or nothing in it.
    fn last_takes(&self, context: &[u8], size: u64) -> bool {
        let most = self.spool.options.segment_size();
        self.writing
            && self.segments.back().is_some_and(|last| {
                *last.context == *context && (last.tail.records == 0 || last.len + size <= most)
            })
    }

    /// Starts a segment, for which `reserved` bytes were taken from the budget; its records' among them.
    fn start_segment(&mut self, context: &[u8], reserved: u64) -> io::Result<()> {
        self.close_last();
        let name = SegmentName {
            // Behind all that are older, whatever the clock did between two processes.
            created: self.spool.clock.now().max(self.youngest.saturating_add(1)),
            process: self.spool.name.random,
            number: self.created,
        };
        let context = match self.segments.back() {
            Some(last) if *last.context == *context => Arc::clone(&last.context),
            _ => Arc::from(context),
        };
        let segment = Segment::create(&self.dir, name, self.ids, &context)
            .inspect_err(|_| self.spool.budget.release(reserved))?;
        self.ids += 1;
        self.created += 1;
        self.youngest = name.created;
        self.segments.push_back(segment);
        self.writing = true;
        self.new_files = true;
        Ok(())
    }

    /// Writes into the last segment; `size` bytes were taken from the budget.
    fn write(&mut self, context: &[u8], records: &[NewRecord<'_>], size: u64) -> io::Result<Appended> {
        let Some(last) = self.segments.back_mut().filter(|last| *last.context == *context) else {
            return Err(io::Error::other("spool: no segment is open"));
        };
        for (sequence, new) in (last.tail.records..).zip(records) {
            record::encode(&mut self.buffer, last.salt, sequence, new);
        }
        let start = last.tail.offset;
        let file = last.file().inspect_err(|_| self.spool.budget.release(size))?;
        match append_or_cut(&*file, &self.buffer, start) {
            Ok(()) => {
                last.len += size;
                last.newest = records.iter().map(|r| r.time).fold(last.newest, u64::max);
                last.tail = Mark {
                    offset: start + size,
                    records: last.tail.records + records.len() as u64,
                    items: records
                        .iter()
                        .map(|r| u64::from(r.count))
                        .fold(last.tail.items, u64::saturating_add),
                };
                Ok(Appended { span: Some(Span { segment: last.id, start, end: last.tail }) })
            }
            Err(failed) if failed.cut => {
                self.spool.budget.release(size);
                Err(failed.error)
            }
            Err(failed) => {
                // The seal says where the segment ends, whatever is behind.
                last.len += size;
                self.close_last();
                Err(failed.error)
            }
        }
    }
}

fn check(context: &[u8], records: &[NewRecord<'_>]) -> io::Result<()> {
    let longest = records.iter().map(|r| r.bytes.len()).max().unwrap_or(0);
    let what = if context.len() > MAX_CONTEXT {
        format!("spool: a context of {} bytes; at most {MAX_CONTEXT} are accepted", context.len())
    } else if longest > MAX_PAYLOAD {
        format!("spool: a record of {longest} bytes; at most {MAX_PAYLOAD} are accepted")
    } else {
        return Ok(());
    };
    Err(io::Error::new(io::ErrorKind::InvalidInput, what))
}
