//! [`OtlpMetricsSink`]: collections pushed over OTLP.

use crate::item::MetricItem;
use crate::otlp::encode;
use obs_export::http::Endpoint;
use obs_export::otlp::OtlpClient;
use obs_export::{Batch, Encoder, Outcome, Sink};
use std::sync::Arc;

/// Pushes collections as OTLP protobuf, over HTTP or gRPC as its client does.
#[derive(Debug)]
pub struct OtlpMetricsSink {
    client: OtlpClient,
}

impl OtlpMetricsSink {
    /// A sink that sends as `client` does, such as
    /// [`OtlpClient::new`]`(&base, "/v1/metrics", "data points", &options)`.
    pub fn new(client: OtlpClient) -> Self {
        Self { client }
    }

    /// Where collections go.
    pub fn endpoint(&self) -> &Endpoint {
        self.client.endpoint()
    }
}

/// A record is a request of one collection: its only field is a repeated one, so that requests in a row are one request.
struct CollectionEncoder;

impl Encoder<MetricItem> for CollectionEncoder {
    fn encode(&self, item: &MetricItem, record: &mut Vec<u8>) {
        record.extend_from_slice(&encode(item.snapshot()));
    }
}

impl Sink<MetricItem> for OtlpMetricsSink {
    fn name(&self) -> &'static str {
        "otlp"
    }

    fn encoder(&self) -> Arc<dyn Encoder<MetricItem>> {
        Arc::new(CollectionEncoder)
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        let mut body = Vec::with_capacity(batch.bytes());
        batch.records.iter().for_each(|record| body.extend_from_slice(record.bytes));
        self.client.send(&body, batch.records)
    }
}
