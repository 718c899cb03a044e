//! Tests of `loki`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

use loki_api::logproto::PushRequest;
use loki_api::prost::Message as _;

use super::*;
use crate::testing::{NOW, lines};
use obs_core::active::{ActiveSpan, enter};
use obs_core::{Ids, RunContext};
use obs_export::sink::send_items;

/// The entry of Loki's current schema; the crate of the official one stops before structured metadata.
#[derive(Clone, PartialEq, prost::Message)]
struct Push {
    #[prost(message, repeated, tag = "1")]
    streams: Vec<Stream>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Stream {
    #[prost(message, repeated, tag = "2")]
    entries: Vec<Entry>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Entry {
    #[prost(message, repeated, tag = "3")]
    structured_metadata: Vec<Pair>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Pair {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    value: String,
}

fn raw(body: &[u8]) -> Vec<u8> {
    snap::raw::Decoder::new().decompress_vec(body).unwrap()
}

fn decoded(body: &[u8]) -> PushRequest {
    PushRequest::decode(raw(body).as_slice()).unwrap()
}

fn records(form: Form, lines: &[LogLine]) -> Vec<Vec<u8>> {
    let encoder = LokiEncoder { form, labels: Labels::new("acm", &ServiceIdentity::default()) };
    let record = |line| {
        let mut record = Vec::new();
        encoder.encode(line, &mut record);
        record
    };
    lines.iter().map(record).collect()
}

fn streams(lines: &[LogLine]) -> Vec<u8> {
    let records = records(Form::Protobuf, lines);
    Streams::group(records.iter().map(|r| record::Entry::read(r).unwrap())).protobuf().unwrap()
}

fn in_a_span() -> Vec<LogLine> {
    let run_id = Some(Ids::sequential().run_id());
    let context = RunContext { run_id, request_id: Some("r-1".into()), ..RunContext::default() }.share();
    let span = ActiveSpan {
        trace_id: obs_core::TraceId::new(0xab).unwrap(),
        span_id: obs_core::SpanId::new(0xcd).unwrap(),
        sampled: true,
    };
    lines(|logs| {
        let test = logs.logger("acm.Test");
        slog::info!(test, # "DATA", "outside");
        let _context = obs_core::active::attach_context(Some(context));
        let _span = enter(Some(span));
        slog::info!(test, # "DATA", "inside");
        slog::error!(logs.root(), "without component");
    })
}

/// LOG-40, LOG-41, SB-01, SB-11
#[test]
fn a_push_has_bounded_labels_and_ids_as_structured_metadata() {
    let lines = in_a_span();
    let body = streams(&lines);
    let push = decoded(&body);
    let labels: Vec<_> = push.streams.iter().map(|s| s.labels.as_str()).collect();
    let expected = [
        r#"{app="acm", category="DATA", component="test", environment="development", level="INFO", service="acm"}"#,
        r#"{app="acm", environment="development", level="ERROR", service="acm"}"#,
    ];
    assert_eq!(labels, expected);
    let entries = &push.streams[0].entries;
    assert_eq!(
        entries.iter().map(|e| e.line.as_str()).collect::<Vec<_>>(),
        [lines[0].json(), lines[1].json()]
    );
    let timestamp = entries[0].timestamp.as_ref().unwrap();
    assert_eq!(timestamp.seconds as u64 * 1_000_000_000 + timestamp.nanos as u64, NOW);

    let push = <Push as prost::Message>::decode(raw(&body).as_slice()).unwrap();
    assert!(push.streams[0].entries[0].structured_metadata.is_empty());
    let metadata: Vec<_> = push.streams[0].entries[1]
        .structured_metadata
        .iter()
        .map(|pair| (pair.name.clone(), pair.value.clone()))
        .collect();
    let expected = [
        ("trace_id", "000000000000000000000000000000ab".to_owned()),
        ("span_id", "00000000000000cd".to_owned()),
        ("run_id", lines[1].run_id().unwrap().to_string()),
        ("request_id", "r-1".to_owned()),
    ];
    assert_eq!(metadata, expected.map(|(name, value)| (name.to_owned(), value)));
}

#[test]
fn the_json_push_says_the_same() {
    let lines = in_a_span();
    let records = records(Form::Json, &lines);
    let body = Streams::group(records.iter().map(|r| record::Entry::read(r).unwrap())).json();
    let push: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let stream = &push["streams"][0];
    assert_eq!(stream["stream"]["component"], "test");
    assert_eq!(stream["stream"]["level"], "INFO");
    assert_eq!(stream["values"][1][0], NOW.to_string());
    assert_eq!(stream["values"][1][1], lines[1].json());
    assert_eq!(stream["values"][1][2]["span_id"], "00000000000000cd");
    assert_eq!(stream["values"][0][2], serde_json::json!({}));
}

#[test]
fn entries_of_a_stream_are_in_the_order_of_their_times() {
    let mut lines = lines(|logs| (0..3).for_each(|i| slog::info!(logs.root(), "line"; "i" => i)));
    (lines[0].timestamp, lines[2].timestamp) = (30, 10);
    let push = decoded(&streams(&lines));
    let nanos: Vec<_> = push.streams[0].entries.iter().map(|e| e.timestamp.as_ref().unwrap().nanos).collect();
    assert_eq!(nanos[..2], [10, 30]);
    assert_eq!(push.streams[0].entries[2].timestamp.as_ref().unwrap().seconds, (NOW / 1_000_000_000) as i64);
}

#[test]
fn components_beyond_the_sixty_fourth_share_a_label() {
    let lines = lines(|logs| {
        (0..70).for_each(|i| slog::info!(logs.logger(&format!("c{i}")), "line"));
        slog::info!(logs.logger("c3"), "known");
        slog::info!(logs.logger("quo\"te\\d"), "line");
    });
    let push = decoded(&streams(&lines));
    assert_eq!(push.streams.len(), 65);
    let other = push.streams.iter().find(|s| s.labels.contains("component=\"other\"")).unwrap();
    assert_eq!(other.entries.len(), 7);
}

/// Answers one request with `answer`; returns the request's head and body.
fn answering(answer: &'static str) -> (Endpoint, std::thread::JoinHandle<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(reader.read_line(&mut head).unwrap(), 0, "request ends early: {head}");
        }
        let length = head.to_lowercase();
        let length = length.split("content-length: ").nth(1).unwrap().lines().next().unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        reader.read_exact(&mut body).unwrap();
        reader.get_mut().write_all(answer.as_bytes()).unwrap();
        (head, body)
    });
    (endpoint, server)
}

fn sink(endpoint: &Endpoint, options: LokiOptions) -> LokiSink {
    LokiSink::new(endpoint, &HttpOptions::default(), &ServiceIdentity::default(), options).unwrap()
}

#[test]
fn lines_reach_loki_and_too_long_ones_are_named() {
    let (endpoint, server) = answering("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    let lines = lines(|logs| {
        slog::info!(logs.root(), "long"; "text" => "x".repeat(1000));
        slog::info!(logs.root(), "short");
    });
    let mut sink = sink(&endpoint, LokiOptions { max_line: 500, ..LokiOptions::default() });
    let Outcome::Partial { refused, reason, .. } = send_items(&mut sink, &lines.iter().collect::<Vec<_>>())
    else {
        panic!("not partial")
    };
    assert_eq!((refused, reason), (vec![0], DropReason::TooLarge));
    let (head, body) = server.join().unwrap();
    assert!(head.starts_with("POST /loki/api/v1/push HTTP/1.1\r\n"), "{head}");
    assert!(head.to_lowercase().contains("content-type: application/x-protobuf\r\n"), "{head}");
    let push = decoded(&body);
    assert_eq!(push.streams[0].entries[0].line, lines[1].json());
}

#[test]
fn what_loki_refuses_is_refused_with_its_words() {
    let answer =
        "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 20\r\n\r\nentry too far behind";
    let (endpoint, server) = answering(answer);
    let lines = lines(|logs| slog::info!(logs.root(), "old"));
    let mut sink = sink(&endpoint, LokiOptions { json: true, ..LokiOptions::default() });
    let outcome = send_items(&mut sink, &lines.iter().collect::<Vec<_>>());
    let Outcome::Refused { reason: DropReason::Refused, message } = outcome else { panic!("{outcome:?}") };
    assert!(message.contains("entry too far behind"), "{message}");
    let (head, _) = server.join().unwrap();
    assert!(head.to_lowercase().contains("content-type: application/json\r\n"), "{head}");
}
