//! Which traces are recorded, where they go, and how large they may become.

use super::*;
use crate::sampling::{KeepRules, RootSampler, TailConfig};
use std::time::Duration;

fn config(env: &[(&str, &str)]) -> Config {
    let loaded = load(&[], env, None).unwrap();
    assert_eq!(loaded.warnings, Vec::<String>::new());
    loaded.config
}

fn root(env: &[(&str, &str)]) -> (RootSampler, bool) {
    let sampler = config(env).sampler;
    (sampler.root, sampler.parent_based)
}

/// CFG-04
#[test]
fn a_bad_sampler_argument_is_a_warning_and_means_one_in_every_environment() {
    for bad in ["2", "-0.1", "NaN", "many"] {
        for environment in ["development", "production"] {
            let env = [("OTEL_TRACES_SAMPLER_ARG", bad), ("OBS_ENVIRONMENT", environment)];
            let loaded = load(&[], &env, None).unwrap();
            assert_eq!(loaded.config.sampler.root, RootSampler::Ratio(1.0));
            let [warning] = loaded.warnings.as_slice() else { panic!("{:?}", loaded.warnings) };
            assert!(warning.contains("OTEL_TRACES_SAMPLER_ARG") && warning.contains(bad), "{warning}");
            assert!(warning.ends_with("; using 1.0"), "{warning}");
        }
    }
}

/// TRC-09, SB-16
#[test]
fn an_argument_without_a_sampler_is_the_ratio_of_traces_that_begin_here() {
    assert_eq!(root(&[("OTEL_TRACES_SAMPLER_ARG", "0.1")]), (RootSampler::Ratio(0.1), true));
}

#[test]
fn samplers_have_the_names_of_opentelemetry_in_any_case() {
    use RootSampler::{AlwaysOff, AlwaysOn, Ratio};
    for (name, expected) in [
        ("always_on", (AlwaysOn, false)),
        ("always_off", (AlwaysOff, false)),
        ("parentbased_always_on", (AlwaysOn, true)),
        ("ParentBased_Always_Off", (AlwaysOff, true)),
        ("traceidratio", (Ratio(1.0), false)),
        ("parentbased_traceidratio", (Ratio(1.0), true)),
    ] {
        assert_eq!(root(&[("OTEL_TRACES_SAMPLER", name)]), expected, "{name}");
    }
    let env = [("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0.25")];
    assert_eq!(root(&env), (Ratio(0.25), false));
}

#[test]
fn an_argument_that_a_sampler_does_not_take_is_warned_of() {
    let env = [("OTEL_TRACES_SAMPLER", "always_on"), ("OTEL_TRACES_SAMPLER_ARG", "0.25")];
    let loaded = load(&[], &env, None).unwrap();
    assert_eq!(loaded.config.sampler.root, RootSampler::AlwaysOn);
    assert_eq!(
        loaded.warnings,
        ["OTEL_TRACES_SAMPLER_ARG has no effect: the sampler that OTEL_TRACES_SAMPLER names has no ratio"]
    );
}

/// TRC-10
#[test]
fn production_records_a_tenth_unless_told_otherwise() {
    for name in ["production", "PROD", "Production", "prod"] {
        assert_eq!(root(&[("OBS_ENVIRONMENT", name)]).0, RootSampler::Ratio(0.1), "{name}");
        let of_resource = format!("deployment.environment.name={name}");
        assert_eq!(root(&[("OTEL_RESOURCE_ATTRIBUTES", &of_resource)]).0, RootSampler::Ratio(0.1), "{name}");
    }
    for name in ["development", "preprod", "plant"] {
        assert_eq!(root(&[("OBS_ENVIRONMENT", name)]).0, RootSampler::Ratio(1.0), "{name}");
    }
    let env = [("OBS_ENVIRONMENT", "production"), ("OTEL_TRACES_SAMPLER_ARG", "0.5")];
    assert_eq!(root(&env).0, RootSampler::Ratio(0.5));
    let env = [("OBS_ENVIRONMENT", "production"), ("OTEL_TRACES_SAMPLER", "parentbased_always_on")];
    assert_eq!(root(&env).0, RootSampler::AlwaysOn);
}

