//! A process of a few milliseconds delivers everything when its guard drops.

use crate::example::run;
use obs_testing::otlp::Attributes;
use obs_testing::schema::otlp::common::v1::any_value::Value as OtlpValue;
use obs_testing::{LokiServer, OtlpServer, span_tree};
use std::collections::BTreeSet;

fn text<'a>(attributes: &'a Attributes, key: &str) -> Option<&'a str> {
    match attributes.get(key) {
        Some(OtlpValue::StringValue(text)) => Some(text),
        _ => None,
    }
}

/// CORE-03, CORE-07, MET-02
#[test]
fn spans_metrics_and_lines_of_a_short_process_arrive_by_dropping_the_guard() {
    let (otlp, loki) = (OtlpServer::start().unwrap(), LokiServer::start().unwrap());
    let (otlp_url, loki_url) = (otlp.url(), loki.url());
    let env = [("OTEL_EXPORTER_OTLP_ENDPOINT", otlp_url.as_str()), ("ACM_LOKI_ENDPOINT", &loki_url)];
    let ended = run("short_batch", &env);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    let spans: Vec<_> = otlp.spans().into_iter().map(|seen| seen.span).collect();
    assert_eq!(span_tree(&spans), "pipeline.run [server]\n  fit.pca [internal]\n");
    let metrics: BTreeSet<String> = otlp.metrics().into_iter().map(|seen| seen.metric.name).collect();
    for name in ["acm_batches_total", "acm_health_score", "acm_stage_duration_seconds"] {
        let bare = name.trim_end_matches("_total");
        assert!(metrics.contains(name) || metrics.contains(bare), "no {name} in {metrics:?}");
    }
    let mut at_loki: Vec<String> = loki.lines().into_iter().map(|seen| seen.line).collect();
    let mut printed: Vec<String> = ended.stdout.lines().map(str::to_owned).collect();
    at_loki.sort();
    printed.sort();
    assert_eq!(at_loki, printed);
    let paths: BTreeSet<String> = otlp.http().requests().iter().map(|r| r.path().to_owned()).collect();
    assert_eq!(paths, BTreeSet::from(["/v1/metrics".to_owned(), "/v1/traces".to_owned()]));
}

/// CORE-12
#[test]
fn the_resource_names_the_service_the_environment_in_both_spellings_and_where_it_runs() {
    let otlp = OtlpServer::start().unwrap();
    let url = otlp.url();
    let env = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str()),
        ("OBS_SERVICE_VERSION", "2.4.1"),
        ("OBS_ENVIRONMENT", "plant-7"),
        ("OTEL_RESOURCE_ATTRIBUTES", "team=press%207,process.runtime.name=ours,service.name=nobody"),
        // What the code says stands above the environment (CFG-01).
        ("OTEL_SERVICE_NAME", "somebody-else"),
    ];
    let ended = run("short_batch", &env);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let (spans, metrics) = (otlp.spans(), otlp.metrics());
    assert!(!spans.is_empty() && !metrics.is_empty());
    for resource in spans.iter().map(|s| &s.resource).chain(metrics.iter().map(|m| &m.resource)) {
        for (key, value) in [
            ("service.name", "acm-batch"),
            ("service.version", "2.4.1"),
            ("deployment.environment.name", "plant-7"),
            ("deployment.environment", "plant-7"),
            ("team", "press 7"),
            // What is set stands above what is found out.
            ("process.runtime.name", "ours"),
            ("process.executable.name", "short_batch"),
        ] {
            assert_eq!(text(resource, key), Some(value), "{key}");
        }
    }
    assert!(ended.lines().iter().all(|line| line["environment"] == "plant-7"));
}

/// CFG-04
#[test]
fn the_sampler_argument_is_a_ratio_and_a_bad_one_is_a_warning_and_all() {
    for (argument, spans, warned) in [("0", 0, false), ("1.0", 2, false), ("7", 2, true), ("half", 2, true)] {
        let otlp = OtlpServer::start().unwrap();
        let url = otlp.url();
        let env = [("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str()), ("OTEL_TRACES_SAMPLER_ARG", argument)];
        let ended = run("short_batch", &env);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(otlp.spans().len(), spans, "{argument}");
        let lines = ended.lines();
        let warning = lines.iter().find(|line| line["level"] == "WARN").map(|l| l["message"].to_string());
        assert_eq!(warning.is_some(), warned, "{argument}: {warning:?}");
        if let Some(warning) = warning {
            for part in ["OTEL_TRACES_SAMPLER_ARG", argument, "from 0 to 1", "using 1.0"] {
                assert!(warning.contains(part), "no {part} in {warning}");
            }
        }
    }
}
