//! Reading PEM files. No error repeats what is in a file: it may be a key.

use super::TlsError;
use rustls::pki_types::pem::{Error, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// What a file of certificates holds.
const CERTIFICATES: &str = "one or more certificates (BEGIN CERTIFICATE)";
/// What a file with a key holds.
const KEY: &str = "a private key that is not encrypted (BEGIN PRIVATE KEY, PKCS#1 or SEC1)";
/// The largest file that is read; the bundles of systems have a quarter of it.
const LIMIT: u64 = 1 << 20;

/// All certificates of a file, at least one.
pub(super) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = read(path, CERTIFICATES)?;
    let found: Result<Vec<_>, Error> = CertificateDer::pem_slice_iter(&text).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(content(path, "has no certificate", CERTIFICATES)),
        Err(_) => Err(content(path, "is damaged", CERTIFICATES)),
    }
}

/// A key as rustls takes it, and as ureq does.
pub(super) struct Key {
    pub(super) der: PrivateKeyDer<'static>,
    pub(super) pem: Vec<u8>,
}

/// The first key of a file.
pub(super) fn private_key(path: &Path) -> Result<Key, TlsError> {
    let pem = read(path, KEY)?;
    let der = PrivateKeyDer::from_pem_slice(&pem).map_err(|error| {
        let encrypted = String::from_utf8_lossy(&pem).contains("ENCRYPTED");
        let cause = match error {
            _ if encrypted => "has an encrypted key",
            Error::NoItemsFound => "has no private key",
            _ => "is damaged",
        };
        content(path, cause, KEY)
    })?;
    Ok(Key { der, pem })
}

/// What is in the frame is no certificate, or one that the library does not understand.
pub(super) fn unusable_certificate(path: &Path) -> TlsError {
    content(path, "holds a certificate that is damaged or of an unknown kind", CERTIFICATES)
}

/// What is in the frame is no key, or one that the library does not understand.
pub(super) fn unusable_key(path: &Path) -> TlsError {
    content(path, "holds a key that is damaged or of an unknown kind", KEY)
}

fn read(path: &Path, accepts: &'static str) -> Result<Vec<u8>, TlsError> {
    let unreadable = |cause: String| TlsError::Unreadable { path: path.to_owned(), cause, accepts };
    let file = File::open(path).map_err(|error| unreadable(error.to_string()))?;
    let mut text = Vec::new();
    file.take(LIMIT + 1).read_to_end(&mut text).map_err(|error| unreadable(error.to_string()))?;
    if text.len() as u64 > LIMIT {
        return Err(unreadable("it is larger".to_owned()));
    }
    Ok(text)
}

fn content(path: &Path, cause: &str, accepts: &'static str) -> TlsError {
    TlsError::Content { path: path.to_owned(), cause: cause.to_owned(), accepts }
}
