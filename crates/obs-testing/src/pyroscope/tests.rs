//! Tests of `pyroscope`.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use pprof::protos::{Function, Label, Line, Location, Mapping, Message, Profile, Sample, ValueType};

use super::samples::samples;
use super::{LabelValue, PyroscopeServer, SampleError, SampleSeen};
use crate::http::Reply;
use crate::raw_client::{Answer, PATIENCE, connect, read_all, send};

const TIMES: &str = "from=1700000000&until=1700000010";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// One sample: `leaf` inlined in `middle`, called by `main`, called from an address without a name.
fn profile() -> Profile {
    let strings = ["", "cpu", "nanoseconds", "main", "middle", "leaf", "trace_id", "abc", "thread", "bytes"];
    let function = |id, name| Function { id, name, ..Function::default() };
    let line = |function_id| Line { function_id, line: 1 };
    let location = |id, line| Location { id, mapping_id: 1, address: 0x1f00, line, ..Location::default() };
    let labels = vec![
        Label { key: 6, str: 7, ..Label::default() },
        Label { key: 8, num: 42, num_unit: 9, ..Label::default() },
    ];
    Profile {
        string_table: strings.map(str::to_owned).to_vec(),
        sample_type: vec![ValueType { ty: 1, unit: 2 }],
        sample: vec![Sample { location_id: vec![2, 1, 3], value: vec![10_000_000], label: labels }],
        mapping: vec![Mapping { id: 1, ..Mapping::default() }],
        location: vec![location(1, vec![line(1)]), location(2, vec![line(3), line(2)]), location(3, vec![])],
        function: vec![function(1, 3), function(2, 4), function(3, 5)],
        ..Profile::default()
    }
}

fn ingest(server: &PyroscopeServer, query: &str, body: &[u8]) -> Answer {
    send(server.http().address(), "POST", &format!("/ingest?{query}"), &[], body)
}

fn form(server: &PyroscopeServer, query: &str, field: &str, content: &[u8]) -> Answer {
    let head = format!(
        "--xyz\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"profile.pprof\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    );
    let body = [head.as_bytes(), content, b"\r\n--xyz--\r\n"].concat();
    let headers = [("content-type", "multipart/form-data; boundary=xyz")];
    send(server.http().address(), "POST", &format!("/ingest?{query}"), &headers, &body)
}

#[test]
fn a_form_with_a_gzip_profile_is_kept_with_its_parameters() {
    let server = PyroscopeServer::start().unwrap();
    let query = format!("name=acm-batch%7Benv%3Dtest%2Cregion%3Dnorth%7D&{TIMES}&sampleRate=99&spyName=obs");
    let answer = form(&server, &query, "profile", &gzip(&profile().encode_to_vec()));
    assert_eq!((answer.status, answer.text().as_str()), (200, ""));
    assert!(server.wait_for(|profiles| profiles.len() == 1, PATIENCE));
    let [seen] = server.profiles().try_into().unwrap();
    assert_eq!(
        (seen.name.as_str(), seen.tags["env"].as_str(), seen.tags["region"].as_str()),
        ("acm-batch", "test", "north")
    );
    assert_eq!((seen.from, seen.until), (1_700_000_000_000_000_000, 1_700_000_010_000_000_000));
    assert_eq!((seen.sample_rate, seen.spy_name.as_str()), (99, "obs"));
    assert_eq!(seen.profile, profile());
    let labels = [
        ("trace_id".to_owned(), LabelValue::Text("abc".to_owned())),
        ("thread".to_owned(), LabelValue::Number(42, "bytes".to_owned())),
    ];
    let sample = SampleSeen {
        stack: ["leaf", "middle", "main", "0x1f00"].map(str::to_owned).to_vec(),
        values: vec![("cpu".to_owned(), "nanoseconds".to_owned(), 10_000_000)],
        labels: labels.into_iter().collect(),
    };
    assert_eq!(seen.samples().unwrap(), [sample]);
}

#[test]
fn with_format_pprof_the_body_is_the_profile_gzip_or_bare() {
    let server = PyroscopeServer::start().unwrap();
    let bare = profile().encode_to_vec();
    let query = format!("name=acm&{TIMES}&format=pprof");
    for body in [&bare, &gzip(&bare)] {
        assert_eq!(ingest(&server, &query, body).status, 200);
    }
    assert_eq!(server.profiles().len(), 2);
    assert_eq!((server.profiles()[0].sample_rate, server.profiles()[0].spy_name.as_str()), (100, "unknown"));
    assert_eq!(form(&server, &query, "profile", &bare).status, 422);
}

