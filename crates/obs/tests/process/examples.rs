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
    assert_eq!(messages(&lines, "scenarios.batch"), expected);
    assert!(lines.iter().filter(|l| l["logger"] == "scenarios.batch").all(|l| l["trace_id"].is_string()));
    assert_eq!(otlp.spans().len(), 6);
}

/// TST-09, TRC-13, TRC-15, CTX-07
#[test]
fn a_request_through_both_services_is_one_trace() {
    let otlp = OtlpServer::start().unwrap();
    let ended = run("http", &[("OTEL_EXPORTER_OTLP_ENDPOINT", &otlp.url())]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    let lines = ended.lines();
    assert_eq!(messages(&lines, "caller.http"), ["scenario 42: 3 rows", "metrics read"]);
    let spans = otlp.spans();
    assert_eq!(spans.len(), 4, "two requests, of which one made two more spans");
    let read = lines.iter().find(|line| line["logger"] == "store.http").unwrap();
    let trace = read["trace_id"].as_str().unwrap();
    let of_trace = spans.iter().filter(|seen| hex(&seen.span.trace_id) == trace);
    assert_eq!(of_trace.count(), 3);
    let stored =
        spans.iter().find(|seen| hex(&seen.span.span_id) == read["span_id"].as_str().unwrap()).unwrap();
    let asked = spans.iter().find(|seen| seen.span.span_id == stored.span.parent_span_id).unwrap();
    assert_eq!(asked.span.name, "http.client.request");
    let served = spans.iter().find(|seen| seen.span.span_id == asked.span.parent_span_id).unwrap();
    assert_eq!((served.span.name.as_str(), served.span.parent_span_id.len()), ("http.request", 0));
}

fn hex(bytes: &[u8]) -> String {
    let number = bytes.iter().fold(0, |number: u128, byte| number << 8 | u128::from(*byte));
    format!("{number:0width$x}", width = 2 * bytes.len())
}
