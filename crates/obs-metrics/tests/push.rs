//! CORE-05, MET-02: what is recorded reaches a collector over HTTP, and the ledger says so.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use flate2::read::GzDecoder;
use obs_core::{Clock, Diag, Ledger, RunContext, ServiceIdentity, Signal, active};
use obs_export::http::{HttpClient, HttpOptions};
use obs_export::{Engine, Limits};
use obs_metrics::sink::{FileSink, OtlpMetricsSink};
use obs_metrics::{Format, MetricReader, Metrics, Status};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsPartialSuccess, ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use prost::Message;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// One request that a collector got: its first line and its body.
type Received = (String, ExportMetricsServiceRequest);

/// A collector that answers one request with this message and gives it back.
fn collector(answer: ExportMetricsServiceResponse) -> (String, JoinHandle<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream);
        let (mut first, mut length, mut gzip) = (String::new(), 0, false);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let lower = line.trim().to_ascii_lowercase();
            if first.is_empty() {
                line.trim().clone_into(&mut first);
            }
            if let Some(n) = lower.strip_prefix("content-length: ") {
                length = n.parse().unwrap();
            }
            gzip |= lower == "content-encoding: gzip";
            if lower.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        if gzip {
            let packed = std::mem::take(&mut body);
            GzDecoder::new(&*packed).read_to_end(&mut body).unwrap();
        }
        let answer = answer.encode_to_vec();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", answer.len());
        reader.get_mut().write_all(&[head.as_bytes(), &answer].concat()).unwrap();
        (first, ExportMetricsServiceRequest::decode(&*body).unwrap())
    });
    (url, thread)
}

struct Outcome {
    received: Received,
    ledger: Arc<Ledger>,
    file: String,
}

/// Records, collects once at shutdown, and sends to a collector and a file.
fn run(answer: ExportMetricsServiceResponse) -> Outcome {
    let (url, thread) = collector(answer);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("metrics.txt");
    let ledger = Arc::new(Ledger::default());
    let engine = Engine::new(
        Arc::clone(&ledger),
        Clock::system(),
        Diag::to(Box::new(std::io::sink()), Clock::system()),
    );
    let client = HttpClient::new(&HttpOptions::default()).unwrap();
    let otlp = OtlpMetricsSink::new(client, &url.parse().unwrap());
    let file = FileSink::new(&path, Format::OpenMetrics);
    let stream = engine.stream(Signal::Metric, vec![Box::new(otlp), Box::new(file)], Limits::default());
    let metrics = Metrics::new(ServiceIdentity::default(), Arc::clone(&ledger));
    let reader = MetricReader::start(metrics.clone(), MetricReader::DEFAULT_INTERVAL, move |item| {
        stream.push_one(item);
    })
    .unwrap();
    let context =
        RunContext { run_id: "0190b6e4-5c1a-4d1e-9f3a-2b7c8d9e0f10".parse().ok(), ..RunContext::default() };
    let _context = active::attach_context(Some(context.share()));
    metrics.record_batch_processed("FD_FAN", 0.4, 100, Status::Success);
    reader.shutdown();
    engine.shutdown(Duration::from_secs(30));
    Outcome { received: thread.join().unwrap(), ledger, file: std::fs::read_to_string(path).unwrap() }
}

#[test]
fn the_last_collection_reaches_collector_and_file() {
    let Outcome { received: (first, request), ledger, file } = run(ExportMetricsServiceResponse::default());
    assert_eq!(first, "POST /v1/metrics HTTP/1.1");
    let resource = request.resource_metrics[0].resource.as_ref().unwrap();
    assert!(resource.attributes.iter().any(|a| a.key == "acm.run_id"));
    let names: Vec<&str> =
        request.resource_metrics[0].scope_metrics[0].metrics.iter().map(|m| m.name.as_str()).collect();
    assert!(names.contains(&"acm_batches") && names.contains(&"process_cpu_seconds"), "{names:?}");
    assert!(file.contains("acm_batches_total{equipment=\"FD_FAN\",status=\"success\"} 1\n"), "{file}");
    let metric = ledger.snapshot().metric;
    assert!(metric.account.is_balanced() && metric.account.delivered > 10, "{metric:?}");
    assert_eq!(metric.destinations["otlp"].delivered, metric.destinations["file"].delivered);
}

#[test]
fn points_that_a_collector_rejects_are_counted_as_refused() {
    let partial = ExportMetricsPartialSuccess { rejected_data_points: 1, error_message: "too old".into() };
    let Outcome { ledger, .. } = run(ExportMetricsServiceResponse { partial_success: Some(partial) });
    let metric = ledger.snapshot().metric;
    assert!(metric.account.is_balanced(), "{metric:?}");
    let created = metric.account.created;
    assert_eq!(metric.destinations["otlp"].dropped.get("refused"), Some(&created));
    assert_eq!(metric.destinations["file"].delivered, created);
}
