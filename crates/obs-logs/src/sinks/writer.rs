//! [`WriterSink`]: lines to stdout, stderr or any other writer.

use std::fmt;
use std::io::{ErrorKind, Write};

use std::sync::Arc;

use obs_core::DropReason;
use obs_export::{Batch, Cause, Encoder, Outcome, Sink};

use super::console::Format;
use crate::line::LogLine;

/// Writes lines to a stream, a batch in one go.
///
/// A stream that fails in the middle of a batch has its whole lines counted as delivered and the rest as
/// `write_failed`; the line it broke in is ended before the next one starts.
pub struct WriterSink {
    name: &'static str,
    format: Format,
    out: LineWriter<Box<dyn Write + Send>>,
}

impl fmt::Debug for WriterSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriterSink").field("name", &self.name).finish_non_exhaustive()
    }
}

impl WriterSink {
    /// To standard output.
    pub fn stdout(format: Format) -> Self {
        Self::to("stdout", Box::new(std::io::stdout()), format)
    }

    /// To standard error.
    pub fn stderr(format: Format) -> Self {
        Self::to("stderr", Box::new(std::io::stderr()), format)
    }

    /// To any writer; `name` is what reports call it.
    pub fn to(name: &'static str, out: Box<dyn Write + Send>, format: Format) -> Self {
        Self { name, format, out: LineWriter::new(out) }
    }
}

impl Sink<LogLine> for WriterSink {
    fn name(&self) -> &str {
        self.name
    }

    fn encoder(&self) -> Arc<dyn Encoder<LogLine>> {
        Arc::new(self.format)
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        self.out.send(batch)
    }

    fn flush(&mut self) -> Result<(), String> {
        self.out.get_mut().flush().map_err(|e| e.to_string())
    }
}

/// Writes batches and knows, when that fails, how many lines got through.
pub(super) struct LineWriter<W> {
    out: W,
    /// The batch as bytes.
    buffer: Vec<u8>,
    /// Where each line of the batch ends in `buffer`.
    ends: Vec<usize>,
    /// The last write ended inside a line.
    torn: bool,
}

impl<W: Write> LineWriter<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, buffer: Vec::new(), ends: Vec::new(), torn: false }
    }

    pub(super) fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    /// Writes records, each of which ends in a line break.
    pub(super) fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        self.buffer.clear();
        self.ends.clear();
        if self.torn {
            self.buffer.push(b'\n');
        }
        for record in batch.records {
            self.buffer.extend_from_slice(record.bytes);
            self.ends.push(self.buffer.len());
        }
        let (written, error) = self.write();
        let whole = self.ends.partition_point(|end| *end <= written);
        if written > 0 {
            self.torn = self.buffer[written - 1] != b'\n';
        }
        match error {
            None => Outcome::Delivered,
            Some(e) if whole == 0 && is_passing(e.kind()) => {
                Outcome::Retry { cause: Cause::Local, after: None, message: e.to_string() }
            }
            Some(e) if whole == 0 => {
                Outcome::Refused { reason: DropReason::WriteFailed, message: e.to_string() }
            }
            Some(_) if whole == batch.records.len() => Outcome::Delivered,
            Some(e) => Outcome::Partial {
                refused: (whole..batch.records.len()).collect(),
                reason: DropReason::WriteFailed,
                message: e.to_string(),
            },
        }
    }

    /// Writes and flushes the buffer; says how many bytes went out, and what stopped the rest.
    fn write(&mut self) -> (usize, Option<std::io::Error>) {
        let mut written = 0;
        while written < self.buffer.len() {
            match self.out.write(&self.buffer[written..]) {
                Ok(0) => return (written, Some(ErrorKind::WriteZero.into())),
                Ok(n) => written += n,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return (written, Some(e)),
            }
        }
        (written, self.out.flush().err())
    }
}

/// Whether the same write may succeed later.
fn is_passing(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::StorageFull | ErrorKind::QuotaExceeded
    )
}

#[cfg(test)]
mod tests;
