//! [`OtlpSink`]: spans pushed over OTLP/HTTP.

use crate::otlp::export_request;
use crate::record::SpanRecord;
use obs_core::ServiceIdentity;
use obs_export::http::{Endpoint, HttpError, HttpOptions};
use obs_export::otlp::OtlpClient;
use obs_export::{Outcome, Sink};

/// Pushes spans as OTLP/HTTP protobuf to `/v1/traces`.
#[derive(Debug)]
pub struct OtlpSink {
    client: OtlpClient,
    identity: ServiceIdentity,
}

impl OtlpSink {
    /// A sink for the receiver at `base`: its base URL, or the full one.
    pub fn new(base: &Endpoint, options: &HttpOptions, identity: ServiceIdentity) -> Result<Self, HttpError> {
        Ok(Self { client: OtlpClient::new(base, "/v1/traces", "spans", options)?, identity })
    }

    /// Where spans go.
    pub fn endpoint(&self) -> &Endpoint {
        self.client.endpoint()
    }
}

impl Sink<SpanRecord> for OtlpSink {
    fn name(&self) -> &'static str {
        "otlp"
    }

    fn send(&mut self, batch: &[&SpanRecord]) -> Outcome {
        self.client.send(&export_request(&self.identity, batch), &vec![1; batch.len()])
    }
}
