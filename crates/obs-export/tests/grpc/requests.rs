//! What is sent.

use crate::support::*;
use obs_core::Secret;
use obs_export::grpc::{GrpcClient, GrpcError, GrpcOptions, TRACES};
use obs_export::http::HttpError;
use obs_testing::OtlpGrpcServer;
use std::time::Duration;

fn with_headers(headers: &[(&str, &str)]) -> GrpcOptions {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect();
    GrpcOptions { headers, ..patient() }
}

#[test]
fn a_call_carries_its_metadata_and_its_message() {
    let server = OtlpGrpcServer::start().unwrap();
    let options = GrpcOptions {
        timeout: Duration::from_millis(29_500),
        ..with_headers(&[("X-Scope-OrgID", "tenant"), ("Authorization", "Bearer t")])
    };
    let url = server.url().replace("http://", "http://me:pw@");
    assert_eq!(client(&url, &options).call(&message(&["run", "load"])), Ok(vec![]));
    let names: Vec<String> = server.seen().spans.iter().map(|seen| seen.span.name.clone()).collect();
    assert_eq!(names, ["run", "load"]);
    let metadata = &server.calls()[0].metadata;
    for (name, value) in [
        ("x-scope-orgid", "tenant"),
        ("authorization", "Bearer t"),
        ("user-agent", concat!("obs/", env!("CARGO_PKG_VERSION"))),
        ("grpc-timeout", "30500m"),
        ("content-type", "application/grpc"),
    ] {
        assert_eq!(metadata.get(name).map(String::as_str), Some(value), "{name} of {metadata:?}");
    }
    assert!(!metadata.contains_key("grpc-encoding"), "a short message is not compressed");
}

#[test]
fn user_and_password_of_the_url_become_basic_authentication() {
    let server = OtlpGrpcServer::start().unwrap();
    let url = server.url().replace("http://", "http://me:s3cret@");
    assert!(call(&url, &patient()).is_ok());
    assert_eq!(server.calls()[0].metadata["authorization"], "Basic bWU6czNjcmV0");
}

#[test]
fn a_long_message_is_compressed_where_that_is_wanted() {
    let server = OtlpGrpcServer::start().unwrap();
    let long = "x".repeat(1 << 20);
    for gzip in [true, false] {
        let client = client(&server.url(), &GrpcOptions { gzip, ..patient() });
        assert_eq!(client.call(&message(&[&long])), Ok(vec![]));
        let encoding = server.calls().pop().unwrap().metadata.remove("grpc-encoding");
        assert_eq!(encoding.as_deref(), gzip.then_some("gzip"));
    }
    assert!(server.seen().spans.iter().all(|seen| seen.span.name == long));
}

#[test]
fn one_connection_serves_many_calls() {
    let server = OtlpGrpcServer::start().unwrap();
    let client = client(&server.url(), &patient());
    for _ in 0..20 {
        assert_eq!(client.call(&message(&["run"])), Ok(vec![]));
    }
    assert_eq!((server.seen().spans.len(), server.connections()), (20, 1));
}

/// SEC-07
#[test]
fn options_that_make_no_call_are_errors_without_the_value() {
    let new = |url: &str, options: &GrpcOptions| {
        GrpcClient::new(&url.parse().unwrap(), TRACES, options).unwrap_err()
    };
    let url = "http://me:s3cret@localhost:4317";
    let cases = [
        (
            with_headers(&[("bad name", "s3cret")]),
            GrpcError::Header(HttpError::HeaderName("bad name".into())),
        ),
        (with_headers(&[("x-key", "s3c\nret")]), GrpcError::Header(HttpError::HeaderValue("x-key".into()))),
        (with_headers(&[("Grpc-Timeout", "1S")]), GrpcError::ReservedHeader("grpc-timeout".into())),
        (with_headers(&[("TE", "gzip")]), GrpcError::ReservedHeader("te".into())),
    ];
    for (options, error) in cases {
        assert_eq!(new(url, &options), error);
    }
    for url in ["http://me:s3cret@c:4318/v1/traces", "http://c:4317/?k=s3cret"] {
        let error = new(url, &patient());
        assert!(matches!(error, GrpcError::Path(_)), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
    let made = client(url, &with_headers(&[("x-key", "s3cret")]));
    assert!(!format!("{made:?}").contains("s3cret"), "{made:?}");
}
