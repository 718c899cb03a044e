//! The binary in a folder of its own, with nothing of the caller's environment.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The fan of the repository's own data set.
pub(crate) fn fan() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/fd_fan.csv")
}

/// The fan's header and its first `rows` rows.
pub(crate) fn fan_rows(rows: usize) -> String {
    let text = std::fs::read_to_string(fan()).unwrap();
    let lines: Vec<&str> = text.lines().take(rows + 1).collect();
    lines.join("\n") + "\n"
}

/// A working folder, and the variables that commands in it get. An empty environment also means no proxy.
#[derive(Debug)]
pub(crate) struct Workplace {
    folder: TempDir,
    env: Vec<(&'static str, String)>,
}

/// How a command ended and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Workplace {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), env: Vec::new() }
    }

    /// A workplace whose commands get this variable.
    pub(crate) fn with_env(mut self, name: &'static str, value: &str) -> Self {
        self.env.push((name, value.to_owned()));
        self
    }

    /// A workplace with a file in it.
    pub(crate) fn with_file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.path(name), content).unwrap();
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs `obs run` with these arguments, in the folder.
    pub(crate) fn run<S: AsRef<std::ffi::OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_obs"));
        command.current_dir(self.folder.path()).env_clear().envs(self.env.iter().map(|(k, v)| (k, v)));
        let output = command.arg("run").args(args).output().unwrap();
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// A row of results from the folder's database, each value as text.
    pub(crate) fn query(&self, database: &str, sql: &str) -> Vec<Vec<String>> {
        let connection = rusqlite::Connection::open(self.path(database)).unwrap();
        let mut statement = connection.prepare(sql).unwrap();
        let columns = statement.column_count();
        let rows = statement
            .query_map([], |row| {
                (0..columns).map(|i| row.get_ref(i).map(text)).collect::<rusqlite::Result<Vec<_>>>()
            })
            .unwrap();
        rows.map(Result::unwrap).collect()
    }
}

fn text(value: rusqlite::types::ValueRef<'_>) -> String {
    use rusqlite::types::ValueRef;
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(n) => n.to_string(),
        ValueRef::Real(x) => x.to_string(),
        ValueRef::Text(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        ValueRef::Blob(bytes) => format!("{bytes:?}"),
    }
}

impl Ended {
    /// The one JSON document of stdout.
    pub(crate) fn card(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// The log lines on stderr; the command was run with `--json`.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.stderr.lines().filter(|line| line.starts_with('{')).map(json).collect()
    }
}

/// A line that must be JSON.
pub(crate) fn json(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))
}
