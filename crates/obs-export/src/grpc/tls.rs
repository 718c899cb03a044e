//! TLS for calls: who is trusted, and who we are.

use super::options::{ClientIdentity, GrpcError, GrpcOptions};
use crate::http::Endpoint;
use std::sync::Arc;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// What an encrypted connection needs.
pub(super) struct Tls {
    pub(super) connector: TlsConnector,
    pub(super) name: ServerName<'static>,
}

impl Tls {
    /// What `to` needs: something for `https`, nothing for `http`.
    pub(super) fn new(to: &Endpoint, options: &GrpcOptions) -> Result<Option<Self>, GrpcError> {
        if !to.is_https() {
            let certificates = options.ca.is_some() || options.identity.is_some();
            return if certificates { Err(GrpcError::NotEncrypted(to.to_string())) } else { Ok(None) };
        }
        let host = to.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(host).map_err(|_| GrpcError::Host(to.to_string()))?;
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| GrpcError::Tls(error.to_string()))?
            .with_root_certificates(roots(options.ca.as_deref())?);
        let mut config = match &options.identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let (chain, key) = identity.read()?;
                builder.with_client_auth_cert(chain, key).map_err(|e| GrpcError::Identity(e.to_string()))?
            }
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Some(Self { connector: TlsConnector::from(Arc::new(config)), name }))
    }
}

/// The authorities of `ca`, or else Mozilla's.
fn roots(ca: Option<&str>) -> Result<RootCertStore, GrpcError> {
    let mut roots = RootCertStore::empty();
    let Some(ca) = ca else {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        return Ok(roots);
    };
    for certificate in certificates(ca).map_err(GrpcError::Ca)? {
        roots.add(certificate).map_err(|error| GrpcError::Ca(error.to_string()))?;
    }
    Ok(roots)
}

/// The certificates in a PEM text, at least one.
fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match certificates {
        Ok(certificates) if certificates.is_empty() => Err("there is no certificate".to_owned()),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(error.to_string()),
    }
}

impl ClientIdentity {
    fn read(&self) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), GrpcError> {
        let chain = certificates(&self.certificate).map_err(GrpcError::Identity)?;
        // What the reader says about a key that it cannot read could show a part of it.
        let key = PrivateKeyDer::from_pem_slice(self.key.expose().as_bytes())
            .map_err(|_| GrpcError::Identity("its key is no private key".to_owned()))?;
        Ok((chain, key))
    }
}
