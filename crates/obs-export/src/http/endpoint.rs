//! [`Endpoint`]: a checked URL that never shows its credentials.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use obs_core::Secret;
use percent_encoding::percent_decode_str;
use std::fmt;
use std::str::FromStr;
use ureq::http::Uri;

#[cfg(test)]
mod tests;

/// Where requests go: an `http` or `https` URL.
///
/// User and password in it become basic authentication. They and the query are never displayed.
///
/// ```
/// use obs_export::http::Endpoint;
/// let base: Endpoint = "https://me:s3cret@collector:4318/".parse()?;
/// assert_eq!(base.join("/v1/traces").to_string(), "https://collector:4318/v1/traces");
/// let full: Endpoint = "https://collector:4318/v1/traces".parse()?;
/// assert_eq!(full.join("/v1/traces").to_string(), "https://collector:4318/v1/traces");
/// # Ok::<(), obs_export::http::EndpointError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    scheme: &'static str,
    /// Host, and port if it was given.
    authority: String,
    /// Starts with a slash.
    path: String,
    query: Option<Secret>,
    /// Value of the `Authorization` header, and the password that it was made of.
    authorization: Option<Secret>,
    password: Option<Secret>,
    /// Whether nothing may be appended.
    whole: bool,
}

/// Why a value is not an [`Endpoint`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{value}` is not an endpoint: {cause}; accepted: http://HOST[:PORT][/PATH] or https://HOST[:PORT][/PATH]"
)]
pub struct EndpointError {
    /// The value, without user, password and query.
    value: String,
    cause: &'static str,
}

impl Endpoint {
    /// The endpoint as the whole URL: [`Endpoint::join`] appends nothing.
    #[must_use]
    pub fn whole(self) -> Self {
        Self { whole: true, ..self }
    }

    /// The endpoint for `path` (`/v1/traces`): a base URL gets the path appended, a URL that ends in it stays as it is.
    #[must_use]
    pub fn join(&self, path: &str) -> Self {
        if self.whole {
            return self.clone();
        }
        let (base, path) = (self.path.trim_end_matches('/'), path.trim_matches('/'));
        let whole = format!("/{path}");
        let path =
            if base == whole || base.ends_with(&whole) { base.to_owned() } else { format!("{base}{whole}") };
        Self { path, ..self.clone() }
    }

    /// Host without port.
    pub fn host(&self) -> &str {
        match self.authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => &self.authority,
        }
    }

    /// The port: 80 or 443, after the scheme, where none was given.
    pub fn port(&self) -> u16 {
        let given = self.authority.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        given.unwrap_or(if self.is_https() { 443 } else { 80 })
    }

    /// The path, which starts with a slash.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether there is a query, which is not displayed.
    pub fn has_query(&self) -> bool {
        self.query.is_some()
    }

    /// Whether the host is this machine: then no proxy is asked.
    pub fn is_loopback(&self) -> bool {
        let host = self.host();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
        host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|a| a.is_loopback())
    }

    /// Whether the connection is encrypted.
    pub fn is_https(&self) -> bool {
        self.scheme == "https"
    }

    /// The URL of the request: with the query, without user and password.
    pub(crate) fn url(&self) -> String {
        match &self.query {
            Some(query) => format!("{self}?{}", query.expose()),
            None => self.to_string(),
        }
    }

    /// The value of the `Authorization` header, if the URL had user or password.
    pub(crate) fn authorization(&self) -> Option<&Secret> {
        self.authorization.as_ref()
    }

    /// Everything that must not be shown when the other side repeats it.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.authorization.iter().chain(&self.password).chain(&self.query)
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(value: &str) -> Result<Self, EndpointError> {
        let value = value.trim();
        let error = |cause| EndpointError { value: without_secrets(value), cause };
        let Some((scheme, _)) = value.split_once("://") else {
            return Err(error("it has no http:// or https://"));
        };
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => "http",
            "https" => "https",
            _ => return Err(error("its scheme is not supported")),
        };
        let uri: Uri = value.parse().map_err(|_| error("it is not a URL"))?;
        let authority = uri.authority().ok_or_else(|| error("it has no host"))?.as_str();
        let (user, authority) = match authority.rsplit_once('@') {
            Some((user, authority)) => (Some(user), authority),
            None => (None, authority),
        };
        if uri.host().is_none_or(str::is_empty) {
            return Err(error("it has no host"));
        }
        let port = authority.rsplit_once(']').map_or(authority, |(_, port)| port).split_once(':');
        if port.is_some_and(|(_, port)| port.parse::<u16>().ok().is_none_or(|p| p == 0)) {
            return Err(error("its port is not a number from 1 to 65535"));
        }
        let (authorization, password) = user.map(basic).unzip();
        Ok(Self {
            scheme,
            authority: authority.to_owned(),
            path: uri.path().to_owned(),
            query: uri.query().map(Secret::new),
            authorization,
            password,
            whole: false,
        })
    }
}

/// The header value for `user:password` (percent-encoded in the URL), as RFC 7617 wants it; and the password.
fn basic(user: &str) -> (Secret, Secret) {
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let mut plain: Vec<u8> = percent_decode_str(user).collect();
    plain.push(b':');
    plain.extend(percent_decode_str(password));
    let password = percent_decode_str(password).decode_utf8_lossy().into_owned();
    (Secret::new(format!("Basic {}", BASE64_STANDARD.encode(plain))), Secret::new(password))
}

/// What may be shown of a value that could not be understood: neither what stands before an `@` nor a query.
fn without_secrets(value: &str) -> String {
    let (scheme, rest) = match value.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), value),
    };
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    format!("{scheme}{rest}")
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({self})")
    }
}
