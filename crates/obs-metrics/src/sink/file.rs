//! [`FileSink`]: the latest collection as a file.

use crate::exposition::{openmetrics, text};
use crate::item::MetricItem;
use crate::negotiate::Format;
use obs_core::DropReason;
use obs_export::{Batch, Encoder, Outcome, Sink};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// Keeps the latest collection in a file such as `metrics.txt`. A reader sees the old content or the new, never half of
/// one: each collection is written beside it and renamed over it.
#[derive(Debug)]
pub struct FileSink {
    path: PathBuf,
    format: Format,
}

impl FileSink {
    /// A sink for this path; directories that lack are made at the first collection.
    pub fn new(path: impl Into<PathBuf>, format: Format) -> Self {
        Self { path: path.into(), format }
    }

    fn write(&self, body: &[u8]) -> io::Result<()> {
        let name = self.path.file_name().ok_or_else(|| io::Error::other("the path names no file"))?;
        if let Some(parent) = self.path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut beside = name.to_owned();
        beside.push(format!(".{}.tmp", std::process::id()));
        let beside = self.path.with_file_name(beside);
        let written = File::create(&beside)
            .and_then(|mut file| file.write_all(body).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&beside, &self.path));
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written
    }
}

/// A record is a whole exposition.
struct Exposition(Format);

impl Encoder<MetricItem> for Exposition {
    fn encode(&self, item: &MetricItem, record: &mut Vec<u8>) {
        let body = match self.0 {
            Format::OpenMetrics => openmetrics(item.snapshot()),
            Format::Text => text(item.snapshot()),
        };
        record.extend_from_slice(body.as_bytes());
    }
}

impl Sink<MetricItem> for FileSink {
    fn name(&self) -> &'static str {
        "file"
    }

    fn encoder(&self) -> Arc<dyn Encoder<MetricItem>> {
        Arc::new(Exposition(self.format))
    }

    /// Writes the last item: totals are cumulative, so that it says what those before it said.
    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        let Some(last) = batch.records.last() else { return Outcome::Delivered };
        match self.write(last.bytes) {
            Ok(()) => Outcome::Delivered,
            Err(error) => Outcome::Refused {
                reason: DropReason::WriteFailed,
                message: format!("cannot write {}: {error}", self.path.display()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Metrics;
    use obs_export::sink::send_items;

    fn collect(n: u64) -> MetricItem {
        let metrics = Metrics::new(obs_core::ServiceIdentity::default(), std::sync::Arc::default());
        metrics.counter("done", "Things done.").unwrap().inc_by(n);
        MetricItem::new(metrics.snapshot())
    }

    #[test]
    fn the_file_holds_the_latest_collection_and_nothing_is_left_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run/metrics.txt");
        let mut sink = FileSink::new(&path, Format::OpenMetrics);
        assert_eq!(send_items(&mut sink, &[&collect(1)]), Outcome::Delivered);
        assert_eq!(send_items(&mut sink, &[&collect(2), &collect(3)]), Outcome::Delivered);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("\ndone_total 3\n") && text.ends_with("# EOF\n"), "{text}");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_cannot_be_written_is_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let blocked = dir.path().join("file");
        fs::write(&blocked, "").unwrap();
        for path in [blocked.join("metrics.txt"), dir.path().to_owned()] {
            let outcome = send_items(&mut FileSink::new(&path, Format::Text), &[&collect(1)]);
            let Outcome::Refused { reason: DropReason::WriteFailed, message } = outcome else {
                panic!("{outcome:?}")
            };
            assert!(message.contains(&path.display().to_string()), "{message}");
        }
    }
}
