//! [`FileSink`]: profiles as files.

use crate::error::ProfileError;
use crate::item::ProfileItem;
use crate::pprof;
use crate::profile::Profile;
use obs_core::DropReason;
use obs_export::{Batch, Encoder, Outcome, Sink};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Name of the first file; later ones carry a number: `profile-2.pb.gz`.
const NAME: &str = "profile";

/// Writes each profile to a file of its own: `profile.pb.gz`, `profile-2.pb.gz`, …, replacing those of earlier runs.
#[derive(Debug)]
pub struct FileSink {
    folder: PathBuf,
    service: String,
    written: usize,
}

impl FileSink {
    /// Writes into `folder`, which is made when the first profile comes; `service` becomes the `service_name` label.
    pub fn new(folder: impl Into<PathBuf>, service: impl Into<String>) -> Self {
        Self { folder: folder.into(), service: service.into(), written: 0 }
    }
}

/// A record is a gzipped pprof file.
struct PprofEncoder(String);

impl Encoder<ProfileItem> for PprofEncoder {
    fn encode(&self, item: &ProfileItem, record: &mut Vec<u8>) {
        // An empty record is what the sink refuses.
        record.extend(pprof::encode_gzip(&item.0, &self.0).unwrap_or_default());
    }
}

impl Sink<ProfileItem> for FileSink {
    fn name(&self) -> &'static str {
        "file"
    }

    fn encoder(&self) -> Arc<dyn Encoder<ProfileItem>> {
        Arc::new(PprofEncoder(self.service.clone()))
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        let mut refused = Vec::new();
        let mut message = String::new();
        for (index, record) in batch.records.iter().enumerate() {
            let number = self.written + 1;
            let suffix = if number == 1 { String::new() } else { format!("-{number}") };
            let path = self.folder.join(format!("{NAME}{suffix}.pb.gz"));
            match write_file(&path, record.bytes) {
                Ok(()) => self.written = number,
                Err(error) => {
                    refused.push(index);
                    message = with_source(&error);
                }
            }
        }
        if refused.is_empty() {
            Outcome::Delivered
        } else {
            Outcome::Partial { refused, reason: DropReason::WriteFailed, message }
        }
    }
}

/// Writes a profile to a file in pprof's format. The file appears whole or not at all.
pub fn write(path: &Path, profile: &Profile, service: &str) -> Result<(), ProfileError> {
    write_file(path, &pprof::encode_gzip(profile, service)?)
}

/// Writes a file that appears whole or not at all; an empty one is refused.
fn write_file(path: &Path, bytes: &[u8]) -> Result<(), ProfileError> {
    if bytes.is_empty() {
        let source = std::io::ErrorKind::InvalidData.into();
        return Err(ProfileError::Write { path: path.to_path_buf(), source });
    }
    let partial = path.with_extension("part");
    let written = path
        .parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(&partial, bytes))
        .and_then(|()| fs::rename(&partial, path));
    written.map_err(|source| {
        let _ = fs::remove_file(&partial);
        ProfileError::Write { path: path.to_path_buf(), source }
    })
}

/// The error and what caused it, as one line.
fn with_source(error: &ProfileError) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use obs_export::sink::send_items;

    #[test]
    fn each_profile_gets_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("made/on/demand");
        let mut sink = FileSink::new(&target, "acm");
        let item = ProfileItem(Profile::default());
        assert_eq!(send_items(&mut sink, &[&item]), Outcome::Delivered);
        assert_eq!(send_items(&mut sink, &[&item, &item]), Outcome::Delivered);
        let mut names: Vec<_> = fs::read_dir(&target).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["profile-2.pb.gz", "profile-3.pb.gz", "profile.pb.gz"]);
    }

    #[test]
    fn a_file_that_cannot_be_written_is_refused_and_named() {
        let folder = tempfile::tempdir().unwrap();
        let blocked = folder.path().join("file");
        fs::write(&blocked, "").unwrap();
        let mut sink = FileSink::new(&blocked, "acm");
        match send_items(&mut sink, &[&ProfileItem(Profile::default())]) {
            Outcome::Partial { refused, reason: DropReason::WriteFailed, message } => {
                assert_eq!(refused, [0]);
                assert!(message.contains("file/profile.pb.gz"), "{message}");
            }
            other => panic!("{other:?}"),
        }
    }
}
