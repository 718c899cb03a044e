//! Received telemetry, flattened: each item with the resource and scope it came under.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;

/// Attributes by key; an attribute without a value is left out, the last of equal keys stays.
pub type Attributes = BTreeMap<String, Value>;

/// A span with its origin.
#[derive(Debug, Clone, PartialEq)]
pub struct SpanSeen {
    /// The resource's attributes.
    pub resource: Attributes,
    /// The instrumentation scope's name.
    pub scope: String,
    /// The span as sent.
    pub span: Span,
}

/// A metric with its origin.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricSeen {
    /// The resource's attributes.
    pub resource: Attributes,
    /// The instrumentation scope's name.
    pub scope: String,
    /// The metric and its data points as sent.
    pub metric: Metric,
}

/// A log record with its origin.
#[derive(Debug, Clone, PartialEq)]
pub struct LogSeen {
    /// The resource's attributes.
    pub resource: Attributes,
    /// The instrumentation scope's name.
    pub scope: String,
    /// The record as sent.
    pub record: LogRecord,
}

/// All a server has accepted, in the order received.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OtlpSeen {
    /// Spans of all requests.
    pub spans: Vec<SpanSeen>,
    /// Metrics of all requests; one metric can occur in several.
    pub metrics: Vec<MetricSeen>,
    /// Log records of all requests.
    pub log_records: Vec<LogSeen>,
}

/// Attributes as a map.
pub(super) fn attributes(pairs: Vec<KeyValue>) -> Attributes {
    let present = |pair: KeyValue| Some((pair.key, pair.value?.value?));
    pairs.into_iter().filter_map(present).collect()
}

fn resource_attributes(resource: Option<Resource>) -> Attributes {
    attributes(resource.unwrap_or_default().attributes)
}

fn scope_name(scope: Option<InstrumentationScope>) -> String {
    scope.unwrap_or_default().name
}

pub(super) fn spans(request: ExportTraceServiceRequest) -> Vec<SpanSeen> {
    let mut seen = Vec::new();
    for group in request.resource_spans {
        let resource = resource_attributes(group.resource);
        for part in group.scope_spans {
            let scope = scope_name(part.scope);
            let with_origin = |span| SpanSeen { resource: resource.clone(), scope: scope.clone(), span };
            seen.extend(part.spans.into_iter().map(with_origin));
        }
    }
    seen
}

pub(super) fn metrics(request: ExportMetricsServiceRequest) -> Vec<MetricSeen> {
    let mut seen = Vec::new();
    for group in request.resource_metrics {
        let resource = resource_attributes(group.resource);
        for part in group.scope_metrics {
            let scope = scope_name(part.scope);
            let with_origin =
                |metric| MetricSeen { resource: resource.clone(), scope: scope.clone(), metric };
            seen.extend(part.metrics.into_iter().map(with_origin));
        }
    }
    seen
}

pub(super) fn log_records(request: ExportLogsServiceRequest) -> Vec<LogSeen> {
    let mut seen = Vec::new();
    for group in request.resource_logs {
        let resource = resource_attributes(group.resource);
        for part in group.scope_logs {
            let scope = scope_name(part.scope);
            let with_origin = |record| LogSeen { resource: resource.clone(), scope: scope.clone(), record };
            seen.extend(part.log_records.into_iter().map(with_origin));
        }
    }
    seen
}
