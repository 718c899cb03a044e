//! Against a server of a few lines.

use super::*;
use crate::profile::Sample;
use crate::symbols::Symbols;
use ::pprof::protos::{self, Message};
use obs_export::http::HttpOptions;
use obs_export::sink::send_items;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

/// What came in: request line, headers in lower case, body.
#[derive(Debug)]
struct Received {
    line: String,
    headers: Vec<String>,
    body: Vec<u8>,
}

/// Answers one request per status and returns what it received.
fn server(statuses: &'static [&'static str]) -> (String, JoinHandle<Vec<Received>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answer = move |status: &&str| {
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut next = || {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            line.trim_end().to_owned()
        };
        let line = next();
        let headers: Vec<String> =
            std::iter::from_fn(|| Some(next()).filter(|h| !h.is_empty())).map(|h| h.to_lowercase()).collect();
        let length =
            headers.iter().find_map(|h| h.strip_prefix("content-length: ")).unwrap().parse().unwrap();
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
        Received { line, headers, body }
    };
    (format!("http://{address}"), std::thread::spawn(move || statuses.iter().map(answer).collect()))
}

fn identity() -> ServiceIdentity {
    ServiceIdentity {
        name: "acm pipeline".to_owned(),
        version: "1.2,3".to_owned(),
        environment: "test".to_owned(),
        instance: "h:1".to_owned(),
        ..ServiceIdentity::default()
    }
}

fn sink(endpoint: &str) -> PyroscopeSink {
    PyroscopeSink::new(endpoint, HttpClient::new(&HttpOptions::default()).unwrap(), &identity()).unwrap()
}

fn item(start_ns: u64) -> ProfileItem {
    let sample = Sample { stack: vec![1], count: 3, ..Sample::default() };
    let mut profile =
        Profile::new(10_000_000, vec![sample]).with_symbols(Symbols::from_names([(1, "fit::gmm")]));
    (profile.start_ns, profile.end_ns) = (start_ns, start_ns + 1);
    ProfileItem(profile)
}

/// PRO-05
#[test]
fn a_profile_arrives_as_a_gzipped_pprof_file_with_exact_times() {
    let (url, received) = server(&["200 OK"]);
    assert_eq!(send_items(&mut sink(&url), &[&item(1_700_000_000_123_456_789)]), Outcome::Delivered);
    let received = received.join().unwrap();
    assert_eq!(
        received[0].line,
        "POST /ingest?name=acm_pipeline%7Benvironment%3Dtest%2Cversion%3D1.2_3%7D\
         &from=1700000000123456789&until=1700000000123456790&format=pprof&sampleRate=100&spyName=obs HTTP/1.1"
    );
    assert!(received[0].headers.contains(&"content-type: application/octet-stream".to_owned()));
    assert!(!received[0].headers.iter().any(|h| h.starts_with("content-encoding")));
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(received[0].body.as_slice()).read_to_end(&mut bytes).unwrap();
    let profile = protos::Profile::decode(bytes.as_slice()).unwrap();
    assert_eq!(profile.time_nanos, 1_700_000_000_123_456_789);
    assert!(profile.string_table.iter().any(|s| s == "fit::gmm"));
}

#[test]
fn a_path_user_and_password_of_the_endpoint_are_kept() {
    let (url, received) = server(&["200 OK"]);
    let url = url.replace("http://", "http://me:s3cret@");
    assert_eq!(
        send_items(&mut sink(&format!("{url}/profiles/ingest/?x=1")), &[&item(1)]),
        Outcome::Delivered
    );
    let received = &received.join().unwrap()[0];
    assert!(received.line.starts_with("POST /profiles/ingest?name="), "{}", received.line);
    assert!(received.headers.iter().any(|h| h.starts_with("authorization: basic ")), "{received:?}");
}

#[test]
fn a_batch_that_is_tried_again_sends_only_what_is_missing() {
    let (url, received) = server(&["200 OK", "503 Unavailable", "200 OK"]);
    let (first, second) = (item(1), item(2));
    let mut sink = sink(&url);
    assert!(matches!(send_items(&mut sink, &[&first, &second]), Outcome::Retry { .. }));
    assert_eq!(send_items(&mut sink, &[&first, &second]), Outcome::Delivered);
    let starts: Vec<bool> = received.join().unwrap().iter().map(|r| r.line.contains("from=1&")).collect();
    assert_eq!(starts, [true, false, false]);
}

#[test]
fn a_profile_that_is_refused_does_not_take_others_with_it() {
    let (url, received) = server(&["400 Bad Request", "200 OK"]);
    match send_items(&mut sink(&url), &[&item(1), &item(2)]) {
        Outcome::Partial { refused, reason: DropReason::Refused, message } => {
            assert_eq!(refused, [0]);
            assert!(message.contains("/ingest: 400"), "{message}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(received.join().unwrap().len(), 2);
}

#[test]
fn an_endpoint_that_is_none_is_refused_and_named() {
    let client = HttpClient::new(&HttpOptions::default()).unwrap();
    let error = PyroscopeSink::new("pyroscope:4040", client, &identity()).unwrap_err();
    assert!(error.to_string().contains("pyroscope:4040"), "{error}");
}

#[test]
fn a_sink_does_not_show_its_password() {
    assert!(!format!("{:?}", sink("http://me:s3cret@localhost:4040")).contains("s3cret"));
}
