//! TLS for calls: the same trust and the same client as over HTTP, with HTTP/2 agreed on in the handshake.

use super::options::{GrpcError, GrpcOptions};
use crate::http::{Endpoint, TlsOptions};
use rustls::pki_types::ServerName;
use std::sync::Arc;
use tokio_rustls::TlsConnector;

/// What an encrypted connection needs.
pub(super) struct Tls {
    pub(super) connector: TlsConnector,
    pub(super) name: ServerName<'static>,
}

impl Tls {
    /// What `to` needs: something for `https`, nothing for `http`.
    pub(super) fn new(to: &Endpoint, options: &GrpcOptions) -> Result<Option<Self>, GrpcError> {
        if !to.is_https() {
            let certificates = options.tls != TlsOptions::default();
            return if certificates { Err(GrpcError::NotEncrypted(to.to_string())) } else { Ok(None) };
        }
        let host = to.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(host).map_err(|_| GrpcError::Host(to.to_string()))?;
        let mut config = options.tls.client_config()?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Some(Self { connector: TlsConnector::from(Arc::new(config)), name }))
    }
}
