//! Records through a lane of the spool: appended, made durable, read back, acknowledged.

use super::cost::{Cost, Pair};
use super::plain::{self, SYNC_EVERY};
use crate::Answer;
use obs_core::{Clock, Diag};
use obs_export::spool::{Lane, NewRecord};
use obs_export::{Limits, Spool, SpoolOptions};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Bytes of a record.
const RECORD: usize = 300;

/// What a round of appending and reading yields.
pub(super) struct Spooled {
    pub(super) append: Pair,
    pub(super) read: Pair,
}

/// Appends in batches of the default size, then reads and acknowledges in such batches.
pub(super) fn append_and_read(folder: &Path, records: u64) -> Answer<Spooled> {
    let at_once = Limits::default().batch_items;
    let lane = lane(folder)?;
    let (append, result) = Cost::of(|| append(&lane, records, at_once));
    result?;
    let (read, back) = Cost::of(|| read(&lane, at_once));
    if back != records {
        return Err(format!("{back} of {records} records came back from the spool").into());
    }
    drop(lane);
    let path = folder.join("plain");
    let piece = vec![b'x'; RECORD * at_once];
    let written = plain::to_file(&path, records.div_ceil(at_once as u64), &piece)?;
    let plain_read = plain::from_file(&path, piece.len())?;
    let bytes = records * RECORD as u64;
    Ok(Spooled {
        append: Pair { items: records, bytes, ours: append, plain: written },
        read: Pair { items: records, bytes, ours: read, plain: plain_read },
    })
}

/// Appends one by one.
pub(super) fn append_single(folder: &Path, records: u64) -> Answer<Pair> {
    let lane = lane(folder)?;
    let (ours, result) = Cost::of(|| append(&lane, records, 1));
    result?;
    while let Some(batch) = lane.next(usize::MAX, 1 << 20) {
        lane.acknowledge(&batch);
    }
    drop(lane);
    let path = folder.join("plain");
    let plain = plain::to_file(&path, records, &[b'x'; RECORD])?;
    std::fs::remove_file(&path)?;
    Ok(Pair { items: records, bytes: records * RECORD as u64, ours, plain })
}

fn lane(folder: &Path) -> Answer<Lane> {
    let options = SpoolOptions { max_bytes: u64::MAX, ..SpoolOptions::new(folder) };
    let spool = Spool::open(options, "bench", Clock::system(), Diag::stderr())?;
    Ok(Arc::new(spool).lane("records")?)
}

fn append(lane: &Lane, records: u64, at_once: usize) -> io::Result<()> {
    let clock = Clock::system();
    let payload = [b'x'; RECORD];
    let mut batch: Vec<NewRecord<'_>> = Vec::with_capacity(at_once);
    let mut synced = clock.now();
    let mut next = 0;
    while next < records {
        let now = clock.now();
        batch.clear();
        let numbers = next..records.min(next + at_once as u64);
        next = numbers.end;
        batch.extend(numbers.map(|item| NewRecord { item, time: now, count: 1, bytes: &payload }));
        lane.append(b"", &batch)?;
        if now - synced >= SYNC_EVERY {
            lane.sync()?;
            synced = now;
        }
    }
    lane.sync()
}

/// Reads and acknowledges all; says how many came back.
fn read(lane: &Lane, at_once: usize) -> u64 {
    let mut back = 0;
    while let Some(batch) = lane.next(at_once, Limits::default().batch_bytes) {
        back += batch.records.len() as u64;
        lane.acknowledge(&batch);
    }
    back
}
