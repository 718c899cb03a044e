//! Tests of `loki`.

use std::collections::BTreeMap;
use std::io::Write;

use loki_api::logproto::{EntryAdapter, PushRequest, StreamAdapter};
use loki_api::prost::Message;
use loki_api::prost_types::Timestamp;

use super::{LokiServer, MAX_LINE};
use crate::http::Reply;
use crate::raw_client::{Answer, PATIENCE, connect, read_all, send};

const PATH: &str = "/loki/api/v1/push";

fn post(server: &LokiServer, content_type: &str, body: &[u8]) -> Answer {
    send(server.http().address(), "POST", PATH, &[("content-type", content_type)], body)
}

fn post_json(server: &LokiServer, body: &str) -> Answer {
    post(server, "application/json", body.as_bytes())
}

fn post_snappy(server: &LokiServer, bytes: &[u8]) -> Answer {
    let packed = snap::raw::Encoder::new().compress_vec(bytes).unwrap();
    post(server, "application/x-protobuf", &packed)
}

fn entry(seconds: i64, nanos: i32, line: &str) -> EntryAdapter {
    EntryAdapter { timestamp: Some(Timestamp { seconds, nanos }), line: line.to_owned() }
}

fn stream(labels: &str, entries: Vec<EntryAdapter>) -> StreamAdapter {
    StreamAdapter { labels: labels.to_owned(), entries, hash: 0 }
}

fn push(streams: Vec<StreamAdapter>) -> Vec<u8> {
    PushRequest { streams }.encode_to_vec()
}

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A length-delimited protobuf field of under 128 bytes.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    assert!(content.len() < 128);
    [&[number << 3 | 2, content.len() as u8], content].concat()
}

