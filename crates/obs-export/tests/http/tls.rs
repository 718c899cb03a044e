//! Encrypted connections: who is trusted, who is not, and what the message says of it.

use crate::authority::{Authority, Identity};
use crate::process::posted;
use crate::server::*;
use crate::tls_server::{TlsServer, silent};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use obs_core::Clock;
use obs_export::http::{HttpClient, HttpOptions, TlsOptions};
use obs_export::{Cause, Outcome};
use rcgen::KeyPair;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{PrivatePkcs1KeyDer, PrivatePkcs8KeyDer};
use std::path::{Path, PathBuf};
use std::time::Duration;

const HERE: [&str; 2] = ["localhost", "127.0.0.1"];

/// PEM files for one test.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Trusts `authority` and nobody else.
    fn trusting(&self, authority: &Authority) -> TlsOptions {
        TlsOptions { certificate: Some(self.write("ca.pem", &authority.pem)), ..TlsOptions::default() }
    }

    /// `options` with a client's certificate, and its key as `key`.
    fn presenting(&self, options: TlsOptions, client: &Identity, key: &str) -> TlsOptions {
        TlsOptions {
            client_certificate: Some(self.write("client.pem", &client.pem)),
            client_key: Some(self.write("key.pem", key)),
            ..options
        }
    }
}

fn client(tls: TlsOptions) -> HttpClient {
    HttpClient::new(&HttpOptions { tls, ..HttpOptions::default() }).unwrap()
}

/// The words of a failed handshake.
fn tls_failure(server: &TlsServer, tls: TlsOptions) -> String {
    match post_with(&client(tls), &server.endpoint()) {
        Err(Outcome::Retry { cause: Cause::Tls, after: None, message }) => {
            let start = format!("{}: TLS: ", server.endpoint());
            message.strip_prefix(&start).unwrap_or_else(|| panic!("{message}")).to_owned()
        }
        other => panic!("expected TLS to fail, got {other:?}"),
    }
}

/// SEC-06
#[test]
fn an_authority_of_a_file_is_trusted() {
    let (files, authority) = (Files::new(), Authority::new("plant"));
    let server = TlsServer::new(&authority.identity(&HERE), None);
    let response = post_with(&client(files.trusting(&authority)), &server.endpoint()).unwrap();
    assert_eq!(response.status, 200);
    assert_eq!(server.received.recv().unwrap().body, b"hello");
}

#[test]
fn the_authorities_of_the_system_are_trusted_and_mozillas_where_it_has_none() {
    let (files, authority) = (Files::new(), Authority::new("plant"));
    let server = TlsServer::new(&authority.identity(&HERE), None);
    let (system, none) = (files.write("system.pem", &authority.pem), files.write("none.pem", ""));
    let post_trusting =
        |file: &Path| posted(&server.endpoint().to_string(), &[("SSL_CERT_FILE", file.to_str().unwrap())]);
    assert!(post_trusting(&system).contains("status: 200"));
    let said = post_trusting(&none);
    assert!(said.contains("unknown issuer"), "{said}");
}

#[test]
fn an_authority_that_nobody_trusts_is_an_unknown_issuer() {
    let authority = Authority::new("plant");
    let server = TlsServer::new(&authority.identity(&HERE), None);
    let message = tls_failure(&server, TlsOptions::default());
    assert!(message.starts_with("unknown issuer: "), "{message}");
    let files = Files::new();
    let message = tls_failure(&server, files.trusting(&Authority::new("elsewhere")));
    assert!(message.starts_with("unknown issuer: "), "{message}");
}

#[test]
fn a_certificate_for_another_host_names_the_hosts_it_is_for() {
    let (files, authority) = (Files::new(), Authority::new("plant"));
    let server = TlsServer::new(&authority.identity(&["other.example"]), None);
    let message = tls_failure(&server, files.trusting(&authority));
    assert!(message.contains("the host name differs") && message.contains("other.example"), "{message}");
}

