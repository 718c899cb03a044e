//! [`SpanEncoder`]: spans as records, as every sink has them that sends over the network.

use crate::batch::SpanBatch;
use crate::otlp::{cut_spans, write_resource};
use obs_core::ServiceIdentity;
use obs_export::wire::Writer;
use obs_export::{Cut, Encoder, Record};

/// A record is a stretch of `ScopeSpans.spans`; the context is the `Resource` that it belongs to.
#[derive(Debug)]
pub(super) struct SpanEncoder {
    identity: ServiceIdentity,
}

impl SpanEncoder {
    pub(super) fn new(identity: ServiceIdentity) -> Self {
        Self { identity }
    }
}

impl Encoder<SpanBatch> for SpanEncoder {
    fn context(&self) -> Vec<u8> {
        let mut resource = Writer::new();
        write_resource(&mut resource, &self.identity);
        resource.into_vec()
    }

    fn encode(&self, batch: &SpanBatch, record: &mut Vec<u8>) {
        record.extend_from_slice(batch.as_bytes());
    }

    fn encoded<'a>(&self, batch: &'a SpanBatch) -> Option<&'a [u8]> {
        Some(batch.as_bytes())
    }

    fn cut(&self, record: &Record<'_>) -> Option<Cut> {
        cut_spans(record)
    }
}
