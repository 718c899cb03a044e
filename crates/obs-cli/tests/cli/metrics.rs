//! Metrics of the run: a duration for every span, exemplars that lead back to the trace.

use crate::correlation::hex;
use crate::full_run::{EQUIPMENT, RUN_ID, full_run};
use obs_testing::otlp::Attributes;
use obs_testing::schema::otlp::common::v1::any_value::Value as OtlpValue;
use obs_testing::schema::otlp::metrics::v1::metric::Data;
use obs_testing::schema::otlp::metrics::v1::{Exemplar, HistogramDataPoint};
use std::collections::{BTreeMap, BTreeSet};

/// The points of `acm_stage_duration_seconds` as OTLP got them, by stage.
fn stages() -> BTreeMap<String, HistogramDataPoint> {
    let metrics = full_run().metrics.iter().filter(|m| m.metric.name == "acm_stage_duration_seconds");
    let points = metrics.flat_map(|m| match &m.metric.data {
        Some(Data::Histogram(histogram)) => histogram.data_points.clone(),
        other => panic!("not a histogram: {other:?}"),
    });
    points.map(|point| (label(&point, "stage").unwrap_or_default(), point)).collect()
}

fn label(point: &HistogramDataPoint, key: &str) -> Option<String> {
    let found = point.attributes.iter().find(|kv| kv.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        OtlpValue::StringValue(text) => Some(text.clone()),
        _ => None,
    }
}

/// Every exemplar that OTLP got, with the resource it came under.
fn exemplars() -> Vec<(Exemplar, &'static Attributes)> {
    let of = |data: &Data| match data {
        Data::Histogram(h) => h.data_points.iter().flat_map(|p| p.exemplars.clone()).collect::<Vec<_>>(),
        Data::Sum(s) => s.data_points.iter().flat_map(|p| p.exemplars.clone()).collect(),
        _ => Vec::new(),
    };
    let metrics = full_run().metrics.iter();
    metrics.flat_map(|m| m.metric.data.iter().flat_map(of).map(|exemplar| (exemplar, &m.resource))).collect()
}

/// MET-06, NAME-06
#[test]
fn each_span_name_is_a_stage_with_as_many_durations_as_spans() {
    let mut spans: BTreeMap<String, u64> = BTreeMap::new();
    for seen in &full_run().spans {
        *spans.entry(seen.span.name.clone()).or_default() += 1;
    }
    let counted: BTreeMap<String, u64> = stages().into_iter().map(|(stage, p)| (stage, p.count)).collect();
    assert_eq!(counted, spans);
}

/// MET-06
#[test]
fn stages_are_labelled_with_category_and_equipment_and_never_with_the_run() {
    for (stage, point) in stages() {
        assert_eq!(label(&point, "parent").as_deref(), stage.split('.').next());
        assert_eq!(label(&point, "equipment").as_deref(), Some(EQUIPMENT));
        assert_eq!(point.attributes.len(), 3, "{stage}: {:?}", point.attributes);
    }
}

/// MET-06, CTX-03, SB-24
#[test]
fn a_stages_exemplar_is_a_span_of_that_name_in_this_trace() {
    let run = full_run();
    let names: BTreeMap<String, &str> =
        run.spans.iter().map(|s| (hex(&s.span.span_id), s.span.name.as_str())).collect();
    for (stage, point) in stages() {
        assert!(!point.exemplars.is_empty(), "{stage} has no exemplar");
        for exemplar in &point.exemplars {
            assert_eq!(hex(&exemplar.trace_id), run.trace_id(), "{stage}");
            assert_eq!(names.get(&hex(&exemplar.span_id)), Some(&stage.as_str()));
        }
    }
}

/// CORE-05, CTX-01, SB-03, TRC-23
#[test]
fn every_exemplar_is_of_this_trace_and_its_resource_names_the_run() {
    let exemplars = exemplars();
    assert!(!exemplars.is_empty());
    for (exemplar, resource) in exemplars {
        assert_eq!(hex(&exemplar.trace_id), full_run().trace_id());
        assert_eq!(resource.get("acm.run_id"), Some(&OtlpValue::StringValue(RUN_ID.to_owned())));
        let own = exemplar.filtered_attributes.iter().find(|a| a.key == "acm.run_id");
        let own = own.and_then(|a| a.value.clone()).and_then(|v| v.value);
        assert_eq!(own, Some(OtlpValue::StringValue(RUN_ID.to_owned())));
    }
}

/// MET-06, CORE-05
#[test]
fn the_metrics_file_has_the_same_stages_and_exemplars() {
    let run = full_run();
    let file = &run.metrics_file;
    assert!(file.ends_with("# EOF\n"), "not OpenMetrics: {:?}", &file[file.len().saturating_sub(80)..]);
    let in_file: BTreeSet<&str> = file
        .lines()
        .filter_map(|line| line.strip_prefix("acm_stage_duration_seconds_count{stage=\""))
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(in_file, stages().keys().map(String::as_str).collect());
    let marks: Vec<&str> = file.lines().filter_map(|line| line.split_once(" # ")).map(|(_, m)| m).collect();
    let marks: Vec<&&str> = marks.iter().filter(|m| m.starts_with('{')).collect();
    assert!(!marks.is_empty());
    for mark in marks {
        assert!(mark.contains(&format!("trace_id=\"{}\"", run.trace_id())), "{mark}");
        assert!(mark.contains(&format!("run_id=\"{RUN_ID}\"")), "{mark}");
    }
    let target = file.lines().find(|line| line.starts_with("target_info{")).unwrap_or_default();
    assert!(target.contains(RUN_ID) && target.contains("service_name=\"acm-pipeline\""), "{target}");
}

/// MET-03, MET-04, MET-05
#[test]
fn batch_detectors_and_health_are_recorded() {
    let file = &full_run().metrics_file;
    let value = |series: &str| {
        let line = file.lines().find_map(|line| line.strip_prefix(series));
        let number = line.and_then(|rest| rest.split_whitespace().next());
        number.and_then(|n| n.parse::<f64>().ok()).unwrap_or_else(|| panic!("no {series} in\n{file}"))
    };
    let labels = "{equipment=\"FD_FAN\",status=\"success\"}";
    assert!((value(&format!("acm_batches_total{labels}")) - 1.0).abs() < f64::EPSILON);
    assert!((value(&format!("acm_batch_duration_seconds_count{labels}")) - 1.0).abs() < f64::EPSILON);
    let scored = full_run().card["rows"]["scored"].as_f64().unwrap();
    assert!((value(&format!("acm_batch_rows_total{labels}")) - scored).abs() < f64::EPSILON);
    let health = value("acm_health_score{equipment=\"FD_FAN\"}");
    assert!((health - full_run().card["health"].as_f64().unwrap()).abs() < 1e-9, "{health}");
    for detector in ["ar1", "pca", "iforest", "gmm", "omr"] {
        let series =
            format!("acm_detector_duration_seconds_count{{detector=\"{detector}\",equipment=\"FD_FAN\"}}");
        assert!(value(&series) >= 1.0);
    }
}
