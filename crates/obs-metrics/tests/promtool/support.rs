//! Runs Prometheus' own tool.

use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};

/// What promtool says, or `None` where it is not installed.
pub(crate) fn promtool(arguments: &[&str], input: &str) -> Option<(bool, String)> {
    let spawned = Command::new("promtool")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match spawned {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            eprintln!("skipped: promtool not installed");
            return None;
        }
        other => other.unwrap(),
    };
    // It may stop reading before the end, and then says why.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    Some((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
}
