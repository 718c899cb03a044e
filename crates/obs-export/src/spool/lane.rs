//! [`Lane`]: one queue of records on disk. A lock around [`Store`], which does the work.

use super::batch::{Appended, Lost, NewRecord, Pending, StoredBatch};
use super::folder;
use super::process::Spool;
use super::{SpoolError, segment};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

mod append;
mod expire;
mod open;
mod store;

use store::Store;

/// A queue of records on disk, oldest first. One thread may append while another one reads.
///
/// Records that an earlier process left are older than all of this process's.
#[derive(Debug)]
pub struct Lane {
    spool: Arc<Spool>,
    dir: PathBuf,
    store: Mutex<Store>,
    /// Whether the lane's own folder is known to be durable.
    rooted: Mutex<bool>,
}

impl Lane {
    pub(super) fn open(spool: Arc<Spool>, dir: PathBuf) -> Result<Self, SpoolError> {
        let store = Store::open(Arc::clone(&spool), &dir).map_err(SpoolError::io("list", &dir))?;
        Ok(Self { spool, dir, store: Mutex::new(store), rooted: Mutex::new(false) })
    }

    /// A panic while the lock is held leaves the store whole: nothing under it panics half-way.
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends all of `records`, or none: on an error, such as a full disk, nothing of them is in the lane. They are
    /// in the page cache then; [`Lane::sync`] makes them durable.
    ///
    /// `context`, at most 64 KiB, goes with them; records with different contexts are never in one batch. Where
    /// [`SpoolOptions::max_bytes`](super::SpoolOptions::max_bytes) would be exceeded, the oldest segments of this lane
    /// make room; [`io::ErrorKind::StorageFull`] if even that does not do, [`io::ErrorKind::InvalidInput`] if the
    /// context or a record is too long.
    pub fn append(&self, context: &[u8], records: &[NewRecord<'_>]) -> io::Result<Appended> {
        self.store().append(context, records)
    }

    /// Makes durable what was appended since the last call: after it, a power failure loses none of it. Cheap when
    /// there is nothing to do. After an error the next call tries the same again.
    pub fn sync(&self) -> io::Result<()> {
        // Appends and reads go on meanwhile.
        let unsynced = self.store().unsynced()?;
        for segment in &unsynced.segments {
            segment.file.sync_data()?;
        }
        if unsynced.new_files {
            folder::sync(&self.dir)?;
            let mut rooted = self.rooted.lock().unwrap_or_else(PoisonError::into_inner);
            if !*rooted {
                for above in [self.spool.folder(), &self.spool.service, &self.spool.options.dir] {
                    folder::sync(above)?;
                }
                *rooted = true;
            }
        }
        self.store().synced(&unsynced);
        Ok(())
    }

    /// The oldest records that are not acknowledged, at most `max_records` of them and `max_bytes` of their payloads,
    /// but at least one; `None` when nothing waits. They stay in the lane, so another call returns them again.
    pub fn next(&self, max_records: usize, max_bytes: usize) -> Option<StoredBatch> {
        let cutoff = self.spool.cutoff();
        self.store().next(segment::Want { records: max_records, bytes: max_bytes, cutoff })
    }

    /// All of `batch` is settled and is not handed out again, by this or a later process. A segment that is through is
    /// deleted, unless it is still written to. Returns `false`, and does nothing, if older records wait, or if all of
    /// these were acknowledged or dropped before.
    pub fn acknowledge(&self, batch: &StoredBatch) -> bool {
        self.store().acknowledge(batch.span)
    }

    /// As [`Lane::acknowledge`], for records just as they were appended.
    pub fn acknowledge_appended(&self, appended: &Appended) -> bool {
        appended.span.is_some_and(|span| self.store().acknowledge(span))
    }

    /// What waits.
    pub fn pending(&self) -> Pending {
        self.store().pending()
    }

    /// Drops what is over age, and says what was lost since the last call: expired, dropped to make room, torn or
    /// damaged.
    pub fn take_lost(&self) -> Vec<Lost> {
        self.spool.sweep();
        self.take_found_lost()
    }

    /// As [`Lane::take_lost`], before all lanes of the process are open: what is over age in those of others stays.
    pub(crate) fn take_found_lost(&self) -> Vec<Lost> {
        self.store().take_lost(self.spool.cutoff())
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.store().close();
        // Fails if something is left in it, which is for the next process.
        let _ = std::fs::remove_dir(&self.dir);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SpoolOptions;
    use obs_core::{Clock, Diag};

    #[test]
    fn a_sync_leaves_nothing_that_is_not_durable_and_an_append_makes_more() {
        let dir = tempfile::tempdir().unwrap();
        let options = SpoolOptions { segment_bytes: 300, ..SpoolOptions::new(dir.path()) };
        let spool = Arc::new(Spool::open(options, "s", Clock::manual(0), Diag::stderr()).unwrap());
        let lane = spool.lane("a").unwrap();
        let unsynced = || {
            let unsynced = lane.store().unsynced().unwrap();
            (unsynced.segments.len(), unsynced.new_files)
        };
        let append = || {
            lane.append(b"", &[NewRecord { item: 0, time: 0, count: 1, bytes: &[0; 60] }]).unwrap();
        };
        (0..3).for_each(|_| append());
        assert_eq!(unsynced(), (3, true), "closed segments as well");
        lane.sync().unwrap();
        assert_eq!(unsynced(), (0, false));
        let before = lane.store().unsynced().unwrap();
        append();
        assert_eq!(unsynced(), (1, true));
        lane.store().synced(&before);
        assert_eq!(unsynced(), (1, true), "appended while another sync was under way");
    }
}
