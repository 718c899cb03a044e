//! Panics that do not end the process, and forks.

use crate::process::Servers;
use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(30);

/// The hook is put in place once, and speaks for the telemetry that runs.
#[test]
fn a_panic_is_one_log_line_while_telemetry_runs_and_none_otherwise() {
    let servers = Servers::start();
    let ended = servers.run("panics", DEADLINE).end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let messages = servers.messages();
    assert!(messages.len() == 1 && messages[0].ends_with(": during"), "{messages:?}");
    for printed in ["before", "between", "during", "after"] {
        let times = ended.stderr.lines().filter(|line| *line == printed).count();
        assert_eq!(times, 1, "{printed}: the hook before ours prints: {}", ended.stderr);
    }
}

#[test]
fn a_forked_child_neither_waits_nor_repeats_and_may_start_its_own() {
    let servers = Servers::start();
    let ended = servers.run("fork", DEADLINE).end();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    assert!(ended.report["left_ms"].as_u64().is_some_and(|ms| ms < 500), "{ended:?}");
    assert_eq!(ended.report["clean"], true, "{ended:?}");
    assert_eq!(servers.messages(), ["child", "parent"]);
    let names: Vec<String> = servers.otlp.spans().into_iter().map(|seen| seen.span.name).collect();
    for (name, times) in [("pipeline.run", 1), ("models.fit", 1), ("fit.gmm", 0)] {
        assert_eq!(names.iter().filter(|n| *n == name).count(), times, "{name}");
    }
}
