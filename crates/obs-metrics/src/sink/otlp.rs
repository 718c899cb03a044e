//! [`OtlpMetricsSink`]: collections pushed over OTLP/HTTP.

use crate::item::MetricItem;
use crate::otlp::encode;
use obs_export::http::{Endpoint, HttpError, HttpOptions};
use obs_export::otlp::OtlpClient;
use obs_export::{Item, Outcome, Sink};

/// Pushes collections as OTLP/HTTP protobuf to `/v1/metrics`.
#[derive(Debug)]
pub struct OtlpMetricsSink {
    client: OtlpClient,
}

impl OtlpMetricsSink {
    /// A sink for the receiver at `base`: its base URL, or the full one.
    pub fn new(base: &Endpoint, options: &HttpOptions) -> Result<Self, HttpError> {
        Ok(Self { client: OtlpClient::new(base, "/v1/metrics", "data points", options)? })
    }

    /// Where collections go.
    pub fn endpoint(&self) -> &Endpoint {
        self.client.endpoint()
    }
}

impl Sink<MetricItem> for OtlpMetricsSink {
    fn name(&self) -> &'static str {
        "otlp"
    }

    fn send(&mut self, batch: &[&MetricItem]) -> Outcome {
        // The request is one repeated field, so that requests in a row are one request.
        let body: Vec<u8> = batch.iter().flat_map(|item| encode(item.snapshot())).collect();
        let counts: Vec<u64> = batch.iter().map(|item| item.count()).collect();
        self.client.send(&body, &counts)
    }
}
