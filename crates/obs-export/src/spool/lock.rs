//! [`Lock`]: says that a process folder has a living owner.
//!
//! The lock is on an open file (`flock`), so the kernel gives it up however the owner dies (a
//! child that was forked and never ran another program keeps it for as long as it lives). Whoever removes a folder
//! holds its lock, and unlinks the lock file last. So a lock on a file that has been unlinked is worth nothing, and
//! is not taken for one.

use super::folder;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Name of the lock file. No lane has it: names of lanes begin with no dot.
pub(super) const LOCK_FILE: &str = ".lock";

/// A folder that is ours as long as this lives.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    folder: PathBuf,
}

impl Lock {
    /// Locks a folder just made; `None` if another process came first, taking it for a dead one's.
    pub(super) fn create(folder: &Path) -> io::Result<Option<Self>> {
        match folder::create_file(&folder.join(LOCK_FILE)) {
            Ok(file) => Self::take(file, folder),
            Err(e) if matches!(e.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Locks the folder of a process that is no more; `None` if it lives, or the folder is gone.
    pub(super) fn of_dead(folder: &Path) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        // A folder whose lock file was lost has no owner either.
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        match options.open(folder.join(LOCK_FILE)) {
            Ok(file) => Self::take(file, folder),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    fn take(file: File, folder: &Path) -> io::Result<Option<Self>> {
        match file.try_lock() {
            Ok(()) if file.metadata()?.nlink() > 0 => Ok(Some(Self { file, folder: folder.to_owned() })),
            Ok(()) | Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(e),
        }
    }

    /// The folder has a new name.
    pub(super) fn moved_to(mut self, folder: &Path) -> Self {
        folder.clone_into(&mut self.folder);
        self
    }

    /// Removes the folder if nothing but the lock file and empty lanes are in it. Says whether it did.
    pub(super) fn remove_if_empty(self) -> io::Result<bool> {
        for (name, is_folder) in folder::list(&self.folder)? {
            if is_folder {
                // Fails if it is not empty, which is what is asked.
                if std::fs::remove_dir(self.folder.join(name)).is_err() {
                    return Ok(false);
                }
            } else if name != LOCK_FILE {
                return Ok(false);
            }
        }
        folder::missing_is_fine(std::fs::remove_file(self.folder.join(LOCK_FILE)))?;
        Ok(std::fs::remove_dir(&self.folder).is_ok())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file is not enough: a child process that was forked just now has it as well, until it runs its
        // own program. If this fails the lock is given up a moment later.
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_owner_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let lock = Lock::create(dir.path()).unwrap().unwrap();
        assert!(Lock::create(dir.path()).unwrap().is_none());
        assert!(Lock::of_dead(dir.path()).unwrap().is_none());
        // As a child has it between fork and exec.
        let inherited = lock.file.try_clone().unwrap();
        drop(lock);
        assert!(Lock::of_dead(dir.path()).unwrap().is_some());
        drop(inherited);
    }

    #[test]
    fn a_lock_file_removed_before_it_was_locked_is_worth_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let file = folder::create_file(&dir.path().join(LOCK_FILE)).unwrap();
        std::fs::remove_file(dir.path().join(LOCK_FILE)).unwrap();
        assert!(Lock::take(file, dir.path()).unwrap().is_none());
    }

    #[test]
    fn only_a_folder_with_nothing_in_it_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("process");
        folder::create_all(&folder.join("lane")).unwrap();
        std::fs::write(folder.join("lane/file"), "").unwrap();
        assert!(!Lock::of_dead(&folder).unwrap().unwrap().remove_if_empty().unwrap());
        std::fs::remove_file(folder.join("lane/file")).unwrap();
        assert!(Lock::of_dead(&folder).unwrap().unwrap().remove_if_empty().unwrap());
        assert!(Lock::of_dead(&folder).unwrap().is_none() && !folder.exists());
    }
}
