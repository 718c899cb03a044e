//! [`SpanCollector`]: a destination that keeps what an engine delivers.

use obs_core::{DropReason, ServiceIdentity};
use obs_export::wire::Writer;
use obs_export::{Batch, Encoder, Outcome, Sink};
use obs_trace::SpanBatch;
use obs_trace::otlp::{export_request, write_resource};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use std::sync::{Arc, Mutex, PoisonError};

/// A destination for spans: builds the requests that an OTLP receiver would get, decodes them with the official schema, and
/// keeps the spans. What cannot be decoded is refused, which the ledger shows. Clones are the same collector.
///
/// ```
/// use obs_core::{Clock, Diag, Ledger, Signal};
/// use obs_export::{Engine, Limits};
/// use obs_testing::{SpanCollector, assert_span_tree};
/// use obs_trace::{Tracer, span};
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// let (collector, ledger) = (SpanCollector::default(), Arc::new(Ledger::default()));
/// let engine = Engine::new(Arc::clone(&ledger), Clock::system(), Diag::stderr());
/// let stream = engine.stream(Signal::Trace, vec![Box::new(collector.clone())], Limits::default());
/// let tracer = Tracer::builder().export(ledger, stream).build();
/// drop(span!(tracer, "fit.pca"));
/// tracer.close();
/// assert!(engine.shutdown(Duration::from_secs(5)).signals.is_balanced());
/// assert_span_tree!(collector.spans(), { "fit.pca" });
/// ```
#[derive(Clone, Debug, Default)]
pub struct SpanCollector(Arc<Mutex<Vec<Span>>>);

impl SpanCollector {
    /// The spans so far, in the order in which they were delivered.
    pub fn spans(&self) -> Vec<Span> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the spans.
    pub fn take(&self) -> Vec<Span> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A record is a stretch of `ScopeSpans.spans`; the context is the `Resource` that it belongs to.
struct Stretch;

impl Encoder<SpanBatch> for Stretch {
    fn context(&self) -> Vec<u8> {
        let mut resource = Writer::new();
        write_resource(&mut resource, &ServiceIdentity::default());
        resource.into_vec()
    }

    fn encode(&self, batch: &SpanBatch, record: &mut Vec<u8>) {
        record.extend_from_slice(batch.as_bytes());
    }

    fn encoded<'a>(&self, batch: &'a SpanBatch) -> Option<&'a [u8]> {
        Some(batch.as_bytes())
    }
}

impl Sink<SpanBatch> for SpanCollector {
    fn name(&self) -> &'static str {
        "collector"
    }

    fn encoder(&self) -> Arc<dyn Encoder<SpanBatch>> {
        Arc::new(Stretch)
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        let request = export_request(batch.context, batch.records.iter().map(|record| record.bytes));
        let refused = |message: String| Outcome::Refused { reason: DropReason::WriteFailed, message };
        let request = match ExportTraceServiceRequest::decode(&*request) {
            Ok(request) => request,
            Err(error) => return refused(format!("not an ExportTraceServiceRequest: {error}")),
        };
        let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        let spans: Vec<Span> = scopes.flat_map(|scope| scope.spans).collect();
        if spans.len() as u64 != batch.count() {
            return refused(format!("{} spans where {} were announced", spans.len(), batch.count()));
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(spans);
        Outcome::Delivered
    }
}
