//! [`FileSink`]: profiles as files.

use crate::error::ProfileError;
use crate::item::ProfileItem;
use crate::pprof;
use crate::profile::Profile;
use obs_core::DropReason;
use obs_export::{Outcome, Sink};
use std::fs;
use std::path::{Path, PathBuf};

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

impl Sink<ProfileItem> for FileSink {
    fn name(&self) -> &'static str {
        "file"
    }

    fn send(&mut self, batch: &[&ProfileItem]) -> Outcome {
        let mut refused = Vec::new();
        let mut message = String::new();
        for (index, item) in batch.iter().enumerate() {
            let number = self.written + 1;
            let suffix = if number == 1 { String::new() } else { format!("-{number}") };
            let path = self.folder.join(format!("{NAME}{suffix}.pb.gz"));
            match write(&path, &item.0, &self.service) {
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
    let bytes = pprof::encode_gzip(profile, service)?;
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

    #[test]
    fn each_profile_gets_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("made/on/demand");
        let mut sink = FileSink::new(&target, "acm");
        let item = ProfileItem(Profile::default());
        assert_eq!(sink.send(&[&item]), Outcome::Delivered);
        assert_eq!(sink.send(&[&item, &item]), Outcome::Delivered);
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
        match sink.send(&[&ProfileItem(Profile::default())]) {
            Outcome::Partial { refused, reason: DropReason::WriteFailed, message } => {
                assert_eq!(refused, [0]);
                assert!(message.contains("file/profile.pb.gz"), "{message}");
            }
            other => panic!("{other:?}"),
        }
    }
}
