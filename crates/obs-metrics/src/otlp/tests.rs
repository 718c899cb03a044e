//! Tests of `otlp`.

use super::*;
use crate::exemplar::test_span;
use crate::metrics::Metrics;
use crate::state::Status;
use obs_core::{Clock, RunContext, ServiceIdentity, active};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::metrics::v1::{Metric, exemplar, metric::Data, number_data_point};
use prost::Message;
use std::time::Duration;

const START: u64 = 1_700_000_000_000_000_000;

fn pairs(attributes: &[KeyValue]) -> Vec<(String, Any)> {
    let value = |kv: &KeyValue| kv.value.clone().and_then(|v| v.value).unwrap();
    attributes.iter().map(|kv| (kv.key.clone(), value(kv))).collect()
}

fn text(key: &str, value: &str) -> (String, Any) {
    (key.to_owned(), Any::StringValue(value.to_owned()))
}

fn find<'a>(request: &'a ExportMetricsServiceRequest, name: &str) -> &'a Metric {
    request.resource_metrics[0].scope_metrics[0].metrics.iter().find(|m| m.name == name).unwrap()
}

fn request() -> ExportMetricsServiceRequest {
    let clock = Clock::manual(START);
    let further =
        [("host.name", "press-7"), ("acm.run_id", "none")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    let identity = ServiceIdentity { name: "acm-pipeline".into(), ..ServiceIdentity::default() };
    let identity = identity.with_attributes(further);
    let metrics = Metrics::with_clock(identity, std::sync::Arc::default(), clock.clone());
    let context = RunContext {
        run_id: "0190b6e4-5c1a-4d1e-9f3a-2b7c8d9e0f10".parse().ok(),
        equipment: Some("FD_FAN".into()),
        equip_id: Some(7),
        ..RunContext::default()
    };
    let _context = active::attach_context(Some(context.share()));
    let _span = active::enter(Some(test_span(5, true)));
    clock.advance(Duration::from_secs(1));
    metrics.record_batch_processed("FD_FAN", 0.3, 12, Status::Success);
    metrics.record_health_score("FD_FAN", 87.5);
    clock.advance(Duration::from_secs(1));
    ExportMetricsServiceRequest::decode(&*encode(&metrics.snapshot())).unwrap()
}

/// MET-07, CORE-14
#[test]
fn the_resource_names_the_service_and_the_run() {
    let request = request();
    let resource = pairs(&request.resource_metrics[0].resource.as_ref().unwrap().attributes);
    for expected in [
        text("service.name", "acm-pipeline"),
        text("deployment.environment.name", "development"),
        text("acm.run_id", "0190b6e4-5c1a-4d1e-9f3a-2b7c8d9e0f10"),
        text("acm.equipment", "FD_FAN"),
        text("host.name", "press-7"),
        ("acm.equip_id".to_owned(), Any::IntValue(7)),
    ] {
        assert!(resource.contains(&expected), "{expected:?} in {resource:?}");
    }
    let mut keys: Vec<&str> = resource.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    assert!(keys.is_sorted_by(|a, b| a < b), "each key once: {keys:?}");
    let scope = &request.resource_metrics[0].scope_metrics[0];
    assert_eq!(scope.scope.as_ref().unwrap().name, "obs");
    assert!(scope.metrics.iter().all(|m| m.name != "target_info" && m.name != "target"));
    assert!(scope.metrics.iter().any(|m| m.name == "obs_build_info"));
}

/// MET-33
#[test]
fn a_counter_is_a_cumulative_monotonic_sum_with_its_exemplar() {
    let request = request();
    let metric = find(&request, "acm_batch_rows");
    assert_eq!(metric.description, "Rows of the batches processed.");
    let Some(Data::Sum(sum)) = &metric.data else { panic!("{metric:?}") };
    assert!(sum.is_monotonic);
    assert_eq!(sum.aggregation_temporality, 2);
    let point = &sum.data_points[0];
    assert_eq!(pairs(&point.attributes), [text("equipment", "FD_FAN"), text("status", "success")]);
    assert_eq!((point.start_time_unix_nano, point.time_unix_nano), (START, START + 2_000_000_000));
    assert_eq!(point.value, Some(number_data_point::Value::AsDouble(12.0)));
    let exemplar = &point.exemplars[0];
    assert_eq!(exemplar.trace_id, test_span(5, true).trace_id.to_bytes());
    assert_eq!(exemplar.span_id, test_span(5, true).span_id.to_bytes());
    assert_eq!(exemplar.time_unix_nano, START + 1_000_000_000);
    assert_eq!(exemplar.value, Some(exemplar::Value::AsDouble(12.0)));
    let run = text("acm.run_id", "0190b6e4-5c1a-4d1e-9f3a-2b7c8d9e0f10");
    assert_eq!(pairs(&exemplar.filtered_attributes), [run]);
}

#[test]
fn a_gauge_is_a_gauge() {
    let request = request();
    let Some(Data::Gauge(gauge)) = &find(&request, "acm_health_score").data else { panic!() };
    assert_eq!(gauge.data_points[0].value, Some(number_data_point::Value::AsDouble(87.5)));
    assert_eq!(gauge.data_points[0].time_unix_nano, START + 2_000_000_000);
}

/// MET-03, MET-33
#[test]
fn a_histogram_has_explicit_bounds_one_count_more_and_exemplars() {
    let request = request();
    let metric = find(&request, "acm_batch_duration_seconds");
    assert_eq!(metric.unit, "s");
    let Some(Data::Histogram(histogram)) = &metric.data else { panic!("{metric:?}") };
    assert_eq!(histogram.aggregation_temporality, 2);
    let point = &histogram.data_points[0];
    assert_eq!(point.explicit_bounds, crate::catalogue::RUN_BUCKETS);
    assert_eq!(point.bucket_counts.len(), point.explicit_bounds.len() + 1);
    assert_eq!(point.bucket_counts.iter().sum::<u64>(), point.count);
    assert_eq!((point.count, point.sum, point.bucket_counts[2]), (1, Some(0.3), 1));
    assert_eq!(point.exemplars.len(), 1);
    assert_eq!(point.exemplars[0].value, Some(exemplar::Value::AsDouble(0.3)));
    assert_eq!(point.start_time_unix_nano, START);
}
