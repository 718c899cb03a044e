//! Log lines as a run makes them, made beforehand; spans, made as they are measured; and [`JsonLines`], the plainest sink of lines.

use obs_core::{Clock, Ledger, ServiceIdentity};
use obs_export::http::{Endpoint, HttpClient, Request};
use obs_export::{Batch, Encoder, Outcome, Sink, Stream};
use obs_logs::{LogLine, Logs};
use obs_trace::{SpanBatch, Tracer, span};
use std::sync::{Arc, Mutex, PoisonError};

/// Lines of about 300 bytes.
pub(super) fn lines(n: u64) -> Vec<LogLine> {
    let made = Arc::new(Mutex::new(Vec::with_capacity(n as usize)));
    let output = Arc::clone(&made);
    let keep = move |line| output.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    let logs = Logs::builder(&ServiceIdentity::default()).clock(Clock::system()).build(keep);
    let logger = logs.logger("acm.pipeline");
    for number in 0..n {
        obs_logs::data!(logger, "rows of a chunk read";
            "path" => "/srv/exports/fd_fan.csv", "rows" => 1500, "kept" => 1498, "number" => number);
    }
    std::mem::take(&mut *made.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Spans recorded between two flushes: less than the recorder has room for.
const BURST: u64 = 50_000;

/// Records spans with four attributes of their own.
pub(super) fn record_spans(n: u64, stream: &Stream<SpanBatch>, ledger: &Arc<Ledger>) {
    let tracer = Tracer::builder().export(Arc::clone(ledger), stream.clone()).build();
    for number in 0..n {
        drop(span!(
            tracer,
            "score.pca",
            n_samples = 1500,
            n_features = 9,
            equipment = "FD_FAN",
            number = number
        ));
        if number % BURST == 0 {
            tracer.flush();
        }
    }
}

/// Posts lines as they are, one JSON object a line.
#[derive(Debug)]
pub(super) struct JsonLines {
    client: HttpClient,
    to: Endpoint,
    body: Vec<u8>,
}

impl JsonLines {
    pub(super) fn new(client: HttpClient, to: Endpoint) -> Self {
        Self { client, to, body: Vec::new() }
    }
}

/// A record is the line with its line break.
#[derive(Debug)]
struct Plain;

impl Encoder<LogLine> for Plain {
    fn encode(&self, line: &LogLine, record: &mut Vec<u8>) {
        record.extend_from_slice(line.json().as_bytes());
        record.push(b'\n');
    }
}

impl Sink<LogLine> for JsonLines {
    fn name(&self) -> &'static str {
        "lines"
    }

    fn encoder(&self) -> Arc<dyn Encoder<LogLine>> {
        Arc::new(Plain)
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        self.body.clear();
        for record in batch.records {
            self.body.extend_from_slice(record.bytes);
        }
        let request = Request {
            to: &self.to,
            content_type: "application/x-ndjson",
            gzip: false,
            headers: &[],
            body: &self.body,
        };
        self.client.post(&request).map_or_else(|outcome| outcome, |_| Outcome::Delivered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_about_three_hundred_bytes() {
        let length = lines(1)[0].json().len();
        assert!((280..=320).contains(&length), "{length}");
    }
}
