//! Running an example as a child process.

use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// How an example ended and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs an example with this environment and nothing of ours.
pub(crate) fn run(name: &str, env: &[(&str, &str)]) -> Ended {
    let path = path(name);
    assert!(path.is_file(), "{} is missing: `cargo build -p obs --examples` makes it", path.display());
    let mut command = Command::new(path);
    let output = command.env_clear().envs(env.iter().copied()).stdin(Stdio::null()).output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Examples are built beside the folder of the test binaries.
fn path(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().unwrap().parent().unwrap().join("examples").join(name)
}

impl Ended {
    /// The log lines of stdout, which holds nothing else.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        self.stdout.lines().map(parse).collect()
    }
}
