//! Files of certificates and keys that cannot be used: one error each when the client is made, and none of their text.

use crate::authority::Authority;
use obs_export::http::{HttpClient, HttpOptions, TlsOptions};
use std::path::{Path, PathBuf};

const CERTIFICATES: &str = "accepted: a PEM file with one or more certificates (BEGIN CERTIFICATE)";
const KEY: &str =
    "accepted: a PEM file with a private key that is not encrypted (BEGIN PRIVATE KEY, PKCS#1 or SEC1)";

fn refused(tls: TlsOptions) -> String {
    let message = HttpClient::new(&HttpOptions { tls, ..HttpOptions::default() }).unwrap_err().to_string();
    assert!(!message.contains('\n'), "{message}");
    message
}

fn trusting(path: &Path) -> TlsOptions {
    TlsOptions { certificate: Some(path.to_owned()), ..TlsOptions::default() }
}

fn presenting(certificate: &Path, key: &Path) -> TlsOptions {
    TlsOptions {
        client_certificate: Some(certificate.to_owned()),
        client_key: Some(key.to_owned()),
        ..TlsOptions::default()
    }
}

struct Files {
    folder: tempfile::TempDir,
    certificate: PathBuf,
    key: PathBuf,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let identity = Authority::new("plant").identity(&["client"]);
        let (certificate, key) = (folder.path().join("client.pem"), folder.path().join("client.key"));
        std::fs::write(&certificate, &identity.pem).unwrap();
        std::fs::write(&key, identity.key.serialize_pem()).unwrap();
        Self { folder, certificate, key }
    }

    fn write(&self, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join("other.pem");
        std::fs::write(&path, content).unwrap();
        path
    }
}

fn section(kind: &str, text: &str) -> String {
    format!("-----BEGIN {kind}-----\n{text}\n-----END {kind}-----\n")
}

#[test]
fn a_file_of_authorities_that_holds_none_says_what_it_is_and_what_is_accepted() {
    let files = Files::new();
    let missing = Path::new("/nonexistent/ca.pem");
    let message = refused(trusting(missing));
    assert!(message.starts_with("cannot read /nonexistent/ca.pem: No such file"), "{message}");
    assert!(message.contains(CERTIFICATES), "{message}");
    let message = refused(trusting(files.folder.path()));
    assert!(message.starts_with("cannot read ") && message.contains("directory"), "{message}");
    let large = files.write(vec![b' '; (1 << 20) + 1]);
    let message = refused(trusting(&large));
    assert!(message.contains("it is larger") && message.ends_with("up to 1 MiB"), "{message}");
    for (content, cause) in [
        (String::new(), "has no certificate"),
        ("hunter2 \u{0} garbage".to_owned(), "has no certificate"),
        (std::fs::read_to_string(&files.key).unwrap(), "has no certificate"),
        (section("CERTIFICATE", "hunter2!"), "is damaged"),
        ("-----BEGIN CERTIFICATE-----\nhunter2".to_owned(), "is damaged"),
        (section("CERTIFICATE", "aHVudGVyMg=="), "holds a certificate that is damaged or of an unknown kind"),
    ] {
        let path = files.write(&content);
        let message = refused(trusting(&path));
        assert!(message.starts_with(&format!("{} {cause}", path.display())), "{message}");
        assert!(message.ends_with(CERTIFICATES) && !message.contains("hunter2"), "{message}");
    }
    let binary = files.write([0xff, 0xfe, 0x00]);
    assert!(refused(trusting(&binary)).contains("has no certificate"));
}

/// SEC-07
#[test]
fn a_key_that_cannot_be_used_is_refused_without_a_word_of_it() {
    let files = Files::new();
    for (content, cause) in [
        (String::new(), "has no private key"),
        (std::fs::read_to_string(&files.certificate).unwrap(), "has no private key"),
        (section("ENCRYPTED PRIVATE KEY", "aHVudGVyMg=="), "has an encrypted key"),
        (section("PRIVATE KEY", "hunter2!"), "is damaged"),
        (section("PRIVATE KEY", "aHVudGVyMg=="), "holds a key that is damaged or of an unknown kind"),
        (section("RSA PRIVATE KEY", "aHVudGVyMg=="), "holds a key that is damaged or of an unknown kind"),
        (section("EC PRIVATE KEY", "aHVudGVyMg=="), "holds a key that is damaged or of an unknown kind"),
    ] {
        let path = files.write(&content);
        let message = refused(presenting(&files.certificate, &path));
        assert!(message.starts_with(&format!("{} {cause}; ", path.display())), "{message}");
        assert!(message.ends_with(KEY), "{message}");
        assert!(!message.contains("hunter2") && !message.contains("aHVudGVyMg"), "{message}");
    }
}

#[test]
fn a_client_certificate_and_its_key_belong_together() {
    let files = Files::new();
    let other = files.write(Authority::new("plant").identity(&["other"]).key.serialize_pem());
    let message = refused(presenting(&files.certificate, &other));
    assert!(message.contains("other.pem is not that of the first certificate in "), "{message}");
    let only = TlsOptions { client_certificate: Some(files.certificate.clone()), ..TlsOptions::default() };
    assert!(refused(only).contains("client.pem is set, but no client key: a client shows both"));
    let only = TlsOptions { client_key: Some(files.key.clone()), ..TlsOptions::default() };
    assert!(refused(only).contains("client.key is set, but no client certificate: "));
    let garbage = files.write(section("CERTIFICATE", "aHVudGVyMg=="));
    let message = refused(presenting(&garbage, &files.key));
    assert!(message.contains("other.pem holds a certificate that is damaged"), "{message}");
}

#[test]
fn good_files_make_a_client_and_a_configuration_for_other_clients() {
    let files = Files::new();
    let tls = TlsOptions {
        certificate: Some(files.certificate.clone()),
        ..presenting(&files.certificate, &files.key)
    };
    assert!(tls.client_config().unwrap().client_auth_cert_resolver.has_certs());
    assert!(!TlsOptions::default().client_config().unwrap().client_auth_cert_resolver.has_certs());
    HttpClient::new(&HttpOptions { tls, ..HttpOptions::default() }).unwrap();
}
