//! A spool in a temporary folder, records that say which they are, and what a crash leaves of it.

use obs_core::{Clock, Diag};
use obs_export::spool::{Appended, Lane, Lost, NewRecord, Spool, StoredBatch, Why};
use obs_export::{SpoolError, SpoolOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

/// When the clocks of the tests begin.
pub(crate) const START: u64 = 1_800_000_000_000_000_000;
pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const CONTEXT: &[u8] = b"context";

/// What a [`Diag`] said.
#[derive(Clone, Default)]
pub(crate) struct Said(Arc<Mutex<Vec<u8>>>);

impl Said {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Said {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Folder, clock and bounds of the spools of one test.
pub(crate) struct Home {
    pub(crate) dir: TempDir,
    pub(crate) clock: Clock,
    pub(crate) said: Said,
    pub(crate) options: SpoolOptions,
}

impl Home {
    pub(crate) fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let options = SpoolOptions::new(dir.path());
        Self { dir, clock: Clock::manual(START), said: Said::default(), options }
    }

    /// The spool of another process, one second later.
    pub(crate) fn try_open(&self) -> Result<Arc<Spool>, SpoolError> {
        self.clock.advance(SECOND);
        let diag = Diag::to(Box::new(self.said.clone()), self.clock.clone());
        Spool::open(self.options.clone(), "svc", self.clock.clone(), diag).map(Arc::new)
    }

    pub(crate) fn open(&self) -> Arc<Spool> {
        self.try_open().unwrap()
    }

    /// Another process with one lane.
    pub(crate) fn lane(&self) -> Lane {
        self.open().lane("log/loki").unwrap()
    }

    /// What is on disk now, as after a kill: nobody holds a lock on the copy.
    pub(crate) fn after_crash(&self) -> Self {
        let dir = TempDir::new().unwrap();
        copy(self.dir.path(), dir.path());
        let options = SpoolOptions { dir: dir.path().to_owned(), ..self.options.clone() };
        Self { dir, clock: Clock::manual(self.clock.now()), said: Said::default(), options }
    }

    /// All files with this at the end of their name, sorted.
    pub(crate) fn files(&self, end: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        walk(self.dir.path(), &mut |path| {
            if path.to_str().unwrap().ends_with(end) {
                found.push(path.to_owned());
            }
        });
        found.sort();
        found
    }

    /// The folders of processes.
    pub(crate) fn processes(&self) -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> =
            self.dir.path().join("svc").read_dir().unwrap().map(|e| e.unwrap().path()).collect();
        found.sort();
        found
    }

    /// The only segment.
    pub(crate) fn segment(&self) -> PathBuf {
        let segments = self.files(".seg");
        assert_eq!(segments.len(), 1, "{segments:?}");
        segments[0].clone()
    }
}

fn walk(dir: &Path, see: &mut impl FnMut(&Path)) {
    for entry in dir.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, see);
        } else {
            see(&path);
        }
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in from.read_dir().unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            std::fs::create_dir(&to).unwrap();
            copy(&from, &to);
        } else {
            std::fs::copy(&from, &to).unwrap();
        }
    }
}

/// Replaces a file. Writing over it would make some file systems wait for the disk.
pub(crate) fn rewrite(path: &Path, bytes: impl AsRef<[u8]>) {
    std::fs::remove_file(path).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// The payload of record `item`: its number, and a length that differs from its neighbours'.
pub(crate) fn payload(item: u64) -> Vec<u8> {
    format!("record {item} ").into_bytes().repeat(1 + item as usize % 3)
}

/// Appends the records with these numbers, each for `item % 3 + 1` items of the ledger, dated `time`.
pub(crate) fn append_at(lane: &Lane, context: &[u8], items: std::ops::Range<u64>, time: u64) -> Appended {
    let payloads: Vec<(u64, Vec<u8>)> = items.map(|item| (item, payload(item))).collect();
    let records: Vec<NewRecord<'_>> = payloads
        .iter()
        .map(|(item, bytes)| NewRecord { item: *item, time, count: count(*item), bytes })
        .collect();
    lane.append(context, &records).unwrap()
}

pub(crate) fn count(item: u64) -> u32 {
    item as u32 % 3 + 1
}

pub(crate) fn append(lane: &Lane, items: std::ops::Range<u64>) -> Appended {
    append_at(lane, CONTEXT, items, START)
}

/// The numbers in a batch, after a check that the records are as they were appended.
pub(crate) fn numbers(batch: &StoredBatch) -> Vec<u64> {
    let check = |r: &obs_export::spool::Stored| {
        assert_eq!((&*r.bytes, r.count), (&*payload(r.item), count(r.item)), "record {}", r.item);
        r.item
    };
    batch.records.iter().map(check).collect()
}

/// Reads and acknowledges all there is, in batches of `size`.
pub(crate) fn drain(lane: &Lane, size: usize) -> Vec<u64> {
    let mut all = Vec::new();
    while let Some(batch) = lane.next(size, usize::MAX) {
        all.extend(numbers(&batch));
        assert!(lane.acknowledge(&batch));
    }
    all
}

/// Items lost for this reason.
pub(crate) fn lost(losses: &[Lost], why: Why) -> u64 {
    losses.iter().filter(|l| l.why == why).map(|l| l.count).sum()
}
