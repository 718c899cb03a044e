//! [`JsonFileSink`]: spans as one OTLP JSON document in a file.

use crate::batch::SpanBatch;
use crate::otlp::{span_json, trace_data_json};
use obs_core::{DropReason, ServiceIdentity};
use obs_export::{Batch, Encoder, Outcome, Sink};
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

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

    fn append(&mut self, batch: &Batch<'_>) -> io::Result<()> {
        let mut text = Vec::new();
        if self.end == 0 {
            // Everything of an empty document up to where its spans go.
            let empty = trace_data_json(&self.identity, &[]).to_string();
            text.extend_from_slice(empty.trim_end_matches("]}]}]}").as_bytes());
        }
        for (i, spans) in batch.records.iter().enumerate() {
            text.extend_from_slice(if self.end == 0 && i == 0 { b"\n" } else { b",\n" });
            text.extend_from_slice(spans.bytes);
        }
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(&text)?;
        self.file.write_all(TAIL.as_bytes())?;
        self.end += text.len() as u64;
        Ok(())
    }
}

/// A record is the JSON of spans, a line each, with commas between.
struct SpanText;

impl Encoder<SpanBatch> for SpanText {
    fn encode(&self, batch: &SpanBatch, record: &mut Vec<u8>) {
        for (i, span) in batch.spans().enumerate() {
            if i > 0 {
                record.extend_from_slice(b",\n");
            }
            record.extend_from_slice(span_json(&span).to_string().as_bytes());
        }
    }
}

impl Sink<SpanBatch> for JsonFileSink {
    fn name(&self) -> &'static str {
        "file"
    }

    fn encoder(&self) -> Arc<dyn Encoder<SpanBatch>> {
        Arc::new(SpanText)
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
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