#[test]
fn times_may_have_any_of_four_units() {
    let server = PyroscopeServer::start().unwrap();
    let body = profile().encode_to_vec();
    for time in ["1700000000", "1700000000000", "1700000000000000", "1700000000000000000"] {
        assert_eq!(
            ingest(&server, &format!("name=a&from={time}&until={time}&format=pprof"), &body).status,
            200
        );
    }
    assert!(server.profiles().iter().all(|seen| seen.from == 1_700_000_000_000_000_000));
}

#[test]
fn bad_parameters_are_a_400() {
    let server = PyroscopeServer::start().unwrap();
    let body = profile().encode_to_vec();
    let cases = [
        (TIMES, "name is empty"),
        ("name=a%20b&from=1700000000&until=1700000010", "accepted: letters"),
        ("name=a&until=1700000010", "from is missing"),
        ("name=a&from=1700000000", "until is missing"),
        ("name=a&from=yesterday0&until=1700000010", "not a Unix time"),
        ("name=a&from=17000000&until=1700000010", "not a Unix time"),
        ("name=a&from=1700000010&until=1700000000", "is before from"),
        ("name=a&from=1700000000&until=1700000010&sampleRate=many", "sampleRate"),
    ];
    for (query, message) in cases {
        let answer = ingest(&server, &format!("{query}&format=pprof"), &body);
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.text().contains(message), "{query}: {}", answer.text());
    }
    assert_eq!(server.profiles(), []);
}

#[test]
fn bad_profiles_are_a_422() {
    let server = PyroscopeServer::start().unwrap();
    let pprof = format!("name=a&{TIMES}&format=pprof");
    let plain = format!("name=a&{TIMES}");
    let mut dangling = profile();
    dangling.sample[0].location_id.push(9);
    for body in [b"\xff\xff".to_vec(), b"\x1f\x8bnot gzip".to_vec(), Vec::new(), dangling.encode_to_vec()] {
        assert_eq!(ingest(&server, &pprof, &body).status, 422);
        assert_eq!(form(&server, &plain, "profile", &body).status, 422);
    }
    assert_eq!(form(&server, &plain, "other", &profile().encode_to_vec()).status, 422);
    assert_eq!(ingest(&server, &plain, b"main;leaf 1").status, 422);
    assert_eq!(ingest(&server, &format!("{plain}&format=jfr"), b"").status, 422);
    assert_eq!(server.profiles(), []);
}

#[test]
fn every_broken_reference_of_a_profile_is_found() {
    let broken = |change: fn(&mut Profile)| {
        let mut profile = profile();
        change(&mut profile);
        samples(&profile).unwrap_err()
    };
    assert_eq!(broken(|p| p.string_table.clear()), SampleError::StringTable);
    assert_eq!(broken(|p| "x".clone_into(&mut p.string_table[0])), SampleError::StringTable);
    assert_eq!(broken(|p| p.function[0].name = -1), SampleError::NoString { index: -1, size: 10 });
    assert_eq!(broken(|p| p.sample[0].label[0].key = 10), SampleError::NoString { index: 10, size: 10 });
    assert_eq!(broken(|p| p.sample[0].value.push(1)), SampleError::Values { sample: 0, values: 2, types: 1 });
    assert_eq!(broken(|p| p.sample[0].location_id[0] = 7), SampleError::NoLocation { sample: 0, id: 7 });
    assert_eq!(
        broken(|p| p.location[0].line[0].function_id = 8),
        SampleError::NoFunction { location: 1, id: 8 }
    );
    assert_eq!(broken(|p| p.location[1].mapping_id = 6), SampleError::NoMapping { location: 2, id: 6 });
    assert_eq!(broken(|p| p.location[1].id = 1), SampleError::Id { what: "location", id: 1 });
    assert_eq!(broken(|p| p.mapping[0].id = 0), SampleError::Id { what: "mapping", id: 0 });
    assert_eq!(broken(|p| p.function[0].id = 0), SampleError::Id { what: "function", id: 0 });
}

#[test]
fn wrong_paths_and_methods_are_refused() {
    let server = PyroscopeServer::start().unwrap();
    assert_eq!(send(server.http().address(), "POST", "/other", &[], b"").status, 404);
    assert_eq!(send(server.http().address(), "GET", "/ingest", &[], b"").status, 405);
}

#[test]
fn it_drops_while_a_client_hangs() {
    let server = PyroscopeServer::start().unwrap();
    server.http().script([Reply::Hang]);
    let mut stream = connect(server.http().address());
    stream.write_all(b"POST /ingest HTTP/1.1\r\n\r\n").unwrap();
    assert!(server.http().wait_for(|requests| requests.len() == 1, PATIENCE));
    drop(server);
    assert_eq!(read_all(stream), b"");
}
