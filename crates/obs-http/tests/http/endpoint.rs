//! MET-15: what `/metrics` answers, seen from a socket.

use crate::client::request;
use obs_core::active::{self, ActiveSpan};
use obs_core::{SpanId, TraceId};
use obs_http::{Server, metrics_router};
use obs_metrics::{Metrics, Status};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

fn serve(metrics: &Metrics) -> Server {
    Server::start(([127, 0, 0, 1], 0).into(), metrics_router(metrics.clone())).unwrap()
}

fn metrics() -> Metrics {
    let metrics = Metrics::new(obs_core::ServiceIdentity::default(), Arc::default());
    let _span = active::enter(Some(ActiveSpan {
        trace_id: TraceId::new(0xABCD).unwrap(),
        span_id: SpanId::new(0xEF).unwrap(),
        sampled: true,
    }));
    metrics.record_batch_processed("FD_FAN", 0.4, 100, Status::Success);
    metrics
}

#[test]
fn accept_chooses_the_format() {
    let server = serve(&metrics());
    let rows: [(&[&str], &str); 9] = [
        (&[], TEXT),
        (&["accept: */*"], TEXT),
        (&["accept: application/openmetrics-text"], OPENMETRICS),
        (&["Accept: text/plain;q=0.5, application/openmetrics-text; version=1.0.0; q=0.8"], OPENMETRICS),
        (&["accept: text/plain;q=0.9, application/openmetrics-text;q=0.8"], TEXT),
        (&["accept: application/openmetrics-text;q=0"], TEXT),
        // A list may come in several lines.
        (&["accept: text/plain;q=0.1", "accept: application/openmetrics-text;q=0.2"], OPENMETRICS),
        // As Prometheus asks when native histograms are on: protobuf is not written yet.
        (
            &[
                "accept: application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,\
               application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            ],
            OPENMETRICS,
        ),
        (&["accept: application/vnd.google.protobuf"], TEXT),
    ];
    for (lines, format) in rows {
        let answer = request(server.local_addr(), "GET", "/metrics", lines);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(format)), "{lines:?}");
        assert_eq!(answer.header("vary"), Some("accept, accept-encoding"));
        assert_eq!(answer.text().ends_with("\n# EOF\n"), format == OPENMETRICS, "{lines:?}");
        let exemplar = "trace_id=\"0000000000000000000000000000abcd\"";
        assert_eq!(answer.text().contains(exemplar), format == OPENMETRICS, "{lines:?}");
        assert!(answer.text().contains("acm_batches_total{equipment=\"FD_FAN\",status=\"success\"} 1"));
    }
}

#[test]
fn head_has_the_headers_of_get_and_no_body() {
    let metrics = Metrics::new(obs_core::ServiceIdentity::default(), Arc::default());
    let server = serve(&metrics);
    let head = request(server.local_addr(), "HEAD", "/metrics", &["accept: application/openmetrics-text"]);
    assert_eq!((head.status, head.header("content-type")), (200, Some(OPENMETRICS)));
    assert!(head.header("content-length").unwrap().parse::<usize>().unwrap() > 1000);
    assert!(head.body.is_empty());
}

#[test]
fn other_paths_are_404_and_other_methods_405() {
    let server = serve(&metrics());
    for path in ["/", "/metric", "/metrics/", "/metrics/x", "//metrics", "/%6detrics", "/../metrics"] {
        let answer = request(server.local_addr(), "GET", path, &[]);
        assert_eq!((answer.status, answer.text()), (404, ""), "{path}");
    }
    assert_eq!(request(server.local_addr(), "GET", "/metrics?name[]=up", &[]).status, 200);
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "BREW"] {
        let answer = request(server.local_addr(), method, "/metrics", &["content-length: 0"]);
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET,HEAD")), "{method}");
    }
}

#[test]
fn what_is_not_http_is_a_client_error() {
    let server = serve(&metrics());
    for bytes in
        [&b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"[..], b"GET\r\n\r\n", b"GET /metrics HTTP/9.9\r\n\r\n"]
    {
        let mut stream = TcpStream::connect(server.local_addr()).unwrap();
        stream.write_all(bytes).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer:?} to {bytes:?}");
    }
    let endless = format!("x-long: {}", "x".repeat(1 << 20));
    let mut stream = TcpStream::connect(server.local_addr()).unwrap();
    // The server may close before it has read everything.
    let _ = stream.write_all(format!("GET /metrics HTTP/1.1\r\n{endless}\r\n\r\n").as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
    assert_eq!(request(server.local_addr(), "GET", "/metrics", &[]).status, 200);
}

#[test]
fn gzip_is_for_clients_that_take_it() {
    let server = serve(&metrics());
    let compressed = request(server.local_addr(), "GET", "/metrics", &["accept-encoding: gzip"]);
    assert_eq!(compressed.header("content-encoding"), Some("gzip"));
    assert_eq!(compressed.header("content-type"), Some(TEXT));
    let mut text = String::new();
    flate2::read::GzDecoder::new(&compressed.body[..]).read_to_string(&mut text).unwrap();
    assert!(text.contains("\nacm_batches_total{equipment=\"FD_FAN\",status=\"success\"} 1\n"));
    assert!(compressed.body.len() * 2 < text.len());

    let plain = request(server.local_addr(), "GET", "/metrics", &["accept-encoding: gzip;q=0, br"]);
    assert_eq!(plain.header("content-encoding"), None);
    assert!(plain.text().starts_with("# HELP "));
}

#[test]
fn the_router_merges_into_that_of_a_service() {
    let service = obs_http::axum::Router::new()
        .route("/health", obs_http::axum::routing::get(|| async { "fine" }))
        .merge(metrics_router(metrics()));
    let server = Server::start(([127, 0, 0, 1], 0).into(), service).unwrap();
    assert_eq!(request(server.local_addr(), "GET", "/health", &[]).text(), "fine");
    assert_eq!(request(server.local_addr(), "GET", "/metrics", &[]).status, 200);
}

#[test]
fn a_client_in_the_middle_of_its_request_holds_up_no_other() {
    let server = serve(&metrics());
    let slow: Vec<_> = (0..8)
        .map(|_| {
            let mut stream = TcpStream::connect(server.local_addr()).unwrap();
            stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: te").unwrap();
            stream
        })
        .collect();
    assert_eq!(request(server.local_addr(), "GET", "/metrics", &[]).status, 200);
    for mut stream in slow {
        stream.write_all(b"st\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
}
