//! Running the child, ending it, and what is left of it.

use obs_testing::{LokiServer, OtlpServer, PyroscopeServer, Reply};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A server of each kind.
pub(crate) struct Servers {
    pub(crate) otlp: OtlpServer,
    pub(crate) loki: LokiServer,
    pub(crate) pyroscope: PyroscopeServer,
}

/// A child at work.
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    folder: tempfile::TempDir,
}

/// A child that ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) stderr: String,
    /// `null` when it wrote none.
    pub(crate) report: Value,
}

impl Servers {
    pub(crate) fn start() -> Self {
        let (otlp, loki) = (OtlpServer::start().unwrap(), LokiServer::start().unwrap());
        Self { otlp, loki, pyroscope: PyroscopeServer::start().unwrap() }
    }

    /// None of them answers.
    pub(crate) fn hang(&self) {
        for http in [self.otlp.http(), self.loki.http(), self.pyroscope.http()] {
            http.script(std::iter::repeat_n(Reply::Hang, 50));
        }
    }

    /// Starts the child with all of them as its destinations.
    pub(crate) fn run(&self, way: &str, deadline: Duration) -> Running {
        let urls = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", self.otlp.url()),
            ("ACM_LOKI_ENDPOINT", self.loki.url()),
            ("ACM_PYROSCOPE_ENDPOINT", self.pyroscope.url()),
        ];
        run(way, deadline, &urls)
    }

    /// The messages at Loki, sorted.
    pub(crate) fn messages(&self) -> Vec<String> {
        let message =
            |line: &str| serde_json::from_str::<Value>(line).unwrap()["message"].as_str().unwrap().to_owned();
        let mut messages: Vec<String> = self.loki.lines().iter().map(|seen| message(&seen.line)).collect();
        messages.sort();
        messages
    }
}

/// Starts the child with this environment and nothing of ours.
pub(crate) fn run(way: &str, deadline: Duration, env: &[(&str, String)]) -> Running {
    let test = std::env::current_exe().unwrap();
    // Examples are built beside the folder of the test binaries.
    let program: PathBuf = test.parent().unwrap().parent().unwrap().join("examples").join("ends");
    assert!(program.is_file(), "{} is missing: `cargo build -p obs --examples` makes it", program.display());
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(program);
    command.arg(way).env_clear().envs(env.iter().map(|(key, value)| (key, value)));
    command
        .env("ENDS_DEADLINE_MS", deadline.as_millis().to_string())
        .env("ENDS_REPORT", folder.path().join("report"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    with_default_signals(&mut command);
    let mut child = command.spawn().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    Running { child, stdout, folder }
}

/// A shell ignores SIGINT for what it runs in the background, `nohup` SIGHUP, and children inherit that: these tests are of a
/// process that ignores neither.
#[expect(unsafe_code, reason = "what runs between fork and exec is for us to vouch for")]
fn with_default_signals(command: &mut Command) {
    let reset = || {
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
            // SAFETY: `signal` is async-signal-safe, and the handler is the default one.
            if unsafe { libc::signal(signal, libc::SIG_DFL) } == libc::SIG_ERR {
                return Err(std::io::Error::last_os_error());
            }
        }
        Ok(())
    };
    // SAFETY: the closure calls nothing but `signal`, and allocates nothing.
    unsafe { command.pre_exec(reset) };
}

impl Running {
    /// Waits until it says that it is ready.
    pub(crate) fn ready(mut self) -> Self {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        if line == "ready\n" {
            return self;
        }
        panic!("{line:?}, {:?}", self.end());
    }

    #[expect(unsafe_code, reason = "kill is a C interface")]
    pub(crate) fn send(&self, signal: i32) {
        // SAFETY: the process is a child of ours that was not waited for yet.
        assert_eq!(unsafe { libc::kill(self.child.id().cast_signed(), signal) }, 0);
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ended {
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let status = self.child.wait().unwrap();
        let report = std::fs::read(self.folder.path().join("report"));
        let report = report.map_or(Value::Null, |bytes| serde_json::from_slice(&bytes).unwrap());
        Ended { code: status.code(), signal: status.signal(), stderr, report }
    }
}
