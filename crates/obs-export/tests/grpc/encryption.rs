//! TLS: who is trusted, who we are, and no connection without it where it was asked for (CORE-08).

use crate::support::*;
use obs_export::Cause;
use obs_export::grpc::{GrpcClient, GrpcError, GrpcOptions, TRACES};
use obs_export::http::TlsOptions;
use obs_testing::OtlpGrpcServer;
use obs_testing::otlp::ServerTls;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::path::PathBuf;
use tempfile::TempDir;

/// An authority and what it signs.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
    files: TempDir,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key), files: tempfile::tempdir().unwrap() }
    }

    /// A certificate for `name` and its key.
    fn sign(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }

    fn server(&self, client_ca: Option<String>) -> OtlpGrpcServer {
        let (certificate, key) = self.sign("localhost");
        OtlpGrpcServer::start_tls(&ServerTls { certificate, key, client_ca }).unwrap()
    }

    /// A file with this text.
    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.files.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn trusting(&self) -> GrpcOptions {
        let tls = TlsOptions { certificate: Some(self.file("ca.pem", &self.pem)), ..TlsOptions::default() };
        GrpcOptions { tls, ..patient() }
    }

    /// `options`, shown a client.
    fn showing(&self, certificate: &str, key: &str, options: &GrpcOptions) -> GrpcOptions {
        let tls = TlsOptions {
            client_certificate: Some(self.file("client.pem", certificate)),
            client_key: Some(self.file("client.key", key)),
            ..options.tls.clone()
        };
        GrpcOptions { tls, ..options.clone() }
    }
}

#[test]
fn https_encrypts_and_trusts_the_authority_that_was_given() {
    let authority = Authority::new();
    let server = authority.server(None);
    assert!(server.url().starts_with("https://"));
    assert_eq!(call(&server.url(), &authority.trusting()), Ok(vec![]));
    assert_eq!(server.seen().spans.len(), 1);
}

#[test]
fn an_authority_that_is_not_trusted_or_another_host_is_tls() {
    let authority = Authority::new();
    let server = authority.server(None);
    for (url, options, expected) in [
        (server.url(), patient(), "unknown issuer"),
        (server.url(), Authority::new().trusting(), ""),
        (format!("https://{}", server.address()), authority.trusting(), "the host name differs"),
    ] {
        let (cause, _, message) = retry(call(&url, &options));
        assert_eq!(cause, Cause::Tls, "{message}");
        assert!(message.starts_with(&format!("{url}/: TLS: ")) && message.contains(expected), "{message}");
    }
    assert_eq!(server.calls(), []);
}

#[test]
fn a_server_that_wants_a_certificate_gets_ours() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let server = theirs.server(Some(ours.pem.clone()));
    let with = |(certificate, key): (String, String)| theirs.showing(&certificate, &key, &theirs.trusting());
    assert_eq!(call(&server.url(), &with(ours.sign("client"))), Ok(vec![]));
    for options in [theirs.trusting(), with(theirs.sign("client"))] {
        // The refusal comes after our side of the handshake is complete: it may be lost when the connection closes.
        let (cause, _, message) = retry(call(&server.url(), &options));
        assert!(matches!(cause, Cause::Tls | Cause::Closed), "{message}");
    }
    assert_eq!(server.calls().len(), 1);
}

#[test]
fn https_to_a_server_without_tls_is_tls_and_sends_nothing() {
    let server = OtlpGrpcServer::start().unwrap();
    let url = server.url().replace("http://", "https://");
    let (cause, _, message) = retry(call(&url, &Authority::new().trusting()));
    assert_eq!(cause, Cause::Tls, "{message}");
    assert_eq!(server.calls(), []);
}

/// SEC-07
#[test]
fn certificates_that_cannot_be_used_are_errors_at_the_start() {
    let new = |url: &str, options: GrpcOptions| {
        let error = GrpcClient::new(&url.parse().unwrap(), TRACES, &options).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
        error
    };
    let url = "https://localhost:4317";
    let authority = Authority::new();
    let (certificate, key) = authority.sign("client");
    let with = |certificate: &str, key: &str| authority.showing(certificate, key, &patient());
    for ca in ["", "no certificate", "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----", &key] {
        let certificate = Some(authority.file("bad.pem", ca));
        let error =
            new(url, GrpcOptions { tls: TlsOptions { certificate, ..TlsOptions::default() }, ..patient() });
        assert!(matches!(error, GrpcError::Tls(_)) && error.to_string().contains("bad.pem"), "{error:?}");
    }
    let other = KeyPair::generate().unwrap().serialize_pem();
    for (certificate, key) in [("", key.as_str()), (&certificate, "s3cret"), (&certificate, &other)] {
        let error = new(url, with(certificate, key));
        assert!(matches!(error, GrpcError::Tls(_)) && error.to_string().contains("client."), "{error:?}");
    }
    let error = new("http://localhost:4317", authority.trusting());
    assert_eq!(
        error.to_string(),
        "certificates are given, but `http://localhost:4317/` is not encrypted; accepted with certificates: \
         https://HOST[:PORT]"
    );
    assert!(GrpcClient::new(&url.parse().unwrap(), TRACES, &with(&certificate, &key)).is_ok());
}
