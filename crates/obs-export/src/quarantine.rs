//! [`Quarantine`]: where records go that the other side will never take, for a person to look at.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use obs_core::{Clock, DropReason};
use serde::Serialize;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

/// A file of refused records, one JSON object a line: when, what the ledger says, what the other side said, the record.
///
/// It takes up to [`Quarantine::LIMIT`] bytes; further records are counted by the ledger and not kept.
#[derive(Debug)]
pub(crate) struct Quarantine {
    path: PathBuf,
    clock: Clock,
    file: Option<File>,
    left: u64,
}

#[derive(Serialize)]
struct Entry<'a> {
    time_unix_nano: u64,
    reason: &'static str,
    message: &'a str,
    /// As far as it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

impl Quarantine {
    /// 16 MiB, all of the file together.
    pub(crate) const LIMIT: u64 = 16 << 20;

    /// Makes the file when the first record comes.
    pub(crate) fn new(path: PathBuf, clock: Clock) -> Self {
        let used = std::fs::metadata(&path).map_or(0, |m| m.len());
        Self { path, clock, file: None, left: Self::LIMIT.saturating_sub(used) }
    }

    /// Keeps a record, if it finds room. That it cannot be written is nobody's loss: the ledger has it as dropped.
    pub(crate) fn keep(&mut self, reason: DropReason, message: &str, record: &[u8]) {
        let text = std::str::from_utf8(record).ok();
        let entry = Entry {
            time_unix_nano: self.clock.now(),
            reason: reason.as_str(),
            message,
            text,
            base64: text.is_none().then(|| BASE64_STANDARD.encode(record)),
        };
        let Ok(mut line) = serde_json::to_vec(&entry) else { return };
        line.push(b'\n');
        if line.len() as u64 > self.left {
            return;
        }
        if self.write(&line).is_ok() {
            self.left -= line.len() as u64;
        }
    }

    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(private(&self.path)?),
        };
        file.write_all(line)
    }
}

/// Records may hold what only their owner may read.
fn private(path: &std::path::Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_record_is_kept_with_what_was_said_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("quarantine.jsonl");
        let mut quarantine = Quarantine::new(path.clone(), Clock::manual(7));
        assert!(!path.exists());
        quarantine.keep(DropReason::Refused, "400: too \"old\"", b"a line\nwith a break");
        quarantine.keep(DropReason::TooLarge, "413", b"\xff\x00");
        let text = std::fs::read_to_string(&path).unwrap();
        let entries: Vec<serde_json::Value> =
            text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(entries[0]["text"], "a line\nwith a break");
        assert_eq!(entries[0]["message"], "400: too \"old\"");
        assert_eq!(
            entries[1],
            serde_json::json!({
                "time_unix_nano": 7, "reason": "too_large", "message": "413", "base64": "/wA="
            })
        );
    }

    #[test]
    fn what_finds_no_room_is_left_out_also_by_the_next_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("quarantine.jsonl");
        let record = vec![b'x'; 10 << 20];
        for _ in 0..2 {
            Quarantine::new(path.clone(), Clock::manual(0)).keep(DropReason::Refused, "", &record);
        }
        let size = std::fs::metadata(&path).unwrap().len();
        assert!(size > 10 << 20 && size < Quarantine::LIMIT, "{size}");
    }
}
