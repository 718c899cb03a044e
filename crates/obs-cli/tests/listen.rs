//! `obs run --listen`: the metrics of a run can be scraped while it lasts (MET-15, SEC-02, SB-13).
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn obs_run(dir: &Path, input: &Path, listen: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_obs"));
    command.arg("run").arg(input).args(["--listen", listen, "--equipment", "FD_FAN"]);
    command.arg("--out").arg(dir.join("out")).arg("--db").arg(dir.join("obs.db"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

fn rows() -> String {
    let row = |i: u32| format!("2024-01-01T{:02}:{:02}:00,{},{}\n", i / 60, i % 60, i % 7, i % 11);
    "time,a,b\n".to_owned() + &(0..600).map(row).collect::<String>()
}

/// The input is a pipe that gives no row before the test has scraped, so the run cannot be over too early.
#[test]
fn metrics_can_be_scraped_while_the_run_lasts_and_not_after() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("rows.csv");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut run = obs_run(dir.path(), &pipe, "0").spawn().unwrap();
    let mut lines = BufReader::new(run.stdout.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.find(|line| line.contains("metrics served at ")).unwrap();
    assert!(line.contains("\"level\":\"INFO\""), "{line}");
    let url = line.split("metrics served at http://").nth(1).unwrap();
    let address = url.split('/').next().unwrap();
    assert!(address.starts_with("127.0.0.1:"), "{line}");

    let mut stream = TcpStream::connect(address).unwrap();
    let request = "GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\naccept: application/openmetrics-text\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\ntarget_info{") && answer.ends_with("\n# EOF\n"), "{answer}");

    std::fs::write(&pipe, rows()).unwrap();
    lines.for_each(drop);
    let mut errors = String::new();
    run.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert!(run.wait().unwrap().success(), "{errors}");
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_port_in_use_is_one_error_and_nothing_is_run() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("rows.csv");
    std::fs::write(&input, rows()).unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = obs_run(dir.path(), &input, &address).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.starts_with(&format!("error: cannot listen on {address}: ")), "{errors}");
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert!(!dir.path().join("out/scores.csv").exists());
}

#[test]
fn a_bad_address_is_a_usage_error() {
    let dir = tempfile::tempdir().unwrap();
    let output = obs_run(dir.path(), Path::new("rows.csv"), "localhost").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("expected IP:PORT such as 127.0.0.1:9464"), "{}", said(&output));
    let mut command = obs_run(dir.path(), Path::new("rows.csv"), "9464");
    let output = command.arg("--no-telemetry").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("cannot be used with"), "{}", said(&output));
}

/// Whether the port is free here or not, the warning comes first.
#[test]
fn the_port_of_prometheus_is_warned_of() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("missing.csv");
    let output = obs_run(dir.path(), &missing, "9090").output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let lines = String::from_utf8(output.stdout).unwrap();
    let warning = lines.lines().find(|line| line.contains("port 9090 is that of Prometheus itself")).unwrap();
    assert!(warning.contains("\"level\":\"WARN\""), "{warning}");
}
