//! What a failed handshake means, in plain words.

use rustls::{AlertDescription, CertificateError, Error};

/// The cause, without the host.
pub(super) fn words(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(error) => certificate(error),
        Error::NoCertificatesPresented => "the server shows no certificate".to_owned(),
        Error::AlertReceived(alert) => match alert {
            AlertDescription::CertificateRequired => "the server wants a client certificate".to_owned(),
            AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::AccessDenied => {
                format!("the server does not accept the client certificate ({alert:?})")
            }
            AlertDescription::UnrecognisedName => "the server does not know the host name".to_owned(),
            AlertDescription::ProtocolVersion | AlertDescription::InsufficientSecurity => too_old(),
            AlertDescription::HandshakeFailure => {
                "the server breaks the handshake off: it may want a client certificate, or other ciphers"
                    .to_owned()
            }
            other => format!("the server breaks the handshake off ({other:?})"),
        },
        Error::PeerIncompatible(_) => too_old(),
        Error::InvalidMessage(_) => "the answer is not TLS: is it an http:// endpoint?".to_owned(),
        other => other.to_string(),
    }
}

fn too_old() -> String {
    "no common version or cipher: the server is older than TLS 1.2, or set up like that".to_owned()
}

fn certificate(error: &CertificateError) -> String {
    use CertificateError as E;
    match error {
        E::UnknownIssuer => {
            "unknown issuer: no trusted authority signed the certificate; a private authority is trusted by a \
             certificate file"
                .to_owned()
        }
        E::Expired | E::ExpiredContext { .. } => "the certificate is expired".to_owned(),
        E::NotValidYet | E::NotValidYetContext { .. } => {
            "the certificate is not valid yet: is the clock right?".to_owned()
        }
        E::NotValidForName => "the host name differs from those of the certificate".to_owned(),
        E::NotValidForNameContext { presented, .. } => {
            let names = if presented.is_empty() { "none".to_owned() } else { presented.join(", ") };
            format!("the host name differs from those of the certificate ({names})")
        }
        E::Revoked => "the certificate is revoked".to_owned(),
        E::BadSignature => "the signature of the certificate is wrong".to_owned(),
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => {
            "the certificate is not for servers".to_owned()
        }
        E::BadEncoding => "the certificate is damaged".to_owned(),
        other => format!("the certificate cannot be used ({other})"),
    }
}
