//! The fourth signal. Alone in its process: a process has one profiler and one run context.

use obs::{LogOutput, RunContext, Signal, span};
use obs_testing::pyroscope::LabelValue;
use obs_testing::{OtlpServer, PyroscopeServer};
use std::hint::black_box;
use std::time::Duration;

/// Some tens of milliseconds of CPU time on any machine.
fn burn() -> f64 {
    (0..30_000_000_u32).map(|i| f64::from(black_box(i)).sqrt()).sum()
}

/// CORE-03, CORE-15, PRO-04, PRO-05
#[test]
fn profiles_reach_pyroscope_under_the_service_name_and_leaving_it_out_costs_only_them() {
    let (otlp, pyroscope) = (OtlpServer::start().unwrap(), PyroscopeServer::start().unwrap());
    let without =
        obs::builder("acm-batch").logs(LogOutput::None).silent().otlp(otlp.url()).set("profile.hz", "1000");
    let with = without.clone().pyroscope(pyroscope.url());
    obs::set_context(RunContext {
        equipment: Some("FD_FAN".to_owned()),
        equip_id: Some(7),
        ..RunContext::default()
    });

    let telemetry = with.build_isolated().unwrap();
    let span_id = {
        let span = span!(telemetry.tracer(), "fit.gmm");
        black_box(burn());
        span.span_id().unwrap().to_string()
    };
    let report = telemetry.shutdown(Duration::from_secs(5));
    assert!(report.is_clean(), "{report}");
    let profiles = pyroscope.profiles();
    assert_eq!(profiles.len(), 1);
    assert_eq!((profiles[0].name.as_str(), profiles[0].sample_rate), ("acm-batch", 1000));
    let text = |value: &str| Some(LabelValue::Text(value.to_owned()));
    let mut inside = 0;
    for sample in profiles[0].samples().unwrap() {
        let get = |key: &str| sample.labels.get(key).cloned();
        assert_eq!(get("service_name"), text("acm-batch"), "every sample, for Grafana's link from the trace");
        if get("span_id") == text(&span_id) {
            assert_eq!((get("equipment"), get("equip_id")), (text("FD_FAN"), text("7")));
            inside += sample.values[0].2;
        }
    }
    assert!(inside > 0, "{profiles:?}");
    let created = report.signals.signal(Signal::Profile).account.created;
    assert!(created >= inside as u64, "{created} samples, {inside} inside");
    assert_eq!(otlp.spans().len(), 1);

    let telemetry = without.build_isolated().unwrap();
    drop(span!(telemetry.tracer(), "fit.gmm"));
    black_box(burn());
    let report = telemetry.shutdown(Duration::from_secs(5));
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.signals.signal(Signal::Profile).account.created, 0);
    assert_eq!((otlp.spans().len(), pyroscope.profiles().len()), (2, 1));
    assert!(!otlp.metrics().is_empty());
}
