//! What is sent.

use crate::server::*;
use obs_core::Secret;
use obs_export::http::{Endpoint, HttpClient, HttpError, HttpOptions, Request};

fn with_headers(headers: &[(&str, &str)]) -> HttpOptions {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect();
    HttpOptions { headers, ..HttpOptions::default() }
}

#[test]
fn a_request_carries_its_headers_and_its_body() {
    let server = Server::status(204, "", "");
    let client =
        HttpClient::new(&with_headers(&[("X-Scope-OrgID", "tenant"), ("Authorization", "Bearer t")]))
            .unwrap();
    let to: Endpoint = format!("http://me:pw@{}/v1/logs?key=1", server.address).parse().unwrap();
    let headers = &[("X-One", "1")];
    let response = client.post(&Request {
        to: &to,
        content_type: "application/x-protobuf",
        gzip: true,
        headers,
        body: b"short",
    });
    assert_eq!(response.unwrap().status, 204);
    let received = server.received.recv().unwrap();
    let head = received.head.to_ascii_lowercase();
    assert!(head.starts_with("post /v1/logs?key=1 http/1.1\r\n"), "{head}");
    for line in [
        "content-type: application/x-protobuf",
        "content-length: 5",
        "x-scope-orgid: tenant",
        "x-one: 1",
        "authorization: bearer t",
        concat!("user-agent: obs/", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(head.lines().any(|l| l == line), "{line} in {head}");
    }
    assert_eq!(
        head.matches("authorization").count(),
        1,
        "a header given outranks user and password of the URL"
    );
    assert!(!head.contains("content-encoding"), "a short body is not compressed");
    assert_eq!(received.body, b"short");
}

#[test]
fn user_and_password_of_the_url_become_basic_authentication() {
    let server = Server::status(200, "", "");
    let to: Endpoint = format!("http://me:s3cret@{}/", server.address).parse().unwrap();
    assert!(post(&to).is_ok());
    let head = server.received.recv().unwrap().head;
    assert!(head.to_ascii_lowercase().contains("authorization: "), "{head}");
    assert!(head.contains("Basic bWU6czNjcmV0\r\n") && !head.contains("me:s3cret"), "{head}");
}

#[test]
fn a_token_and_a_tenant_of_their_own_replace_those_among_the_headers() {
    let server = Server::status(200, "", "");
    let options = with_headers(&[("authorization", "Bearer old"), ("x-scope-orgid", "old"), ("x-key", "k")])
        .with_bearer(&Secret::new("t0ken"))
        .with_tenant(Secret::new("plant"));
    let client = HttpClient::new(&options).unwrap();
    assert!(post_with(&client, &server.endpoint()).is_ok());
    let head = server.received.recv().unwrap().head.to_ascii_lowercase();
    for line in ["authorization: bearer t0ken", "x-scope-orgid: plant", "x-key: k"] {
        assert!(head.lines().any(|l| l == line), "{line} in {head}");
    }
    assert!(!head.contains("old"), "{head}");
}

#[test]
fn options_that_make_no_header_are_errors_without_the_value() {
    let error = HttpClient::new(&with_headers(&[("bad name", "s3cret")])).unwrap_err();
    assert_eq!(error, HttpError::HeaderName("bad name".into()));
    let error = HttpClient::new(&with_headers(&[("X-Key", "s3c\nret")])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the value of HTTP header `X-Key` has control characters or line breaks: accepted is plain text"
    );
    for name in ["content-length", "Transfer-Encoding", "CONTENT-TYPE"] {
        let error = HttpClient::new(&with_headers(&[(name, "5")])).unwrap_err();
        assert_eq!(error, HttpError::HeaderReserved(name.into()));
    }
    let agent = HttpOptions { user_agent: "a\r\nb".into(), ..HttpOptions::default() };
    assert_eq!(HttpClient::new(&agent).unwrap_err(), HttpError::HeaderValue("User-Agent".into()));
    let client = HttpClient::new(&with_headers(&[("X-Key", "s3cret")])).unwrap();
    assert!(!format!("{client:?}").contains("s3cret"));
}
