//! [`Spool`]: the folder of this process, and what its lanes share.

use super::budget::Budget;
use super::folder;
use super::lane::Lane;
use super::lock::Lock;
use super::names::{ProcessName, folder_name};
use super::{SpoolError, SpoolOptions, TOPIC, takeover};
use obs_core::{Clock, Diag};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A folder with this before its name is being made.
pub(super) const UNFINISHED: &str = ".new-";

/// The spool of this process: its folder, `<dir>/<service>/<process>/`, locked as long as this lives.
///
/// When it is dropped, after its lanes, the folder goes if nothing is left in it; else the next process of the service
/// takes over what is there.
#[derive(Debug)]
pub struct Spool {
    pub(super) options: SpoolOptions,
    pub(super) clock: Clock,
    pub(super) diag: Diag,
    pub(super) budget: Budget,
    /// The folder of the service.
    pub(super) service: PathBuf,
    /// The folder of the process, and its name.
    pub(super) folder: PathBuf,
    pub(super) name: ProcessName,
    lock: Option<Lock>,
    /// Folder names of the lanes opened so far.
    lanes: Mutex<BTreeSet<String>>,
    swept: AtomicBool,
}

impl Spool {
    /// Makes the folder of this process for `service`, any string; `diag` is told of damage and of files that cannot
    /// be handled.
    pub fn open(options: SpoolOptions, service: &str, clock: Clock, diag: Diag) -> Result<Self, SpoolError> {
        let service = options.dir.join(folder_name(service));
        folder::create_all(&service).map_err(SpoolError::io("create folder", &service))?;
        let (name, lock) = create(&service, clock.now())?;
        Ok(Self {
            budget: Budget::new(options.max_bytes),
            folder: service.join(name.to_string()),
            options,
            clock,
            diag,
            service,
            name,
            lock: Some(lock),
            lanes: Mutex::default(),
            swept: AtomicBool::new(false),
        })
    }

    /// Opens the lane `name`, any string, in a folder of its own, and takes over what processes of this service that
    /// are no more left in theirs; folders of theirs in which nothing is left are removed. A lane is opened once in the
    /// life of a spool.
    pub fn lane(self: &Arc<Self>, name: &str) -> Result<Lane, SpoolError> {
        let folder = folder_name(name);
        let dir = self.folder.join(&folder);
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if lanes.contains(&folder) {
            return Err(SpoolError::LaneTaken { name: name.to_owned() });
        }
        folder::create_all(&dir).map_err(SpoolError::io("create folder", &dir))?;
        lanes.insert(folder.clone());
        drop(lanes);
        takeover::adopt(self, &folder);
        Lane::open(Arc::clone(self), dir)
    }

    /// The file of the records of a lane that its destination will never take. It is the service's, not the process's: nobody
    /// takes it over, and nobody removes it.
    pub(crate) fn quarantine(&self, lane: &str) -> PathBuf {
        self.service.join(format!("{}.refused.jsonl", folder_name(lane)))
    }

    /// Bytes on disk, all lanes together.
    pub fn bytes(&self) -> u64 {
        self.budget.used()
    }

    /// The folder of this process.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Records from before this time are expired.
    pub(super) fn cutoff(&self) -> u64 {
        self.clock.now().saturating_sub(crate::sync::nanos(self.options.max_age))
    }

    /// Once: removes what is over age in lanes of dead processes that this process does not have. Not before somebody
    /// asks a lane for losses, so that the lanes that it has are open by then.
    pub(super) fn sweep(&self) {
        if !self.swept.swap(true, Ordering::Relaxed) {
            takeover::remove_expired(self);
        }
    }

    /// Tells of an error that is not passed on.
    pub(super) fn warn(&self, what: &str, path: &Path, error: &io::Error) {
        self.diag.warn(TOPIC, &format!("cannot {what} {}: {error}", path.display()));
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if let Some(Err(e)) = self.lock.take().map(Lock::remove_if_empty) {
            self.warn("remove", &self.folder, &e);
        }
    }
}

/// Makes a folder for this process in that of its service.
///
/// It gets its name only once it is locked, so that nobody takes it for a dead one's. Before, others may take it for
/// the remains of one that died while making it, and remove it; then another is made.
fn create(service: &Path, start: u64) -> Result<(ProcessName, Lock), SpoolError> {
    let mut tries = 0;
    loop {
        tries += 1;
        let name = ProcessName { pid: std::process::id(), start, random: fastrand::u32(..) };
        let unfinished = service.join(format!("{UNFINISHED}{name}"));
        let finished = service.join(name.to_string());
        let made = || -> io::Result<Option<Lock>> {
            folder::create_all(&unfinished)?;
            let Some(lock) = Lock::create(&unfinished)? else { return Ok(None) };
            std::fs::rename(&unfinished, &finished)?;
            Ok(Some(lock.moved_to(&finished)))
        };
        match made() {
            Ok(Some(lock)) => return Ok((name, lock)),
            Ok(None) if tries < 100 => {}
            Ok(None) => {
                let taken = io::Error::other("other processes remove it again and again");
                return Err(SpoolError::io("lock", &finished)(taken));
            }
            Err(e) => {
                let _ = std::fs::remove_dir_all(&unfinished);
                return Err(SpoolError::io("create folder", &finished)(e));
            }
        }
    }
}
