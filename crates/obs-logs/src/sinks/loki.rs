//! [`LokiSink`]: lines to Loki's push API.
//!
//! API: <https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs>.

mod labels;
mod push;
mod record;

use std::sync::Arc;

use obs_core::{DropReason, ServiceIdentity};
use obs_export::http::{Endpoint, HttpClient, HttpError, HttpOptions, Request};
use obs_export::{Batch, Encoder, Outcome, Sink};

use crate::line::LogLine;
use labels::Labels;
use push::Streams;
use record::{Entry, Form, LokiEncoder};

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
    encoder: Arc<LokiEncoder>,
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
        let form = if options.json { Form::Json } else { Form::Protobuf };
        let encoder = Arc::new(LokiEncoder { form, labels: Labels::new(&options.app, identity) });
        Ok(Self { client: HttpClient::new(http)?, to: base.join(PATH), options, encoder })
    }

    fn push(&self, form: Form, streams: &Streams<'_>) -> Result<(), Outcome> {
        let (content_type, body) = match form {
            Form::Json => ("application/json", streams.json()),
            Form::Protobuf => {
                let body = streams.protobuf();
                ("application/x-protobuf", body.map_err(|e| unwritable(e.to_string()))?)
            }
        };
        let gzip = form == Form::Json;
        let request = Request { to: &self.to, content_type, gzip, headers: &[], body: &body };
        self.client.post(&request).map(drop)
    }
}

fn unwritable(message: String) -> Outcome {
    Outcome::Refused { reason: DropReason::WriteFailed, message }
}

impl Sink<LogLine> for LokiSink {
    fn name(&self) -> &'static str {
        "loki"
    }

    fn encoder(&self) -> Arc<dyn Encoder<LogLine>> {
        Arc::clone(&self.encoder) as Arc<dyn Encoder<LogLine>>
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        let Some(form) = Form::of_context(batch.context) else {
            return unwritable("records of an unknown form".to_owned());
        };
        let limit = self.options.max_line;
        let fits = |bytes| Entry::read(bytes).filter(|entry| entry.line_length <= limit);
        let entries: Vec<Option<Entry<'_>>> = batch.records.iter().map(|r| fits(r.bytes)).collect();
        if entries.iter().any(Option::is_some)
            && let Err(outcome) = self.push(form, &Streams::group(entries.iter().flatten().copied()))
        {
            return outcome;
        }
        let refused: Vec<usize> = (0..entries.len()).filter(|i| entries[*i].is_none()).collect();
        if refused.is_empty() {
            return Outcome::Delivered;
        }
        let message = format!("{} of {} lines are longer than {limit} bytes", refused.len(), entries.len());
        Outcome::Partial { refused, reason: DropReason::TooLarge, message }
    }
}

#[cfg(test)]
mod tests;