#[test]
fn names_rates_and_what_is_kept_are_read() {
    let sampler = config(&[
        ("OBS_TRACES_SAMPLE_NAMES", "fit.* = 0.5, GET /health=0"),
        ("OBS_TRACES_MAX_PER_SECOND", "12.5"),
        ("OBS_TRACES_TAIL", "true"),
        ("OBS_TRACES_TAIL_MAX_BYTES", "1048576"),
        ("OBS_TRACES_TAIL_MAX_SPANS", "10"),
        ("OBS_TRACES_TAIL_MAX_AGE", "2"),
        ("OBS_TRACES_KEEP_ERRORS", "false"),
        ("OBS_TRACES_KEEP_FLAGGED", "false"),
        ("OBS_TRACES_KEEP_SLOWER_THAN", "250"),
    ])
    .sampler;
    assert_eq!(sampler.per_name, [("fit.*".to_owned(), 0.5), ("GET /health".to_owned(), 0.0)]);
    assert_eq!(sampler.rate_limit, Some(12.5));
    let keep = KeepRules { errors: false, slower_than: Some(Duration::from_millis(250)), flagged: false };
    assert_eq!(sampler.keep, keep);
    let tail = TailConfig { max_bytes: 1 << 20, max_spans: 10, max_age: Duration::from_secs(2) };
    assert_eq!(sampler.tail, Some(tail));
}

#[test]
fn a_rule_that_needs_whole_traces_is_warned_of_when_they_are_not_held() {
    for (name, value) in [("OBS_TRACES_KEEP_ERRORS", "true"), ("OBS_TRACES_KEEP_SLOWER_THAN", "250")] {
        let loaded = load(&[], &[(name, value)], None).unwrap();
        assert_eq!(loaded.warnings, [format!("{name} has no effect without traces.tail (OBS_TRACES_TAIL)")]);
        assert_eq!(loaded.config.sampler.tail, None);
    }
    assert!(config(&[("OBS_TRACES_KEEP_ERRORS", "false")]).sampler.tail.is_none());
}

/// CORE-10
#[test]
fn exporters_and_propagators_are_lists_of_names_or_none() {
    use TraceExporter::{Console, Otlp};
    for (text, expected) in [
        ("otlp", vec![Otlp]),
        ("Console", vec![Console]),
        ("console, otlp,console", vec![Console, Otlp]),
        ("none", Vec::new()),
    ] {
        assert_eq!(config(&[("OTEL_TRACES_EXPORTER", text)]).trace_exporters, expected, "{text}");
    }
    for (text, expected) in [
        ("tracecontext", vec![Propagator::TraceContext]),
        ("baggage,tracecontext", vec![Propagator::Baggage, Propagator::TraceContext]),
        ("NONE", Vec::new()),
    ] {
        assert_eq!(config(&[("OTEL_PROPAGATORS", text)]).propagators, expected, "{text}");
    }
}

/// TRC-12
#[test]
fn a_limit_of_its_own_beats_the_general_one_which_beats_the_default() {
    assert_eq!(config(&[]).span_limits, SpanLimits::default());
    let general = [("OTEL_ATTRIBUTE_COUNT_LIMIT", "10"), ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "20")];
    let expected = SpanLimits {
        attributes: 10,
        event_attributes: 10,
        link_attributes: 10,
        value_bytes: 20,
        ..SpanLimits::default()
    };
    assert_eq!(config(&general).span_limits, expected);
    let own = [
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "1"),
        ("OTEL_SPAN_EVENT_COUNT_LIMIT", "2"),
        ("OTEL_SPAN_LINK_COUNT_LIMIT", "3"),
        ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "4"),
        ("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "5"),
        ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "0"),
        ("OBS_TRACES_MAX_SPANS_PER_TRACE", "0"),
    ];
    let expected = SpanLimits {
        attributes: 1,
        events: 2,
        links: 3,
        event_attributes: 4,
        link_attributes: 5,
        value_bytes: 0,
        spans_per_trace: 0,
    };
    assert_eq!(config(&[general.as_slice(), &own].concat()).span_limits, expected);
}

#[test]
fn a_batch_fits_into_its_queue() {
    let batch = config(&[
        ("OTEL_BSP_SCHEDULE_DELAY", "0"),
        ("OTEL_BSP_EXPORT_TIMEOUT", "30000"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "2048"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2048"),
    ])
    .span_batch;
    let expected =
        BatchConfig { delay: Duration::ZERO, timeout: Duration::from_secs(30), queue: 2048, batch: 2048 };
    assert_eq!(batch, expected);
    assert_eq!(config(&[("OTEL_BSP_MAX_QUEUE_SIZE", "100")]).span_batch.batch, 100, "a default gives way");
    let env = [("OTEL_BSP_MAX_QUEUE_SIZE", "100"), ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "101")];
    assert_eq!(
        load(&[], &env, None).unwrap_err().to_string(),
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE = 101 is not accepted: expected at most 100, which is OTEL_BSP_MAX_QUEUE_SIZE"
    );
}

/// CFG-16, CFG-19
#[test]
fn tracing_and_performance_tracking_are_on_with_the_documented_bounds() {
    let config = config(&[]);
    assert!(config.traces_enabled && config.performance.enabled);
    assert_eq!(config.sampler.ratio().to_bits(), 1.0_f64.to_bits());
    assert_eq!(config.span_limits.spans_per_trace, 1000);
    assert_eq!(config.performance.slow_query, Duration::from_secs(1));
}
