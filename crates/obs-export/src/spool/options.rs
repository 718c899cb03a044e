//! [`SpoolOptions`]: where the spool is and how much it may hold.

use std::path::PathBuf;
use std::time::Duration;

/// Where the spool of a process is, and its bounds.
///
/// ```
/// use obs_export::SpoolOptions;
/// let options = SpoolOptions { max_bytes: 64 << 20, ..SpoolOptions::new("/var/spool/obs") };
/// assert_eq!(options.segment_bytes, 8 << 20);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpoolOptions {
    /// The folder; made if it is missing. Services share it, each has a folder of its own inside.
    pub dir: PathBuf,
    /// Bytes on disk, all lanes of this process together, what was taken over included. The oldest records of a lane
    /// make room for its new ones. Default 1 GiB.
    pub max_bytes: u64,
    /// Age from which a record is not handed out any more. Default 7 days, what Loki takes by default
    /// (`reject_old_samples_max_age`).
    pub max_age: Duration,
    /// Size from which a lane starts a new file; disk space is freed by whole files. At most a quarter of
    /// `max_bytes` is used. Default 8 MiB.
    pub segment_bytes: u64,
}

impl SpoolOptions {
    /// The defaults, in the folder `dir`.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            max_bytes: 1 << 30,
            max_age: Duration::from_hours(7 * 24),
            segment_bytes: 8 << 20,
        }
    }

    /// The size that counts: with files as large as the whole budget, one record too many would cost all the others.
    pub(super) fn segment_size(&self) -> u64 {
        self.segment_bytes.min(self.max_bytes / 4)
    }
}
