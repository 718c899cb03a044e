//! SEC-07: nothing that the process writes holds a secret it was given: not what it prints, not its files, not the spool.

use crate::command::{Workplace, fan_rows};
use obs_testing::{HttpServer, http::Response};
use std::path::Path;

/// Every secret has this in it.
const SECRET: &str = "s3cret";

/// Files below a folder in which the secret stands, as text or in base64 at any of its three offsets.
fn leaks(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            leaks(&path, found);
        } else if holds(&std::fs::read(&path).unwrap()) {
            found.push(path.display().to_string());
        }
    }
}

fn holds(bytes: &[u8]) -> bool {
    // `s3cret` in base64 starts at one of three offsets of a group.
    [SECRET, "czNjcmV0", "MzY3JldA", "zM2NyZX"]
        .iter()
        .any(|form| bytes.windows(form.len()).any(|window| window == form.as_bytes()))
}

#[test]
fn nothing_that_a_run_writes_holds_a_secret() {
    // It repeats what it was sent, as servers do in their errors.
    let echo = |status| {
        HttpServer::start(move |request| {
            let headers: Vec<String> = request.headers.iter().map(|(k, v)| format!("{k}: {v}")).collect();
            Response { body: headers.join(" ").into_bytes(), ..Response::new(status) }
        })
        .unwrap()
    };
    for status in [401, 400, 503] {
        let server = echo(status);
        let with = |path: &str| format!("http://me:{SECRET}pass@{}{path}", server.address());
        let workplace = Workplace::new()
            .with_file("fan.csv", fan_rows(1500))
            .with_env("OTEL_EXPORTER_OTLP_HEADERS", "x-key=s3cretheader")
            .with_env("OBS_LOKI_BEARER_TOKEN", "s3crettoken")
            .with_env("OBS_LOKI_TENANT", "s3crettenant")
            .with_env("OTEL_LOG_LEVEL", "debug");
        let (otlp, loki, pyroscope) = (with("/?key=s3cretquery"), with("/"), with("/"));
        let args = ["fan.csv", "--json", "--otlp", &otlp, "--loki", &loki, "--pyroscope", &pyroscope];
        let ended = workplace.run(args);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(ended.stderr.contains("log/loki"), "trouble is told: {}", ended.stderr);
        for said in [&ended.stdout, &ended.stderr] {
            assert!(!holds(said.as_bytes()), "{status}: {said}");
        }
        let mut found = Vec::new();
        leaks(&workplace.path("."), &mut found);
        assert_eq!(found, [""; 0], "{status}");
    }
}
