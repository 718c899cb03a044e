//! [`JsonFileSink`]: spans as one OTLP JSON document in a file.

use crate::otlp::trace_data_json;
use crate::record::SpanRecord;
use obs_core::{DropReason, ServiceIdentity};
use obs_export::{Outcome, Sink};
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

/// Closes the arrays and objects that a document's spans stand in.
const TAIL: &str = "\n]}]}]}\n";

/// Writes one `TracesData` document. After every batch the file is a whole document: the next batch overwrites its
/// closing brackets.
#[derive(Debug)]
pub struct JsonFileSink {
    identity: ServiceIdentity,
    file: File,
    /// Where the closing brackets start; zero before the first batch.
    end: u64,
}

impl JsonFileSink {
    /// Starts the file anew.
    pub fn create(path: &Path, identity: ServiceIdentity) -> io::Result<Self> {
        Ok(Self { identity, file: File::create(path)?, end: 0 })
    }

    fn append(&mut self, batch: &[&SpanRecord]) -> io::Result<()> {
        let mut text = String::new();
        if self.end == 0 {
            // Everything of an empty document up to where its spans go.
            let empty = trace_data_json(&self.identity, &[]).to_string();
            text.push_str(empty.trim_end_matches("]}]}]}"));
        }
        for (i, span) in batch.iter().enumerate() {
            text.push_str(if self.end == 0 && i == 0 { "\n" } else { ",\n" });
            let document = trace_data_json(&self.identity, &[span]);
            text.push_str(&document["resourceSpans"][0]["scopeSpans"][0]["spans"][0].to_string());
        }
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(text.as_bytes())?;
        self.file.write_all(TAIL.as_bytes())?;
        self.end += text.len() as u64;
        Ok(())
    }
}

impl Sink<SpanRecord> for JsonFileSink {
    fn name(&self) -> &'static str {
        "file"
    }

    fn send(&mut self, batch: &[&SpanRecord]) -> Outcome {
        match self.append(batch) {
            Ok(()) => Outcome::Delivered,
            Err(e) => {
                Outcome::Refused { reason: DropReason::WriteFailed, message: format!("trace file: {e}") }
            }
        }
    }

    fn flush(&mut self) -> Result<(), String> {
        self.file.sync_data().map_err(|e| format!("trace file: {e}"))
    }
}
