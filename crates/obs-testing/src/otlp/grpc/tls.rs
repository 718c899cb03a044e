//! [`ServerTls`]: who the server is, and whose clients it trusts.

use tonic::transport::{Certificate, Identity, ServerTlsConfig};

/// Certificates of a server, all in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerTls {
    /// The server's certificate; clients call it `localhost`.
    pub certificate: String,
    /// The key of that certificate.
    pub key: String,
    /// The authority whose certificate each client must show, if any.
    pub client_ca: Option<String>,
}

impl ServerTls {
    pub(super) fn config(&self) -> ServerTlsConfig {
        let config = ServerTlsConfig::new().identity(Identity::from_pem(&self.certificate, &self.key));
        match &self.client_ca {
            Some(ca) => config.client_ca_root(Certificate::from_pem(ca)),
            None => config,
        }
    }
}