#[test]
fn snappy_protobuf_lines_are_kept() {
    let server = LokiServer::start().unwrap();
    let entries = vec![entry(1_700_000_000, 5, "first"), entry(1_700_000_001, 0, "second")];
    let answer = post_snappy(&server, &push(vec![stream(r#"{app="acm", level="info"}"#, entries)]));
    assert_eq!((answer.status, answer.text().as_str()), (204, ""));
    let lines = server.lines();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0].labels, pairs(&[("app", "acm"), ("level", "info")]));
    assert_eq!((lines[0].timestamp_ns, lines[0].line.as_str()), (1_700_000_000_000_000_005, "first"));
    assert!(lines[0].structured_metadata.is_empty());
}

#[test]
fn structured_metadata_of_protobuf_is_field_3_of_the_entry() {
    let server = LokiServer::start().unwrap();
    let pair = [field(1, b"trace_id"), field(2, b"abc")].concat();
    let time = [0x08, 0x80, 0xe2, 0xcf, 0xaa, 0x06];
    let entry = [field(1, &time), field(2, b"line"), field(3, &pair)].concat();
    let stream = [field(1, br#"{app="acm"}"#), field(2, &entry)].concat();
    assert_eq!(post_snappy(&server, &field(1, &stream)).status, 204);
    let [line] = server.lines().try_into().unwrap();
    assert_eq!(line.structured_metadata, pairs(&[("trace_id", "abc")]));
    assert_eq!((line.line.as_str(), line.timestamp_ns), ("line", 1_700_000_000_000_000_000));
}

#[test]
fn json_lines_are_kept_with_and_without_metadata() {
    let server = LokiServer::start().unwrap();
    let body = r#"{"streams":[{"stream":{"app":"acm"},"values":[["1700000000000000002","b",{"trace_id":"t"}],["1700000000000000001","a"]]}]}"#;
    assert_eq!(post_json(&server, body).status, 204);
    let found = server.query(&[("app", "acm")], &[]);
    assert_eq!(found.iter().map(|line| line.line.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    let found = server.query(&[("app", "acm")], &[("trace_id", "t")]);
    assert_eq!(found.iter().map(|line| line.line.as_str()).collect::<Vec<_>>(), ["b"]);
    assert_eq!(server.query(&[("app", "other")], &[]), []);
    assert_eq!(server.query(&[("app", "acm")], &[("trace_id", "u")]), []);
    assert!(server.wait_for(|lines| lines.len() == 2, PATIENCE));
}

#[test]
fn what_cannot_be_decoded_is_a_400() {
    let server = LokiServer::start().unwrap();
    assert_eq!(post(&server, "application/x-protobuf", b"\xff\xff\xff").status, 400);
    assert_eq!(post(&server, "application/x-protobuf", &[0xff, 0xff, 0xff, 0xff, 0x0f, 0]).status, 400);
    assert_eq!(post_snappy(&server, b"\xff").status, 400);
    let framed = {
        let mut encoder = snap::write::FrameEncoder::new(Vec::new());
        encoder.write_all(&push(vec![stream(r#"{a="b"}"#, vec![entry(1, 0, "x")])])).unwrap();
        encoder.into_inner().unwrap()
    };
    assert_eq!(post(&server, "application/x-protobuf", &framed).status, 400);
    let bad_json = [
        "",
        "{}",
        r#"{"streams":[]}"#,
        r#"{"streams":[{"stream":{"a":1},"values":[]}]}"#,
        r#"{"streams":[{"stream":{"a":"b"}}]}"#,
        r#"{"streams":[{"stream":{"a":"b"},"values":[[1,"line"]]}]}"#,
        r#"{"streams":[{"stream":{"a":"b"},"values":[["now","line"]]}]}"#,
        r#"{"streams":[{"stream":{"a":"b"},"values":[["1700000000000000000","line",{"x":1}]]}]}"#,
        r#"{"streams":[{"stream":{"a-b":"c"},"values":[["1700000000000000000","line"]]}]}"#,
    ];
    for body in bad_json {
        assert_eq!(post_json(&server, body).status, 400, "{body}");
    }
    assert_eq!(server.lines(), []);
}

#[test]
fn streams_and_lines_past_a_limit_are_refused_and_named() {
    let server = LokiServer::start().unwrap();
    let labels = |count: usize| {
        let pairs: Vec<String> = (0..count).map(|number| format!("l{number}=\"v\"")).collect();
        format!("{{{}}}", pairs.join(","))
    };
    let good = || vec![entry(1_700_000_000, 0, "line")];
    let missing = EntryAdapter { timestamp: None, line: "line".to_owned() };
    let cases = [
        (stream("{}", good()), "at least one label pair"),
        (stream("app=acm", good()), "cannot be parsed"),
        (stream(&labels(16), good()), "has 16 label names; limit 15"),
        (stream(&format!("{{a=\"{}\"}}", "v".repeat(2049)), good()), "label value too long"),
        (stream(&format!("{{{}=\"v\"}}", "n".repeat(1025)), good()), "label name too long"),
        (stream(r#"{a="b"}"#, vec![missing]), "no timestamp"),
        (stream(r#"{a="b"}"#, vec![entry(0, 0, "line")]), "no timestamp"),
        (stream(r#"{a="b"}"#, vec![entry(1, -1, "line")]), "no timestamp"),
        (stream(r#"{a="b"}"#, vec![entry(i64::MAX, 0, "line")]), "no timestamp"),
        (
            stream(r#"{a="b"}"#, vec![entry(1, 0, &"x".repeat(MAX_LINE + 1))]),
            "max entry size 262144 bytes exceeded",
        ),
    ];
    for (stream, message) in cases {
        let answer = post_snappy(&server, &push(vec![stream]));
        assert_eq!(answer.status, 400, "{message}");
        assert!(answer.text().contains(message), "{message}: {}", answer.text());
    }
    assert_eq!(server.lines(), []);
    let limits = stream(&labels(15), vec![entry(1, 0, &"x".repeat(MAX_LINE))]);
    assert_eq!(post_snappy(&server, &push(vec![limits])).status, 204);
}

#[test]
fn too_much_structured_metadata_is_refused() {
    let server = LokiServer::start().unwrap();
    let body = |metadata: &str| {
        format!(
            r#"{{"streams":[{{"stream":{{"a":"b"}},"values":[["1700000000000000000","x",{{{metadata}}}]]}}]}}"#
        )
    };
    let many: Vec<String> = (0..129).map(|number| format!("\"k{number}\":\"v\"")).collect();
    assert!(post_json(&server, &body(&many.join(","))).text().contains("129 structured metadata pairs"));
    let large = format!("\"k\":\"{}\"", "v".repeat(64 << 10));
    assert!(post_json(&server, &body(&large)).text().contains("65537 bytes of structured metadata"));
}

#[test]
fn valid_lines_beside_invalid_ones_are_kept() {
    let server = LokiServer::start().unwrap();
    let mixed = push(vec![
        stream("{}", vec![entry(1, 0, "lost")]),
        stream(r#"{a="b"}"#, vec![entry(0, 0, "lost"), entry(1, 0, "kept")]),
    ]);
    assert_eq!(post_snappy(&server, &mixed).status, 400);
    assert_eq!(server.lines().into_iter().map(|line| line.line).collect::<Vec<_>>(), ["kept"]);
}

#[test]
fn wrong_paths_methods_and_encodings_are_refused() {
    let server = LokiServer::start().unwrap();
    let address = server.http().address();
    assert_eq!(send(address, "POST", "/api/prom/push", &[], b"").status, 404);
    assert_eq!(send(address, "GET", PATH, &[], b"").status, 405);
    assert_eq!(send(address, "POST", PATH, &[("content-encoding", "br")], b"").status, 400);
    let untyped = send(address, "POST", PATH, &[], b"");
    assert_eq!((untyped.status, untyped.text().as_str()), (400, "content type is missing\n"));
}

#[test]
fn it_drops_while_a_client_hangs() {
    let server = LokiServer::start().unwrap();
    server.http().script([Reply::Hang]);
    let mut stream = connect(server.http().address());
    stream.write_all(b"POST /loki/api/v1/push HTTP/1.1\r\n\r\n").unwrap();
    assert!(server.http().wait_for(|requests| requests.len() == 1, PATIENCE));
    drop(server);
    assert_eq!(read_all(stream), b"");
}
