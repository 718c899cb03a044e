//! Collections arrive at an OTLP receiver that decodes with the official schema.

use obs_core::ServiceIdentity;
use obs_export::http::HttpOptions;
use obs_export::{Item, Outcome, Sink};
use obs_metrics::sink::OtlpMetricsSink;
use obs_metrics::{MetricItem, Metrics};
use obs_testing::{OtlpServer, otlp};
use std::sync::Arc;

fn item() -> MetricItem {
    let metrics = Metrics::new(ServiceIdentity::default(), Arc::default());
    metrics.record_health_score("FD_FAN", 87.5);
    MetricItem::new(metrics.snapshot())
}

fn sink(server: &OtlpServer) -> OtlpMetricsSink {
    OtlpMetricsSink::new(&server.url().parse().unwrap(), &HttpOptions::default()).unwrap()
}

#[test]
fn a_batch_of_collections_is_one_request() {
    let server = OtlpServer::start().unwrap();
    assert_eq!(sink(&server).send(&[&item(), &item()]), Outcome::Delivered);
    let requests = server.http().requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].path(), "/v1/metrics");
    let health: Vec<_> =
        server.metrics().into_iter().filter(|m| m.metric.name == "acm_health_score").collect();
    assert_eq!(health.len(), 2);
}

#[test]
fn rejected_points_are_refused_with_what_the_other_side_said() {
    let server = OtlpServer::start().unwrap();
    let item = item();
    server.reject(otlp::Signal::Metrics, item.count() as usize, "out of order");
    let outcome = sink(&server).send(&[&item]);
    let Outcome::Refused { message, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(message, format!("{0} of {0} data points rejected: out of order", item.count()));
}
