//! What becomes of the folders of processes that are no more.
//!
//! Each step holds the lock of the dead folder. Segments move by one rename each, so that a kill in between leaves
//! every segment in one place or the other. Nothing here fails a caller: what cannot be handled is told and stays.

use super::Spool;
use super::folder;
use super::lock::Lock;
use super::names::{LaneFile, ProcessName};
use super::process::UNFINISHED;
use super::segment::Segment;
use super::{TOPIC, header};
use std::io;
use std::path::Path;

/// Moves the segments of one lane, and what was set aside there, into our folder of it.
pub(super) fn adopt(spool: &Spool, lane: &str) {
    let ours = spool.folder.join(lane);
    each_dead(spool, |dead| {
        let theirs = dead.join(lane);
        for (name, file) in lane_files(&theirs)? {
            let from = theirs.join(&name);
            if matches!(file, LaneFile::Segment(_)) && is_of_later_version(&from) {
                spool.diag.warn(TOPIC, &format!("{} is of a later version; it stays there", from.display()));
                continue;
            }
            // One that is gone was removed by hand.
            if let Err(e) = folder::missing_is_fine(std::fs::rename(&from, ours.join(&name))) {
                spool.warn("take over", &from, &e);
            }
        }
        Ok(())
    });
}

/// Removes segments that are over age and that nobody took over.
pub(super) fn remove_expired(spool: &Spool) {
    let cutoff = spool.cutoff();
    let (mut files, mut items) = (0_u64, 0_u64);
    each_dead(spool, |dead| {
        for (lane, is_folder) in folder::list(dead)? {
            if !is_folder {
                continue;
            }
            let dir = dead.join(lane);
            for (name, file) in lane_files(&dir)? {
                if let Some(lost) = expired(&dir, file, cutoff) {
                    folder::missing_is_fine(std::fs::remove_file(dir.join(name)))?;
                    files += 1;
                    items += lost;
                }
            }
        }
        Ok(())
    });
    if files > 0 {
        let what =
            format!("removed {files} files over age, {items} items in them, of lanes not in use any more");
        spool.diag.warn(TOPIC, &what);
    }
}

/// How many items wait in a file that is over age; `None` if it is not.
fn expired(dir: &Path, file: LaneFile, cutoff: u64) -> Option<u64> {
    match file {
        LaneFile::Corrupt(name) => (name.created < cutoff).then_some(1),
        // A segment may be written to for long after it was created, so its records decide.
        LaneFile::Segment(name) if name.created < cutoff => match Segment::load(dir, name, 0) {
            Ok((segment, torn)) if segment.newest < cutoff => {
                Some(segment.tail.items.saturating_sub(segment.head.items) + torn)
            }
            Ok(_) | Err(header::Unusable::Io(_) | header::Unusable::Version(_)) => None,
            Err(header::Unusable::Empty) => Some(0),
            Err(header::Unusable::Corrupt(_)) => Some(1),
        },
        LaneFile::Segment(_) => None,
    }
}

/// Calls `handle` for each folder of a dead process of this service, with its lock held, oldest process first, and
/// removes the folder if nothing is left in it.
fn each_dead(spool: &Spool, mut handle: impl FnMut(&Path) -> io::Result<()>) {
    let mut dead = match folder::list(&spool.service) {
        Ok(names) => names,
        Err(e) => return spool.warn("list", &spool.service, &e),
    };
    dead.retain(|(name, is_folder)| {
        let process = ProcessName::parse(name.strip_prefix(UNFINISHED).unwrap_or(name));
        *is_folder && process.is_some_and(|process| process != spool.name)
    });
    for (name, _) in dead {
        let folder = spool.service.join(name);
        let handled = Lock::of_dead(&folder).and_then(|lock| {
            let Some(lock) = lock else { return Ok(()) };
            handle(&folder)?;
            lock.remove_if_empty().map(drop)
        });
        if let Err(e) = handled {
            spool.warn("take over", &folder, &e);
        }
    }
}

/// The files of a lane that are ours.
fn lane_files(dir: &Path) -> io::Result<Vec<(String, LaneFile)>> {
    let names = folder::list(dir)?.into_iter().filter(|(_, is_folder)| !is_folder);
    Ok(names.filter_map(|(name, _)| LaneFile::parse(&name).map(|file| (name, file))).collect())
}

fn is_of_later_version(path: &Path) -> bool {
    let read = || -> io::Result<_> {
        let file = folder::open_file(path)?;
        let len = file.metadata()?.len();
        Ok(header::read(&file, len))
    };
    matches!(read(), Ok(Err(header::Unusable::Version(_))))
}
