//! Both ways between obs and prometheus-client: its metrics in our exposition, our metrics in its registry.
//!
//! Counters and gauges are prometheus-client's own cells. Families, histograms and exemplars are ours: the library's
//! `Family` cannot be listed, its exemplar histogram locks twice per observation, its exemplars can be neither built
//! nor read from outside, and its one text format lists series in random order. So a registry of the library is read
//! through that format; its protobuf encoder would be the other door, at the price of `protoc` at build time.

use crate::metrics::Metrics;
use crate::parse::parse;
use crate::snapshot::{FamilySnapshot, Kind, Labels, Value};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeLabel, EncodeLabelSet, LabelSetEncoder, MetricEncoder, NoLabelSet, text,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;
use std::fmt;

/// The families of a registry, by label values; `None` if its text cannot be read (a collector of unusual lines).
pub(crate) fn read(registry: &Registry) -> Option<Vec<FamilySnapshot>> {
    let mut out = String::new();
    text::encode_registry(&mut out, registry).ok()?;
    let mut families = parse(&out).ok()?;
    for family in &mut families {
        family.series.sort_by(|a, b| a.labels.values.cmp(&b.labels.values));
    }
    Some(families)
}

/// Lets a prometheus-client registry show the metrics of obs, for a program that serves one already:
/// `registry.register_collector(Box::new(metrics.clone()))`. Histograms come without exemplars, which the library's
/// encoder takes only from its own histograms.
impl Collector for Metrics {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        for family in &self.own_snapshot().families {
            let mut metric =
                encoder.encode_descriptor(&family.name, &family.help, None, kind(family.kind))?;
            for series in &family.series {
                let labels = Pairs(&series.labels);
                if let Value::Info = series.value {
                    metric.encode_info(&labels)?;
                } else {
                    value(&mut metric.encode_family(&labels)?, &series.value)?;
                }
            }
        }
        Ok(())
    }
}

fn kind(kind: Kind) -> MetricType {
    match kind {
        Kind::Counter => MetricType::Counter,
        Kind::Gauge => MetricType::Gauge,
        Kind::Histogram => MetricType::Histogram,
        Kind::Info => MetricType::Info,
    }
}

fn value(metric: &mut MetricEncoder, value: &Value) -> fmt::Result {
    match value {
        Value::Counter { total, .. } => metric.encode_counter::<NoLabelSet, f64, f64>(total, None),
        Value::Gauge(value) => metric.encode_gauge(value),
        Value::Histogram(h) => {
            let bounds = h.bounds.iter().copied().chain([f64::INFINITY]);
            let buckets: Vec<(f64, u64)> = bounds.zip(h.counts.iter().copied()).collect();
            metric.encode_histogram::<NoLabelSet>(h.sum, h.count(), &buckets, None)
        }
        Value::Info => Ok(()),
    }
}

/// Labels as the library encodes them.
struct Pairs<'a>(&'a Labels);

impl EncodeLabelSet for Pairs<'_> {
    fn encode(&self, encoder: &mut LabelSetEncoder) -> fmt::Result {
        self.0.iter().try_for_each(|pair| pair.encode(encoder.encode_label()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus_client::metrics::counter::Counter;
    use prometheus_client::metrics::exemplar::HistogramWithExemplars;
    use prometheus_client::metrics::family::Family;

    fn metrics() -> Metrics {
        Metrics::new(obs_core::ServiceIdentity::default(), std::sync::Arc::default())
    }

    #[test]
    fn metrics_of_a_library_appear_in_every_format() {
        let metrics = metrics();
        let calls = Family::<Vec<(&str, &str)>, Counter>::default();
        let size = HistogramWithExemplars::new([1.0, 2.0].into_iter());
        metrics.prometheus_registry(|registry| {
            registry.register("calls", "Calls made", calls.clone());
            registry.register("size", "Sizes", size.clone());
        });
        calls.get_or_create(&vec![("to", "b")]).inc();
        calls.get_or_create(&vec![("to", "a")]).inc_by(2);
        let ids = vec![("trace_id", "0000000000000001000000000000000a"), ("span_id", "0000000000000001")];
        size.observe(1.5, Some(ids), None);
        let text = metrics.text();
        assert!(text.contains("# HELP calls_total Calls made.\n# TYPE calls_total counter\n"), "{text}");
        assert!(text.contains("calls_total{to=\"a\"} 2\ncalls_total{to=\"b\"} 1\n"), "{text}");
        assert!(text.contains("size_bucket{le=\"2\"} 1\n"), "{text}");
        assert!(metrics.openmetrics().contains("size_bucket{le=\"2.0\"} 1 # {trace_id=\"0000000000000001"));
    }

    #[test]
    fn a_name_of_our_own_wins_over_a_librarys() {
        let metrics = metrics();
        let foreign: Counter = Counter::default();
        metrics.prometheus_registry(|registry| registry.register("acm_batches", "Mine", foreign.clone()));
        foreign.inc();
        metrics.announce_equipment("A");
        let text = metrics.text();
        assert_eq!(text.matches("# TYPE acm_batches_total ").count(), 1);
        assert!(!text.contains("Mine"));
    }

    #[test]
    fn a_registry_that_cannot_be_read_is_left_out_and_counted() {
        let metrics = metrics();
        metrics.prometheus_registry(|registry| {
            registry.register("bad", "Breaks\nthe line", Counter::<u64>::default());
        });
        metrics.counter("good", "Good.").unwrap().inc();
        let text = metrics.text();
        assert!(text.contains("\ngood_total 1\n") && !text.contains("bad"), "{text}");
        assert!(text.contains("obs_rejected_values_total{metric=\"prometheus_client\"} 1\n"), "{text}");
    }

    #[test]
    fn a_registry_of_the_library_shows_our_metrics() {
        let metrics = metrics();
        metrics.record_batch_processed("FD_FAN", 0.3, 10, crate::Status::Success);
        metrics.record_health_score("FD_FAN", 87.5);
        let mut registry = Registry::default();
        registry.register_collector(Box::new(metrics.clone()));
        let read = read(&registry).unwrap();
        let own = metrics.snapshot();
        for name in ["acm_batches", "acm_batch_duration_seconds", "acm_health_score", "target", "obs_build"] {
            let theirs = read.iter().find(|f| f.name == name).unwrap();
            assert_eq!(theirs, own.family(name).unwrap(), "{name}");
        }
    }
}
