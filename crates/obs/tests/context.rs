//! The run context is the process's own, so this test is alone in its process.

use obs::{LogOutput, RunContext, log, span};
use obs_testing::schema::otlp::common::v1::any_value::Value as OtlpValue;
use obs_testing::{LokiServer, OtlpServer};
use std::time::Duration;

/// CTX-01, CTX-02, CTX-08
#[test]
fn a_context_is_carried_by_what_comes_after_it_and_by_nothing_before() {
    let (otlp, loki) = (OtlpServer::start().unwrap(), LokiServer::start().unwrap());
    let builder = obs::builder("acm-batch").logs(LogOutput::None).silent().otlp(otlp.url()).loki(loki.url());
    let telemetry = builder.build_isolated().unwrap();
    let work = || {
        drop(span!(telemetry.tracer(), "fit.pca"));
        log::run!(telemetry.logger("acm.batch"), "batch");
    };
    let batch = |number| RunContext {
        equipment: Some(format!("FAN_{number}")),
        equip_id: Some(i64::from(number)),
        batch_num: Some(number),
        batch_total: Some(2),
        ..RunContext::default()
    };
    work();
    obs::set_context(batch(1));
    work();
    obs::set_context(batch(2));
    work();
    let report = telemetry.shutdown(Duration::from_secs(5));
    assert!(report.is_clean(), "{report}");

    let mut spans: Vec<_> = otlp.spans().into_iter().map(|seen| seen.span).collect();
    spans.sort_by_key(|span| span.start_time_unix_nano);
    let mut lines = loki.lines();
    lines.sort_by_key(|line| line.timestamp_ns);
    assert_eq!((spans.len(), lines.len()), (3, 3));
    for (number, (span, line)) in (0_i64..).zip(spans.iter().zip(&lines)) {
        let attribute = |key: &str| {
            let found = span.attributes.iter().find(|kv| kv.key == key);
            found.and_then(|kv| kv.value.clone()?.value)
        };
        let line: serde_json::Value = serde_json::from_str(&line.line).unwrap();
        if number == 0 {
            for key in ["equipment", "equip_id", "batch_num", "batch_total"] {
                assert_eq!(attribute(&format!("acm.{key}")), None);
                assert!(line.get(key).is_none(), "{line}");
            }
            continue;
        }
        let name = format!("FAN_{number}");
        assert_eq!(attribute("acm.equipment"), Some(OtlpValue::StringValue(name.clone())));
        assert_eq!(line["equipment"], name);
        for (key, value) in [("equip_id", number), ("batch_num", number), ("batch_total", 2)] {
            assert_eq!(attribute(&format!("acm.{key}")), Some(OtlpValue::IntValue(value)), "{key}");
            assert_eq!(line[key], value, "{line}");
        }
    }
}
