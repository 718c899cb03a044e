//! What a whole answer means.

use crate::server::*;
use obs_core::Secret;
use obs_export::Outcome;
use obs_export::http::{Endpoint, HttpClient, HttpOptions};
use std::time::Duration;

#[test]
fn a_2xx_answer_is_returned_with_its_body() {
    let response = Server::status(202, "", "partial success").post().unwrap();
    assert_eq!((response.status, response.body.as_slice()), (202, b"partial success".as_slice()));
}

#[test]
fn an_endless_answer_is_read_up_to_its_limit() {
    let body = "x".repeat(1 << 20);
    let server = Server::answering(format!("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n{body}"));
    let response = server.post().unwrap();
    assert_eq!(response.body.len(), 64 << 10);
}

#[test]
fn retry_after_reaches_the_engine() {
    for status in [429, 503] {
        let server = Server::status(status, "Retry-After: 7\r\n", "slow down");
        let Err(Outcome::Retry { after, message, .. }) = server.post() else { panic!("a retry") };
        assert_eq!(after, Some(Duration::from_secs(7)));
        assert!(message.ends_with(" (slow down)"), "{message}");
    }
}

#[test]
fn a_refusal_names_url_status_and_cause_in_one_line() {
    let server = Server::status(404, "", "\n  no such\tpage \nsecond line");
    let message = refusal(server.post());
    assert_eq!(message, format!("http://{}/push: 404: is the path right? (no suchpage)", server.address));
    assert!(refusal(Server::status(401, "", "").post()).ends_with(": 401: are the credentials right?"));
    assert!(refusal(Server::status(400, "", &"long ".repeat(1000)).post()).len() < 300);
}

#[test]
fn a_batch_that_is_too_large_is_told_apart() {
    assert!(matches!(Server::status(413, "", "").post(), Err(Outcome::TooLarge { .. })));
}

#[test]
fn a_redirect_is_not_followed_and_says_where_it_leads() {
    let elsewhere = Server::status(200, "", "");
    for status in [301, 302, 303, 307, 308] {
        let location = format!("Location: http://me:s3cret@{}/x?token=s3cret\r\n", elsewhere.address);
        let message = refusal(Server::status(status, &location, "").post());
        assert!(message.contains("redirects are not followed"), "{message}");
        assert!(message.ends_with(&format!("(http://{}/x)", elsewhere.address)), "{message}");
    }
    assert!(elsewhere.received.try_recv().is_err(), "nothing went there");
}

/// SEC-07
#[test]
fn an_answer_that_repeats_the_credentials_is_quoted_without_them() {
    let server = Server::status(403, "", "token t0psecret of me:s3cret (bWU6czNjcmV0) is not known");
    let headers = vec![("X-Token".to_owned(), Secret::new("Bearer t0psecret"))];
    let client = HttpClient::new(&HttpOptions { headers, ..HttpOptions::default() }).unwrap();
    let to: Endpoint = format!("http://me:s3cret@{}/?k=1", server.address).parse().unwrap();
    let message = refusal(post_with(&client, &to));
    for secret in ["t0psecret", "s3cret", "bWU6czNjcmV0"] {
        assert!(!message.contains(secret), "{message}");
    }
}
