//! [`Segment`]: one file of a lane, and what is known of it without reading it.

use super::batch::{Losses, Lost, Span, Stored, StoredBatch, Why};
use super::folder;
use super::header::{self, Header, Mark, Seal, Slot, Unusable};
use super::names::SegmentName;
use super::record::{HEAD, Head};
use super::scan::{Damage, Found, Scan};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    pub(super) name: SegmentName,
    /// Its place in the lane, counted since the lane was opened.
    pub(super) id: u64,
    pub(super) inherited: bool,
    pub(super) salt: u32,
    pub(super) context: Arc<[u8]>,
    /// What is acknowledged.
    pub(super) head: Mark,
    /// What is appended.
    pub(super) tail: Mark,
    /// Bytes on disk, as the budget has them.
    pub(super) len: u64,
    /// The youngest time of its records.
    pub(super) newest: u64,
    /// How far it is known to be durable.
    pub(super) synced: u64,
    slot: Slot,
    file: Option<Arc<File>>,
}

/// How much to read, and what is too old.
#[derive(Clone, Copy, Debug)]
pub(super) struct Want {
    pub(super) records: usize,
    pub(super) bytes: usize,
    /// Records from before are expired.
    pub(super) cutoff: u64,
}

impl Segment {
    /// Makes the file, with its header alone in it. Nothing is left behind if that fails.
    pub(super) fn create(dir: &Path, name: SegmentName, id: u64, context: &Arc<[u8]>) -> io::Result<Self> {
        let path = dir.join(name.to_string());
        let salt = fastrand::u32(..);
        let header = header::encode(salt, context);
        let file = folder::create_file(&path)?;
        if let Err(error) = file.write_all_at(&header, 0) {
            // Without its header the file is worth nothing; if it cannot go now, the next process removes it.
            let _ = std::fs::remove_file(&path);
            return Err(error);
        }
        let start = Mark::start(context);
        Ok(Self {
            path,
            name,
            id,
            inherited: false,
            salt,
            context: Arc::clone(context),
            head: start,
            tail: start,
            len: start.offset,
            newest: 0,
            synced: 0,
            slot: Slot::default(),
            file: Some(Arc::new(file)),
        })
    }

    /// Opens a file that an earlier process left. One that was not closed in order is read to its end and sealed; the
    /// items of a torn tail are the second result, and no part of the segment any more.
    pub(super) fn load(dir: &Path, name: SegmentName, id: u64) -> Result<(Self, u64), Unusable> {
        let path = dir.join(name.to_string());
        let file = folder::open_file(&path).map_err(Unusable::Io)?;
        let len = file.metadata().map_err(Unusable::Io)?.len();
        let Header { salt, context, acknowledged, slot, seal } = header::read(&file, len)?;
        let head = acknowledged.unwrap_or(Mark::start(&context));
        let (seal, torn) = match seal {
            Some(seal) => (seal, 0),
            None => measure(&file, salt, head, len).map_err(Unusable::Io)?,
        };
        let segment = Self {
            path,
            name,
            id,
            inherited: true,
            salt,
            context: context.into(),
            head,
            tail: seal.end,
            len,
            newest: seal.newest,
            synced: seal.end.offset,
            slot,
            file: None,
        };
        Ok((segment, torn))
    }

    /// Whether all of it is acknowledged.
    pub(super) fn is_through(&self) -> bool {
        self.head == self.tail
    }

    /// The open file.
    pub(super) fn file(&mut self) -> io::Result<Arc<File>> {
        if let Some(file) = &self.file {
            return Ok(Arc::clone(file));
        }
        let file = Arc::new(folder::open_file(&self.path)?);
        self.file = Some(Arc::clone(&file));
        Ok(file)
    }

    /// Says on disk that nothing will be appended any more, and closes the file.
    pub(super) fn seal(&mut self) -> io::Result<()> {
        let file = self.file()?;
        self.file = None;
        header::write_seal(&file, self.salt, Seal { end: self.tail, newest: self.newest })
    }

    /// Moves the acknowledgement, here and on disk.
    pub(super) fn acknowledge(&mut self, to: Mark) -> io::Result<()> {
        self.head = to;
        let file = self.file()?;
        self.slot = header::write_mark(&file, self.salt, self.slot, to)?;
        Ok(())
    }

    /// The head of the oldest record that waits, if it is intact.
    pub(super) fn peek(&mut self) -> Option<Head> {
        let mut head = [0; HEAD];
        self.file().ok()?.read_exact_at(&mut head, self.head.offset).ok()?;
        Head::decode(&head, self.salt).filter(|head| head.sequence == self.head.records)
    }

    /// The oldest records, up to the first that is damaged or expired. `None` if that is the first.
    pub(super) fn collect(&mut self, want: Want) -> io::Result<Option<StoredBatch>> {
        let file = self.file()?;
        let mut scan = Scan::within(&file, self.salt, self.head, self.tail);
        let (mut records, mut bytes, mut end) = (Vec::new(), 0_usize, self.head);
        while records.len() < want.records.max(1) {
            let Some(Found::Record(head, payload)) = scan.next()? else { break };
            bytes = bytes.saturating_add(payload.len());
            if head.time < want.cutoff || (!records.is_empty() && bytes > want.bytes) {
                break;
            }
            let Head { item, time, count, .. } = head;
            records.push(Stored { item, time, count, inherited: self.inherited, bytes: payload.into() });
            end = scan.at();
        }
        let span = Span { segment: self.id, start: self.head.offset, end };
        let context = Arc::clone(&self.context);
        Ok((!records.is_empty()).then_some(StoredBatch { context, records, span }))
    }

    /// The first record that is neither damaged nor from before `cutoff`; the end if there is none, and without a
    /// cutoff. What is before it goes to `losses`.
    pub(super) fn skip(&mut self, cutoff: Option<u64>, losses: &mut Losses) -> io::Result<Mark> {
        let file = self.file()?;
        let mut scan = Scan::within(&file, self.salt, self.head, self.tail);
        loop {
            let before = scan.at();
            match scan.next()? {
                Some(Found::Record(head, _)) if cutoff.is_none_or(|cutoff| head.time < cutoff) => {
                    losses.push(self.lost(Some(head.item), u64::from(head.count), Why::Expired));
                }
                Some(Found::Record(..)) => return Ok(before),
                Some(Found::Damage(Damage { item, items })) => {
                    losses.push(self.lost(item, items, Why::Corrupt));
                }
                None => return Ok(scan.at()),
            }
        }
    }

    /// A loss in this segment.
    pub(super) fn lost(&self, item: Option<u64>, count: u64, why: Why) -> Lost {
        Lost { item: item.filter(|_| !self.inherited), count, inherited: self.inherited, why }
    }

    /// All that waits, as one loss.
    pub(super) fn lost_rest(&self, why: Why) -> Lost {
        self.lost(None, self.tail.items.saturating_sub(self.head.items), why)
    }
}

/// Reads a segment to the end of its file, to find its last intact record, and how many items are torn behind it.
fn measure(file: &File, salt: u32, head: Mark, len: u64) -> io::Result<(Seal, u64)> {
    let mut scan = Scan::to_end(file, salt, head, len);
    let mut seal = Seal { end: head, newest: 0 };
    while let Some(found) = scan.next()? {
        if let Found::Record(record, _) = found {
            seal = Seal { end: scan.at(), newest: seal.newest.max(record.time) };
        }
    }
    // Saves the next process the reading; it does as well without.
    let _ = header::write_seal(file, salt, seal);
    Ok((seal, scan.at().items.saturating_sub(seal.end.items)))
}
