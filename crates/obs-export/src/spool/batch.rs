//! What goes into a lane and what comes out of it: [`NewRecord`], [`StoredBatch`], [`Appended`], [`Lost`], [`Pending`].

use super::header::Mark;
use std::sync::Arc;

/// A record to append.
#[derive(Clone, Copy, Debug)]
pub struct NewRecord<'a> {
    /// The caller's number for it; comes back with it, and says what was lost.
    pub item: u64,
    /// When it came into being, nanoseconds since the epoch; its age counts from here.
    pub time: u64,
    /// How many items of the ledger it stands for.
    pub count: u32,
    /// The record; at most 64 MiB.
    pub bytes: &'a [u8],
}

/// A record read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The number it was appended with. With `inherited`, the number an earlier process gave it.
    pub item: u64,
    /// When it came into being, nanoseconds since the epoch.
    pub time: u64,
    /// How many items of the ledger it stands for.
    pub count: u32,
    /// Whether an earlier process appended it.
    pub inherited: bool,
    /// The record.
    pub bytes: Box<[u8]>,
}

/// The oldest records of a lane; they stay in it until [`Lane::acknowledge`](super::Lane::acknowledge).
#[derive(Clone, Debug)]
pub struct StoredBatch {
    /// What the records were appended with, one for all.
    pub context: Arc<[u8]>,
    /// At least one, oldest first.
    pub records: Vec<Stored>,
    pub(super) span: Span,
}

/// Where appended records are, for [`Lane::acknowledge_appended`](super::Lane::acknowledge_appended).
#[derive(Clone, Copy, Debug)]
pub struct Appended {
    /// `None` when there was nothing to append.
    pub(super) span: Option<Span>,
}

/// Neighbouring records of one segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// The segment's place in its lane, counted since the lane was opened.
    pub(super) segment: u64,
    /// Where the first record begins.
    pub(super) start: u64,
    /// Behind the last record.
    pub(super) end: Mark,
}

/// Records that will not be handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The number of the record; `None` where it cannot be read, and for records of earlier processes.
    pub item: Option<u64>,
    /// How many items of the ledger were lost; a record that cannot be read counts as one.
    pub count: u64,
    /// Whether an earlier process appended them.
    pub inherited: bool,
    /// What happened to them.
    pub why: Why,
}

/// Why records were lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// They were older than [`SpoolOptions::max_age`](super::SpoolOptions::max_age), or had to make room.
    Expired,
    /// They were torn by a crash, or damaged on disk.
    Corrupt,
}

/// What waits in a lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// Records that are not acknowledged; damaged ones count until they are found.
    pub records: u64,
    /// Items of the ledger they stand for.
    pub items: u64,
    /// Their bytes on disk.
    pub bytes: u64,
    /// When the oldest came into being, nanoseconds since the epoch; `None` when nothing waits.
    pub oldest: Option<u64>,
}

/// Losses since they were last asked for. Those that name no record are summed up, so that a large inheritance makes
/// no long list.
#[derive(Debug, Default)]
pub(super) struct Losses(Vec<Lost>);

impl Losses {
    pub(super) fn push(&mut self, lost: Lost) {
        if lost.count == 0 {
            return;
        }
        match self.0.last_mut() {
            Some(last) if Lost { count: 0, ..*last } == Lost { count: 0, item: None, ..lost } => {
                last.count = last.count.saturating_add(lost.count);
            }
            _ => self.0.push(lost),
        }
    }

    pub(super) fn append(&mut self, others: Self) {
        others.0.into_iter().for_each(|lost| self.push(lost));
    }

    pub(super) fn take(&mut self) -> Vec<Lost> {
        std::mem::take(&mut self.0)
    }
}
