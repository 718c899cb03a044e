//! [`LokiSink`]: lines to Loki's push API.
//!
//! API: <https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs>.

mod push;

use obs_core::{DropReason, ServiceIdentity};
use obs_export::http::{Endpoint, HttpClient, HttpError, HttpOptions, Request};
use obs_export::{Outcome, Sink};

use crate::line::LogLine;
use push::{Labels, Streams};

/// Path of the push API below Loki's base URL.
const PATH: &str = "/loki/api/v1/push";

/// How lines are pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LokiOptions {
    /// Value of the label `app`. Default `acm`.
    pub app: String,
    /// Longest line that is sent, in bytes: Loki's own default limit is 256 KB (262,144). A longer one is counted as
    /// `too_large` and the others go on.
    pub max_line: usize,
    /// Pushes JSON instead of snappy-compressed protobuf: about five times the bytes, readable on the way. Default off.
    pub json: bool,
}

impl Default for LokiOptions {
    fn default() -> Self {
        Self { app: "acm".to_owned(), max_line: 256 * 1024, json: false }
    }
}

/// Pushes lines to Loki.
///
/// Labels are few and bounded: `app`, `service`, `environment`, `level`, `category`, `component`; after the 64th
/// component further ones are labelled `other`. `trace_id`, `span_id`, `run_id` and `request_id` go as structured
/// metadata: Loki returns them like labels, `{app="acm"} | trace_id="…"` finds them, and they make no streams. Loki
/// takes structured metadata from version 3 on, or 2.9 with `allow_structured_metadata`.
#[derive(Debug)]
pub struct LokiSink {
    client: HttpClient,
    to: Endpoint,
    options: LokiOptions,
    labels: Labels,
}

impl LokiSink {
    /// A sink that pushes to `base`, such as `http://loki:3100`; a URL that ends in the push path is taken as it is.
    /// Connects to nothing yet.
    pub fn new(
        base: &Endpoint,
        http: &HttpOptions,
        identity: &ServiceIdentity,
        options: LokiOptions,
    ) -> Result<Self, HttpError> {
        let labels = Labels::new(&options.app, identity);
        Ok(Self { client: HttpClient::new(http)?, to: base.join(PATH), options, labels })
    }

    fn push(&mut self, lines: &[&LogLine]) -> Result<(), Outcome> {
        let streams = Streams::group(lines, &mut self.labels);
        let (content_type, body) = if self.options.json {
            ("application/json", streams.json())
        } else {
            let refused =
                |e: snap::Error| Outcome::Refused { reason: DropReason::WriteFailed, message: e.to_string() };
            ("application/x-protobuf", streams.protobuf().map_err(refused)?)
        };
        let request =
            Request { to: &self.to, content_type, gzip: self.options.json, headers: &[], body: &body };
        self.client.post(&request).map(drop)
    }
}

impl Sink<LogLine> for LokiSink {
    fn name(&self) -> &'static str {
        "loki"
    }

    fn send(&mut self, batch: &[&LogLine]) -> Outcome {
        let limit = self.options.max_line;
        let fits = |line: &&&LogLine| line.json().len() <= limit;
        let lines: Vec<&LogLine> = batch.iter().filter(fits).copied().collect();
        if !lines.is_empty()
            && let Err(outcome) = self.push(&lines)
        {
            return outcome;
        }
        if lines.len() == batch.len() {
            return Outcome::Delivered;
        }
        let refused: Vec<usize> = (0..batch.len()).filter(|i| !fits(&&batch[*i])).collect();
        let message = format!("{} of {} lines are longer than {limit} bytes", refused.len(), batch.len());
        Outcome::Partial { refused, reason: DropReason::TooLarge, message }
    }
}

#[cfg(test)]
mod tests;
