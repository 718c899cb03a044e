//! Certificate authorities, servers' and clients' certificates, made anew for each test.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// An authority.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate.
    pub(crate) pem: String,
    pub(crate) der: CertificateDer<'static>,
}

/// A certificate and its key.
pub(crate) struct Identity {
    pub(crate) pem: String,
    pub(crate) der: CertificateDer<'static>,
    pub(crate) key: KeyPair,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let own = params.self_signed(&key).unwrap();
        Self { pem: own.pem(), der: own.der().clone(), issuer: Issuer::new(params, key) }
    }

    /// A certificate for these names, valid now.
    pub(crate) fn identity(&self, names: &[&str]) -> Identity {
        self.sign(names, (2020, 2120), KeyPair::generate().unwrap())
    }

    /// A certificate that is valid from the first to the second year.
    pub(crate) fn identity_for(&self, years: (i32, i32)) -> Identity {
        self.sign(&["localhost", "127.0.0.1"], years, KeyPair::generate().unwrap())
    }

    /// A certificate for a key that there is.
    pub(crate) fn identity_of(&self, key: KeyPair) -> Identity {
        self.sign(&["client"], (2020, 2120), key)
    }

    fn sign(&self, names: &[&str], years: (i32, i32), key: KeyPair) -> Identity {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = date_time_ymd(years.0, 1, 1);
        params.not_after = date_time_ymd(years.1, 1, 1);
        let signed = params.signed_by(&key, &self.issuer).unwrap();
        Identity { pem: signed.pem(), der: signed.der().clone(), key }
    }
}

impl Identity {
    pub(crate) fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.serialize_der()).into()
    }
}
