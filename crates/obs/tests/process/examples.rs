//! The examples, as their users run them.

use crate::example::run;
use obs_testing::OtlpServer;
use serde_json::Value;

fn messages(lines: &[Value], logger: &str) -> Vec<String> {
    let of = lines.iter().filter(|line| line["logger"] == logger);
    of.map(|line| line["message"].as_str().unwrap().to_owned()).collect()
}

/// TST-09, TRC-14, TRC-19
#[test]
fn sql_shows_statements_and_tells_of_slow_ones() {
    let otlp = OtlpServer::start().unwrap();
    let env = [("OTEL_EXPORTER_OTLP_ENDPOINT", otlp.url()), ("OBS_SLOW_QUERY_THRESHOLD_MS", "0".to_owned())];
    let ended = run("sql", &env.each_ref().map(|(name, value)| (*name, value.as_str())));
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    let lines = ended.lines();
    let slow: Vec<_> = lines.iter().filter(|line| line["logger"] == "obs.sql").collect();
    assert_eq!(slow.len(), 3, "{}", ended.stdout);
    assert_eq!((&slow[0]["level"], &slow[0]["category"]), (&"WARN".into(), &"SQL".into()));
    assert_eq!((&slow[0]["db.collection.name"], &slow[0]["rows"]), (&"scenario".into(), &2.into()));
    assert_eq!(slow[0]["tenant_id"], "t1");
    let told = lines.iter().filter_map(|line| line["series"].as_str());
    assert_eq!(told.collect::<Vec<_>>().len(), 2, "{}", ended.stdout);
    assert_eq!(otlp.spans().len(), 4);
    assert!(slow.iter().all(|line| line["span_id"].is_string()));
    assert!(!ended.stdout.contains("VALUES"));
}

/// TST-09
#[test]
fn the_worker_goes_on_after_a_job_that_failed() {
    let otlp = OtlpServer::start().unwrap();
    let ended = run("worker", &[("OTEL_EXPORTER_OTLP_ENDPOINT", &otlp.url())]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    let lines = ended.lines();
    let expected = ["scenario done", "scenario failed: a scenario needs a name"];
    assert_eq!(messages(&lines, "scenarios.worker"), expected);
    assert!(lines.iter().filter(|l| l["logger"] == "scenarios.worker").all(|l| l["trace_id"].is_string()));
    assert_eq!(otlp.spans().len(), 6);
}