#[test]
fn a_certificate_out_of_its_time_says_on_which_side() {
    let (files, authority) = (Files::new(), Authority::new("plant"));
    for (years, expected) in [((2019, 2020), "is expired"), ((2110, 2120), "is not valid yet")] {
        let server = TlsServer::new(&authority.identity_for(years), None);
        let message = tls_failure(&server, files.trusting(&authority));
        assert!(message.contains(expected), "{message}");
    }
}

/// SEC-06
#[test]
fn a_client_certificate_opens_a_server_that_wants_one_with_each_form_of_key() {
    let (files, authority) = (Files::new(), Authority::new("plant"));
    let server = TlsServer::new(&authority.identity(&HERE), Some(&authority));
    let elliptic = authority.identity(&["client"]);
    let (pkcs1, rsa) = rsa_key();
    let rsa = authority.identity_of(rsa);
    for (identity, key) in [
        (&elliptic, elliptic.key.serialize_pem()),
        (&elliptic, sec1(&elliptic.key)),
        (&rsa, rsa.key.serialize_pem()),
        (&rsa, pkcs1),
    ] {
        let tls = files.presenting(files.trusting(&authority), identity, &key);
        let response = post_with(&client(tls), &server.endpoint());
        assert_eq!(response.map(|r| r.status), Ok(200), "{:?}", key.lines().next());
    }
}

#[test]
fn a_client_certificate_that_is_missing_or_of_a_stranger_is_told_apart() {
    let (files, authority) = (Files::new(), Authority::new("plant"));
    let server = TlsServer::new(&authority.identity(&HERE), Some(&authority));
    let message = tls_failure(&server, files.trusting(&authority));
    assert_eq!(message, "the server wants a client certificate");
    let stranger = Authority::new("elsewhere").identity(&["client"]);
    let tls = files.presenting(files.trusting(&authority), &stranger, &stranger.key.serialize_pem());
    let message = tls_failure(&server, tls);
    assert!(message.starts_with("the server does not accept the client certificate"), "{message}");
}

#[test]
fn a_handshake_that_nobody_answers_ends_with_the_time_to_connect() {
    let (_listener, endpoint) = silent();
    let clock = Clock::system();
    let start = clock.now();
    let connect_timeout = Duration::from_millis(200);
    let client = HttpClient::new(&HttpOptions { connect_timeout, ..HttpOptions::default() }).unwrap();
    let outcome = post_with(&client, &endpoint).unwrap_err();
    assert!(matches!(&outcome, Outcome::Retry { cause: Cause::Timeout, .. }), "{outcome:?}");
    assert!(
        clock.now() - start < Duration::from_secs(9).as_nanos() as u64,
        "not the time of the whole request"
    );
}

/// A key in the form that `openssl genrsa` writes (PKCS#1), and as the library takes it.
fn rsa_key() -> (String, KeyPair) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http/rsa_pkcs1.pem");
    let pem = std::fs::read_to_string(path).unwrap();
    let inner = PrivatePkcs1KeyDer::from_pem_slice(pem.as_bytes()).unwrap();
    // PKCS#8 is version, algorithm (rsaEncryption) and that key as octets: RFC 5208.
    let head = b"\x02\x01\x00\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
    let content = [head, &der(4, inner.secret_pkcs1_der())[..]].concat();
    let outer = der(0x30, &content);
    (pem, KeyPair::try_from(&PrivatePkcs8KeyDer::from(outer)).unwrap())
}

/// A DER value longer than 255 bytes.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x82, length[0], length[1]], content].concat()
}

/// The key of an elliptic curve in the form that `openssl ecparam -genkey` writes (SEC1): PKCS#8 without its frame.
fn sec1(key: &KeyPair) -> String {
    let pkcs8 = key.serialize_der();
    // It is the sequence in there that begins with version 1.
    let start = pkcs8.windows(5).position(|w| w[0] == 0x30 && w[2..] == [0x02, 0x01, 0x01]).unwrap();
    let length = usize::from(pkcs8[start + 1]);
    let body = BASE64_STANDARD.encode(&pkcs8[start..start + 2 + length]);
    format!("-----BEGIN EC PRIVATE KEY-----\n{body}\n-----END EC PRIVATE KEY-----\n")
}
