//! Without endpoints.

use crate::example::run;
use obs_testing::OtlpServer;

/// CORE-02, CFG-02
#[test]
fn without_endpoints_logs_are_json_on_stdout_and_no_socket_is_opened() {
    let ended = run("logs_only", &[]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    let lines = ended.lines();
    let ours: Vec<_> = lines.iter().filter(|line| line["logger"] == "acm.batch").collect();
    assert_eq!(ours.len(), 2, "{}", ended.stdout);
    assert_eq!(ours[0]["before_init"], 0);
    for line in ours {
        assert_eq!(line["sockets"], 0, "{line}");
        assert_eq!(line["service"], "acm-batch");
        assert_eq!(line["category"], "RUN");
    }
}

/// CFG-02
#[test]
fn the_same_program_opens_sockets_once_an_endpoint_is_set() {
    let otlp = OtlpServer::start().unwrap();
    let ended = run("logs_only", &[("OTEL_EXPORTER_OTLP_ENDPOINT", &otlp.url())]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let last = ended.lines().into_iter().rfind(|line| line["message"] == "batch ended").unwrap();
    assert!(last["sockets"].as_u64().is_some_and(|n| n > 0), "{last}");
    assert_eq!(otlp.spans().len(), 1);
}

/// CFG-02
#[test]
fn an_empty_variable_counts_as_unset() {
    let ended = run("logs_only", &[("OTEL_EXPORTER_OTLP_ENDPOINT", " "), ("ACM_PYROSCOPE_ENDPOINT", "")]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.lines().iter().all(|line| line.get("sockets").is_none_or(|n| *n == 0)), "{}", ended.stdout);
}
