//! [`FileSink`]: lines appended to a file.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use obs_export::{Batch, Encoder, Outcome, Sink};

use super::console::Format;
use super::writer::LineWriter;
use crate::line::LogLine;

/// Appends lines to a file, which is made if it does not exist. A full disk is tried again; lines that were cut off
/// half way are counted as `write_failed`.
pub struct FileSink {
    path: PathBuf,
    format: Format,
    out: LineWriter<File>,
}

/// A log file that cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("log file `{path}` cannot be opened for appending: {source}", path = path.display())]
pub struct FileError {
    path: PathBuf,
    source: std::io::Error,
}

impl std::fmt::Debug for FileSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileSink").field("path", &self.path).finish_non_exhaustive()
    }
}

impl FileSink {
    /// Opens `path` for appending.
    pub fn open(path: impl AsRef<Path>, format: Format) -> Result<Self, FileError> {
        let path = path.as_ref().to_owned();
        match OpenOptions::new().create(true).append(true).open(&path) {
            Ok(file) => Ok(Self { path, format, out: LineWriter::new(file) }),
            Err(source) => Err(FileError { path, source }),
        }
    }
}

impl Sink<LogLine> for FileSink {
    fn name(&self) -> &'static str {
        "file"
    }

    fn encoder(&self) -> Arc<dyn Encoder<LogLine>> {
        Arc::new(self.format)
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        self.out.send(batch)
    }

    fn flush(&mut self) -> Result<(), String> {
        match self.out.get_mut().sync_data() {
            // A pipe or a device has nothing to make durable.
            Err(e) if e.kind() == ErrorKind::InvalidInput => Ok(()),
            synced => synced.map_err(|e| format!("log file `{}`: {e}", self.path.display())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::lines;
    use obs_export::sink::send_items;

    #[test]
    fn lines_are_appended_to_what_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run.log");
        for _ in 0..2 {
            let mut sink = FileSink::open(&path, Format::Json).unwrap();
            let lines = lines(|logs| slog::info!(logs.root(), "line"));
            assert_eq!(send_items(&mut sink, &lines.iter().collect::<Vec<_>>()), Outcome::Delivered);
            sink.flush().unwrap();
        }
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 2);
        assert!(text.lines().all(|l| l.contains("\"message\":\"line\"")));
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_a_file_too() {
        let mut sink = FileSink::open("/dev/null", Format::Json).unwrap();
        let lines = lines(|logs| slog::info!(logs.root(), "line"));
        assert_eq!(send_items(&mut sink, &lines.iter().collect::<Vec<_>>()), Outcome::Delivered);
        assert_eq!(sink.flush(), Ok(()));
    }

    #[test]
    fn a_file_that_cannot_be_opened_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let error = FileSink::open(dir.path().join("absent/run.log"), Format::Json).unwrap_err().to_string();
        assert!(error.contains("absent/run.log` cannot be opened for appending"), "{error}");
    }
}
