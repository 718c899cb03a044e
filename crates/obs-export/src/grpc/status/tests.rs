//! Tests of `status`.

use super::*;
use crate::wire::Writer;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use ureq::http::HeaderValue;

fn read(pairs: &[(&'static str, &str)]) -> Option<Status> {
    let pairs = pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    Status::read(&pairs.collect())
}

/// A `google.rpc.Status` with a `RetryInfo` of that delay among its details.
fn details(type_url: &str, seconds: i64, nanos: i64) -> Vec<u8> {
    let mut w = Writer::new();
    w.uint64(1, 8).string(2, "slow down");
    w.message(3, |w| {
        w.string(1, "type.googleapis.com/google.rpc.ErrorInfo").bytes(2, b"\x0a\x01x");
    });
    w.message(3, |w| {
        w.string(1, type_url).message(2, |w| {
            w.message(1, |w| {
                w.int64_nonzero(1, seconds).int64_nonzero(2, nanos);
            });
        });
    });
    w.into_vec()
}

fn retry(bytes: &[u8]) -> Option<Duration> {
    read(&[("grpc-status", "8"), ("grpc-status-details-bin", &BASE64_STANDARD.encode(bytes))]).unwrap().retry
}

#[test]
fn code_and_message_are_read_and_the_message_is_decoded() {
    let status = read(&[("grpc-status", "14"), ("grpc-message", "caf%C3%A9 100%25")]).unwrap();
    assert_eq!(status, Status { code: 14, message: "café 100%".to_owned(), retry: None });
    assert_eq!(read(&[("grpc-status", "0")]), Some(Status::default()));
    assert_eq!(read(&[("grpc-message", "x")]), None);
    assert_eq!(read(&[("grpc-status", "-1")]).unwrap().code, Status::UNKNOWN);
    let mut latin = HeaderMap::new();
    latin.insert("grpc-status", HeaderValue::from_static("3"));
    latin.insert("grpc-message", HeaderValue::from_bytes(b"\xe9").unwrap());
    assert_eq!(Status::read(&latin).unwrap().message, "\u{fffd}");
}

#[test]
fn retry_info_is_found_among_the_details() {
    const URL: &str = "type.googleapis.com/google.rpc.RetryInfo";
    assert_eq!(retry(&details(URL, 2, 500_000_000)), Some(Duration::from_millis(2500)));
    assert_eq!(retry(&details(URL, 0, 0)), Some(Duration::ZERO));
    assert_eq!(retry(&details(URL, i64::MAX, 0)), Some(Duration::from_secs(i64::MAX as u64)));
    for (url, seconds, nanos) in
        [(URL, -1, 0), (URL, 1, -1), (URL, 1, 1_000_000_000), ("x/google.rpc.Help", 1, 0)]
    {
        assert_eq!(retry(&details(url, seconds, nanos)), None, "{url} {seconds} {nanos}");
    }
}

#[test]
fn details_come_with_padding_or_without_and_give_a_message_where_there_is_none() {
    let bytes = details("type.googleapis.com/google.rpc.RetryInfo", 1, 0);
    for text in [BASE64_STANDARD.encode(&bytes), BASE64_STANDARD_NO_PAD.encode(&bytes)] {
        let status = read(&[("grpc-status", "8"), ("grpc-status-details-bin", &text)]).unwrap();
        assert_eq!((status.retry, status.message.as_str()), (Some(Duration::from_secs(1)), "slow down"));
    }
}

#[test]
fn details_that_are_cut_or_no_details_are_left_out() {
    let bytes = details("type.googleapis.com/google.rpc.RetryInfo", 1, 0);
    for length in 0..bytes.len() {
        assert_eq!(retry(&bytes[..length]), None, "{length}");
    }
    let status = read(&[("grpc-status", "8"), ("grpc-status-details-bin", "!not base64!")]).unwrap();
    assert_eq!((status.code, status.retry), (8, None));
}
