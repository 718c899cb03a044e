//! [`Store`]: the segments of a lane, and the way of records through them.

use super::super::TOPIC;
use super::super::batch::{Losses, Pending, Span, StoredBatch, Why};
use super::super::folder;
use super::super::names::SegmentName;
use super::super::process::Spool;
use super::super::segment::{Segment, Want};
use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// What a lane's lock protects.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) spool: Arc<Spool>,
    pub(super) dir: PathBuf,
    /// Oldest first. None but the last, while it is written to, is through.
    pub(super) segments: VecDeque<Segment>,
    /// Whether the last segment is written to.
    pub(super) writing: bool,
    /// Files whose header was damaged, oldest first.
    pub(super) set_aside: VecDeque<SetAside>,
    pub(super) losses: Losses,
    /// Ids given to segments so far.
    pub(super) ids: u64,
    /// Segments created so far.
    pub(super) created: u32,
    /// When the youngest segment was created, as its name says.
    pub(super) youngest: u64,
    /// Whether files came into the folder since it was made durable.
    pub(super) new_files: bool,
    /// Where appends are put together.
    pub(super) buffer: Vec<u8>,
}

/// A file that could not be read, kept for whoever wants to look until it is over age.
#[derive(Debug)]
pub(super) struct SetAside {
    pub(super) name: SegmentName,
    pub(super) len: u64,
}

/// What is not durable yet.
pub(super) struct Unsynced {
    pub(super) segments: Vec<UnsyncedSegment>,
    pub(super) new_files: bool,
}

pub(super) struct UnsyncedSegment {
    id: u64,
    upto: u64,
    pub(super) file: Arc<File>,
}

impl Store {
    pub(super) fn next(&mut self, want: Want) -> Option<StoredBatch> {
        loop {
            self.remove_through();
            let front = self.segments.front_mut().filter(|segment| !segment.is_through())?;
            match front.collect(want) {
                Ok(Some(batch)) => return Some(batch),
                Ok(None) => self.skip_front(want.cutoff)?,
                Err(e) => self.unreadable_front(&e)?,
            }
        }
    }

    pub(super) fn acknowledge(&mut self, span: Span) -> bool {
        let Some(front) = self.segments.front_mut() else { return false };
        let due = front.id == span.segment && (span.start..span.end.offset).contains(&front.head.offset);
        if due {
            if let Err(e) = front.acknowledge(span.end) {
                let path = front.path.clone();
                self.spool.warn("write to", &path, &e);
            }
            self.remove_through();
        }
        due
    }

    pub(super) fn pending(&mut self) -> Pending {
        let mut pending = Pending::default();
        for segment in &self.segments {
            pending.records += segment.tail.records.saturating_sub(segment.head.records);
            pending.items += segment.tail.items.saturating_sub(segment.head.items);
            pending.bytes += segment.tail.offset.saturating_sub(segment.head.offset);
        }
        let front = self.segments.front_mut().filter(|segment| !segment.is_through());
        pending.oldest = front.map(|front| front.peek().map_or(front.name.created, |head| head.time));
        pending
    }

    pub(super) fn unsynced(&mut self) -> io::Result<Unsynced> {
        let mut segments = Vec::new();
        // Only the end of the queue can be dirty: records are appended there, and made durable all at once.
        for segment in self.segments.iter_mut().rev().take_while(|s| s.synced < s.tail.offset) {
            let (id, upto) = (segment.id, segment.tail.offset);
            segments.push(UnsyncedSegment { id, upto, file: segment.file()? });
        }
        Ok(Unsynced { segments, new_files: self.new_files })
    }

    pub(super) fn synced(&mut self, done: &Unsynced) {
        for segment in &mut self.segments {
            if let Some(done) = done.segments.iter().find(|done| done.id == segment.id) {
                segment.synced = segment.synced.max(done.upto);
            }
        }
        // A file made meanwhile is dirty itself, and comes with its folder next time.
        self.new_files = self.segments.iter().any(|s| s.synced == 0);
    }

    /// Ends the segment that is written to; the next append starts another one.
    pub(super) fn close_last(&mut self) {
        if !std::mem::replace(&mut self.writing, false) {
            return;
        }
        if let Some(last) = self.segments.back_mut()
            && !last.is_through()
            && let Err(e) = last.seal()
        {
            // The next process reads it to its end instead.
            let path = last.path.clone();
            self.spool.warn("write to", &path, &e);
        }
        self.remove_through();
    }

    pub(super) fn close(&mut self) {
        self.close_last();
    }

    /// Deletes segments that are through, but not the one that is written to.
    pub(super) fn remove_through(&mut self) {
        while self.segments.front().is_some_and(Segment::is_through) {
            if self.writing && self.segments.len() == 1 {
                return;
            }
            self.remove_front();
        }
    }

    /// Deletes the oldest segment, whatever is in it.
    pub(super) fn remove_front(&mut self) {
        let Some(mut front) = self.segments.pop_front() else { return };
        self.writing &= !self.segments.is_empty();
        self.spool.budget.release(front.len);
        if let Err(e) = folder::missing_is_fine(std::fs::remove_file(&front.path)) {
            self.spool.warn("remove", &front.path, &e);
            // It must not come back in the next process.
            let _ = front.acknowledge(front.tail);
        }
    }

    /// Moves the oldest segment's acknowledgement behind what is damaged or expired. `None` if it cannot now.
    pub(super) fn skip_front(&mut self, cutoff: u64) -> Option<()> {
        let front = self.segments.front_mut()?;
        match front.skip(Some(cutoff), &mut self.losses) {
            Ok(to) => {
                if let Err(e) = front.acknowledge(to) {
                    let path = front.path.clone();
                    self.spool.warn("write to", &path, &e);
                }
                self.remove_through();
                Some(())
            }
            Err(e) => self.unreadable_front(&e),
        }
    }

    /// The oldest segment cannot be read. `None` if that may pass; else its records count as lost.
    fn unreadable_front(&mut self, error: &io::Error) -> Option<()> {
        let front = self.segments.front_mut()?;
        // Too many open files, or no permission: what is on disk is as good as before.
        let missing = error.kind() == io::ErrorKind::NotFound;
        if !missing && front.file().is_err() {
            let path = front.path.clone();
            self.spool.warn("read", &path, error);
            return None;
        }
        self.losses.push(front.lost_rest(Why::Corrupt));
        let (name, len) = (front.name, front.len);
        self.segments.pop_front();
        self.writing &= !self.segments.is_empty();
        if missing {
            self.spool.warn("read", &self.dir.join(name.to_string()), error);
            self.spool.budget.release(len);
        } else {
            self.set_aside(name, len, error);
        }
        Some(())
    }

    /// Renames a segment that cannot be read.
    pub(super) fn set_aside(&mut self, name: SegmentName, len: u64, why: &dyn std::fmt::Display) {
        let (from, to) = (self.dir.join(name.to_string()), self.dir.join(name.corrupt()));
        match std::fs::rename(&from, &to) {
            Ok(()) => {
                let said =
                    format!("cannot read {}: {why}; it stays there until it is over age", to.display());
                self.spool.diag.warn(TOPIC, &said);
                self.set_aside.push_back(SetAside { name, len });
            }
            Err(e) => {
                self.spool.warn("set aside", &from, &e);
                self.spool.budget.release(len);
            }
        }
    }
}
