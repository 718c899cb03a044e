//! [`ExporterSink`]: spans to any exporter of the OpenTelemetry SDK.

mod span_data;
#[cfg(test)]
mod tests;

use super::encoder::SpanEncoder;
use crate::batch::SpanBatch;
use crate::otlp::{read_resource, read_spans};
use futures_executor::block_on;
use obs_core::{Cause, DropReason, ServiceIdentity};
use obs_export::{Batch, Encoder, Outcome, Sink};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::SpanExporter;
use std::sync::Arc;
use std::time::Duration;

/// How long an exporter may take to shut down.
const SHUTDOWN: Duration = Duration::from_secs(5);

/// Hands spans to an exporter of the OpenTelemetry SDK.
///
/// The exporter is told the resource of what it gets, waited for on the delivery thread of the sink, flushed when the engine
/// is, and shut down, with five seconds for it, when the sink drops. Waiting is a plain `block_on`, as in the SDK's own batch
/// processor: there is no async runtime on that thread, and no limit of time but the exporter's own.
///
/// | answer | outcome |
/// |---|---|
/// | `Ok` | delivered |
/// | `Timeout` | tried again; cause `timeout` |
/// | `InternalFailure` | tried again; cause `server`: exporters say so of a lost connection, and say no more |
/// | `AlreadyShutdown` | dropped; reason `after_shutdown` |
#[derive(Debug)]
pub struct ExporterSink<E: SpanExporter> {
    exporter: E,
    name: String,
    is_remote: bool,
    encoder: Arc<SpanEncoder>,
    /// The resource that the exporter was told last, encoded.
    told: Option<Vec<u8>>,
}

impl<E: SpanExporter + 'static> ExporterSink<E> {
    /// A sink that exports in the name of `identity`, and that reports call `exporter`.
    pub fn new(exporter: E, identity: ServiceIdentity) -> Self {
        let encoder = Arc::new(SpanEncoder::new(identity));
        Self { exporter, name: "exporter".to_owned(), is_remote: true, encoder, told: None }
    }

    /// What reports and messages call it: one word, such as `zipkin`.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Says that the destination is on this machine: its spans do not go to the spool.
    #[must_use]
    pub fn local(mut self) -> Self {
        self.is_remote = false;
        self
    }

    /// Tells the exporter whose spans are next: a batch from the spool may be another process's.
    fn tell(&mut self, resource: &[u8]) {
        if self.told.as_deref() != Some(resource) {
            let attributes = read_resource(resource).map(|(key, value)| span_data::key_value(key, value));
            self.exporter.set_resource(&Resource::builder_empty().with_attributes(attributes).build());
            self.told = Some(resource.to_vec());
        }
    }

    fn outcome(&self, result: OTelSdkResult) -> Outcome {
        let Err(error) = result else { return Outcome::Delivered };
        let text = error.to_string();
        let message = format!("{}: {}", self.name, text.lines().next().unwrap_or_default());
        match error {
            OTelSdkError::Timeout(_) => Outcome::Retry { cause: Cause::Timeout, after: None, message },
            OTelSdkError::InternalFailure(_) => Outcome::Retry { cause: Cause::Server, after: None, message },
            OTelSdkError::AlreadyShutdown => Outcome::Refused { reason: DropReason::AfterShutdown, message },
        }
    }
}

impl<E: SpanExporter + 'static> Sink<SpanBatch> for ExporterSink<E> {
    fn name(&self) -> &str {
        &self.name
    }

    fn encoder(&self) -> Arc<dyn Encoder<SpanBatch>> {
        Arc::clone(&self.encoder) as Arc<dyn Encoder<SpanBatch>>
    }

    fn is_remote(&self) -> bool {
        self.is_remote
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        self.tell(batch.context);
        let spans = batch.records.iter().flat_map(|record| read_spans(record.bytes));
        let result = block_on(self.exporter.export(spans.map(span_data::of).collect()));
        self.outcome(result)
    }

    fn flush(&mut self) -> Result<(), String> {
        self.exporter.force_flush().map_err(|e| format!("{}: {e}", self.name))
    }
}

impl<E: SpanExporter> Drop for ExporterSink<E> {
    fn drop(&mut self) {
        // Whatever it answers, there is nobody left to tell.
        let _ = self.exporter.shutdown_with_timeout(SHUTDOWN);
    }
}
