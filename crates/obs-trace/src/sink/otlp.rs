//! [`OtlpSink`]: spans pushed over OTLP.

use super::encoder::SpanEncoder;
use crate::batch::SpanBatch;
use crate::otlp::write_export_request;
use obs_core::ServiceIdentity;
use obs_export::http::Endpoint;
use obs_export::otlp::OtlpClient;
use obs_export::{Batch, Encoder, Outcome, Sink};
use std::sync::Arc;

/// Pushes spans as OTLP protobuf, over HTTP or gRPC as its client does.
#[derive(Debug)]
pub struct OtlpSink {
    client: OtlpClient,
    encoder: Arc<SpanEncoder>,
    /// Of the last request, for the next one.
    request: Vec<u8>,
}

/// Room that a request leaves to the next one: that of a batch of usual size.
const KEPT: usize = 1 << 20;

impl OtlpSink {
    /// A sink that sends as `client` does, such as
    /// [`OtlpClient::new`]`(&base, "/v1/traces", "spans", &options)`, in the name of `identity`.
    pub fn new(client: OtlpClient, identity: ServiceIdentity) -> Self {
        Self { client, encoder: Arc::new(SpanEncoder::new(identity)), request: Vec::new() }
    }

    /// Where spans go.
    pub fn endpoint(&self) -> &Endpoint {
        self.client.endpoint()
    }
}

impl Sink<SpanBatch> for OtlpSink {
    fn name(&self) -> &'static str {
        "otlp"
    }

    fn encoder(&self) -> Arc<dyn Encoder<SpanBatch>> {
        Arc::clone(&self.encoder) as Arc<dyn Encoder<SpanBatch>>
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        let spans = batch.records.iter().map(|record| record.bytes);
        write_export_request(&mut self.request, batch.context, spans);
        let outcome = self.client.send(&self.request, batch.records);
        if self.request.capacity() > KEPT {
            self.request = Vec::new();
        }
        outcome
    }
}
