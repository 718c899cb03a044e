//! MET-15, MET-33: the real Prometheus scrapes the endpoint and finds metrics and exemplars; its own checker has nothing
//! to say. Says so where they are not installed.

use crate::client::request;
use obs_core::active::{self, ActiveSpan};
use obs_core::{SpanId, TraceId};
use obs_http::{Server, metrics_router};
use obs_metrics::{Metrics, Status};
use serde_json::Value;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// How long Prometheus may take to start and to scrape.
const PATIENCE: Duration = Duration::from_secs(30);

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

fn serve() -> Server {
    let metrics = Metrics::new(obs_core::ServiceIdentity::default(), Arc::default());
    let _span = active::enter(Some(ActiveSpan {
        trace_id: TraceId::new(u128::from_str_radix(TRACE, 16).unwrap()).unwrap(),
        span_id: SpanId::new(0xEF).unwrap(),
        sampled: true,
    }));
    metrics.announce_equipment("FD_FAN");
    metrics.record_batch_processed("FD_FAN", 0.4, 100, Status::Success);
    metrics.record_health_score("FD_FAN", 87.5);
    Server::start(([127, 0, 0, 1], 0).into(), metrics_router(metrics)).unwrap()
}

/// Starts a program, or says that it is not there.
fn start(command: &mut Command) -> Option<Child> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.spawn() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            eprintln!("skipped: {name} not installed");
            None
        }
        other => Some(other.unwrap()),
    }
}

/// A Prometheus of the test's own, ended with it.
struct Prometheus {
    child: Child,
    address: SocketAddr,
}

impl Prometheus {
    fn start(dir: &Path, target: SocketAddr) -> Option<Self> {
        let config = dir.join("prometheus.yml");
        let scrape = format!(
            "scrape_configs:\n- job_name: obs\n  scrape_interval: 200ms\n  scrape_timeout: 200ms\n  static_configs:\n  - targets: ['{target}']\n"
        );
        std::fs::write(&config, scrape).unwrap();
        let mut said = Vec::new();
        // It does not say which port it was given for 0, so one that was free a moment ago has to do, or another one.
        for _ in 0..3 {
            let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
            let mut child = start(
                Command::new("prometheus")
                    .arg(format!("--config.file={}", config.display()))
                    .arg(format!("--storage.tsdb.path={}", dir.join("data").display()))
                    .arg(format!("--web.listen-address={address}"))
                    .args(["--enable-feature=exemplar-storage", "--log.level=info"])
                    .stdin(Stdio::null())
                    .stdout(Stdio::null())
                    .stderr(Stdio::piped()),
            )?;
            let log = BufReader::new(child.stderr.take().unwrap());
            let prometheus = Self { child, address };
            let (line, lines) = mpsc::channel();
            // Reads to the end: Prometheus would stop at a full pipe.
            std::thread::spawn(move || log.lines().map_while(Result::ok).for_each(|l| drop(line.send(l))));
            while let Ok(line) = lines.recv_timeout(PATIENCE) {
                if line.contains("Server is ready to receive web requests") {
                    return Some(prometheus);
                }
                said.push(line);
            }
        }
        panic!("prometheus did not start:\n{}", said.join("\n"));
    }

    /// Asks the API until the result is not empty.
    fn result(&self, path: &str) -> Value {
        let clock = obs_core::Clock::system();
        let end = clock.now() + PATIENCE.as_nanos() as u64;
        loop {
            let answer = request(self.address, "GET", path, &[]);
            let mut json: Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(json["status"], "success", "{json}");
            let result = match &mut json["data"] {
                data @ Value::Array(_) => data.take(),
                data => data["result"].take(),
            };
            if result.as_array().is_some_and(|series| !series.is_empty()) {
                return result;
            }
            assert!(clock.now() < end, "nothing at {path}");
        }
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn prometheus_scrapes_metrics_and_exemplars() {
    let server = serve();
    let dir = tempfile::tempdir().unwrap();
    let Some(prometheus) = Prometheus::start(dir.path(), server.local_addr()) else { return };

    // `up == 1` is empty until a scrape has succeeded.
    let up = prometheus.result("/api/v1/query?query=up%20%3D%3D%201");
    assert_eq!(up[0]["metric"]["instance"], server.local_addr().to_string());
    let health = prometheus.result("/api/v1/query?query=acm_health_score");
    assert_eq!(
        (&health[0]["metric"]["equipment"], &health[0]["value"][1]),
        (&"FD_FAN".into(), &"87.5".into())
    );
    let batches = prometheus.result("/api/v1/query?query=acm_batches_total%7Bstatus%3D%22success%22%7D");
    assert_eq!(batches[0]["value"][1], "1");

    let hour = 3600;
    let now = obs_core::Clock::system().now() / 1_000_000_000;
    let exemplars = prometheus.result(&format!(
        "/api/v1/query_exemplars?query=acm_batch_duration_seconds_bucket&start={}&end={}",
        now - hour,
        now + hour
    ));
    let exemplar = &exemplars[0]["exemplars"][0];
    assert_eq!((&exemplar["labels"]["trace_id"], &exemplar["value"]), (&TRACE.into(), &"0.4".into()));
}

#[test]
fn promtool_finds_nothing_wrong_with_the_text() {
    let server = serve();
    let answer = request(server.local_addr(), "GET", "/metrics", &[]);
    let mut command = Command::new("promtool");
    command.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Some(mut child) = start(&mut command) else { return };
    child.stdin.take().unwrap().write_all(&answer.body).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success() && said.is_empty(), "{}", String::from_utf8_lossy(&said));
}
