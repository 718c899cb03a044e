//! [`TlsOptions`]: whom an encrypted connection trusts, and as whom it presents itself.

mod pem;

use pem::{Key, certificates, private_key};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};

/// Files of an encrypted connection, all PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsOptions {
    /// Certificates of the authorities to trust, instead of the system's. Without it, those of the system are trusted
    /// (`SSL_CERT_FILE` and `SSL_CERT_DIR` name others), and Mozilla's where the system has none.
    pub certificate: Option<PathBuf>,
    /// The chain that the client shows, its own certificate first. Needs the key.
    pub client_certificate: Option<PathBuf>,
    /// The private key of the client's certificate: PKCS#8, PKCS#1 or SEC1, not encrypted. Needs the certificate.
    pub client_key: Option<PathBuf>,
}

/// Why [`TlsOptions`] cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file that cannot be read.
    #[error("cannot read {path}: {cause}; accepted: a PEM file with {accepts}, up to 1 MiB")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: String,
        /// What the file should hold.
        accepts: &'static str,
    },
    /// A file that holds something else.
    #[error("{path} {cause}; accepted: a PEM file with {accepts}")]
    Content {
        /// The file.
        path: PathBuf,
        /// What it holds, or lacks.
        cause: String,
        /// What it should hold.
        accepts: &'static str,
    },
    /// A certificate and a key that do not belong together.
    #[error("the key in {key} is not that of the first certificate in {certificate}")]
    Mismatch {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
    /// A certificate without a key, or a key without a certificate.
    #[error("{given} is set, but no client {missing}: a client shows both, or neither")]
    Incomplete {
        /// The file that is set.
        given: PathBuf,
        /// `certificate` or `key`.
        missing: &'static str,
    },
    /// The TLS library refuses for another reason.
    #[error("TLS cannot be set up: {0}")]
    Library(String),
}

/// A client's chain and its key.
type Client = (Vec<CertificateDer<'static>>, Key);

impl TlsOptions {
    /// Reads and checks the files, for a client that brings its own HTTP. ALPN is left to it.
    pub fn client_config(&self) -> Result<ClientConfig, TlsError> {
        let mut store = RootCertStore::empty();
        match &self.certificate {
            Some(path) => {
                for root in certificates(path)? {
                    store.add(root).map_err(|_| pem::unusable_certificate(path))?;
                }
            }
            None => match system_certificates() {
                none if none.is_empty() => store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
                // Some may be too old to be understood.
                some => drop(store.add_parsable_certificates(some)),
            },
        }
        let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Library(error.to_string()))?
            .with_root_certificates(store);
        match self.client()? {
            None => Ok(builder.with_no_client_auth()),
            Some((chain, key)) => {
                builder.with_client_auth_cert(chain, key.der).map_err(|error| self.client_error(&error))
            }
        }
    }

    /// Reads and checks the files, for `ureq`.
    pub(super) fn ureq_config(&self) -> Result<TlsConfig, TlsError> {
        if *self != Self::default() {
            // It checks what ureq would find out with the first connection, and then panic.
            self.client_config()?;
        }
        let roots = match &self.certificate {
            Some(path) => RootCerts::from(owned(&certificates(path)?)),
            None => system_roots(),
        };
        let client = match self.client()? {
            None => None,
            Some((chain, key)) => {
                let key = PrivateKey::from_pem(&key.pem).map_err(|e| TlsError::Library(e.to_string()))?;
                Some(ClientCert::new_with_certs(&owned(&chain), key))
            }
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Ok(TlsConfig::builder()
            .root_certs(roots)
            .client_cert(client)
            .unversioned_rustls_crypto_provider(provider)
            .build())
    }

    fn client(&self) -> Result<Option<Client>, TlsError> {
        match (&self.client_certificate, &self.client_key) {
            (Some(chain), Some(key)) => Ok(Some((certificates(chain)?, private_key(key)?))),
            (Some(given), None) => Err(TlsError::Incomplete { given: given.clone(), missing: "key" }),
            (None, Some(given)) => Err(TlsError::Incomplete { given: given.clone(), missing: "certificate" }),
            (None, None) => Ok(None),
        }
    }

    /// What the library has against certificate and key; both are set when it sees them.
    fn client_error(&self, error: &rustls::Error) -> TlsError {
        let certificate = self.client_certificate.clone().unwrap_or_default();
        let key = self.client_key.clone().unwrap_or_default();
        match error {
            rustls::Error::InconsistentKeys(_) => TlsError::Mismatch { certificate, key },
            rustls::Error::InvalidCertificate(_) => pem::unusable_certificate(&certificate),
            _ => pem::unusable_key(&key),
        }
    }
}

fn owned(certificates: &[CertificateDer<'_>]) -> Vec<Certificate<'static>> {
    certificates.iter().map(|der| Certificate::from_der(der).to_owned()).collect()
}

/// The authorities that the system trusts. Empty where it has none.
fn system_certificates() -> Vec<CertificateDer<'static>> {
    // Single files that cannot be read do not matter beside those that can.
    rustls_native_certs::load_native_certs().certs
}

/// The system's authorities or Mozilla's, as ureq takes them: read once, and shared by all clients.
fn system_roots() -> RootCerts {
    static ROOTS: OnceLock<RootCerts> = OnceLock::new();
    let read = || match system_certificates() {
        none if none.is_empty() => RootCerts::WebPki,
        some => RootCerts::from(owned(&some)),
    };
    ROOTS.get_or_init(read).clone()
}
