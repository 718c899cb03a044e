//! [`Url`]: an endpoint's address, which may hold a password.

use std::fmt;
use std::net::IpAddr;

/// An endpoint as it was set. `Debug` and `Display` show `***` for user, password and query; the whole text leaves only
/// through [`Url::expose`].
///
/// ```
/// use obs_core::config::{Config, Sources};
/// let env = |name: &str| (name == "ACM_LOKI_ENDPOINT").then(|| "http://me:s3cret@loki:3100".to_owned());
/// let loki = Config::load(&Sources { env: &env, ..Sources::default() })?.config.loki.endpoint.unwrap();
/// assert_eq!(format!("{loki} {loki:?}"), "http://***@loki:3100 http://***@loki:3100");
/// # Ok::<(), obs_core::config::ConfigError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Url(String);

impl Url {
    pub(super) fn new(text: String) -> Self {
        Self(text)
    }

    /// The whole text, for the request that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The URL with `scheme`, unless it has one.
    pub(super) fn with_scheme(&self, scheme: &str) -> Self {
        if self.scheme().is_some() { self.clone() } else { Self(format!("{scheme}://{}", self.0)) }
    }

    /// `http` or `https`; gRPC endpoints may have none.
    pub(super) fn scheme(&self) -> Option<&str> {
        self.0.split_once("://").map(|(scheme, _)| scheme)
    }

    /// The port, where one is given.
    pub(super) fn port(&self) -> Option<u16> {
        let rest = self.0.split_once("://").map_or(self.0.as_str(), |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host_port = authority.rsplit('@').next().unwrap_or_default();
        let (host, port) = host_port.rsplit_once(':')?;
        // Not within the brackets of an IPv6 address.
        (!host.contains('[') || host.ends_with(']')).then(|| port.parse().ok()).flatten()
    }

    /// The URL with `path`, which begins with a slash, unless it has a path, a query or a fragment.
    pub(super) fn with_path(&self, path: &str) -> Self {
        let rest = self.0.split_once("://").map_or(self.0.as_str(), |(_, rest)| rest);
        let base = self.0.strip_suffix('/').unwrap_or(&self.0);
        let bare = !rest.strip_suffix('/').unwrap_or(rest).contains(['/', '?', '#']);
        if bare { Self(format!("{base}{path}")) } else { self.clone() }
    }

    /// User and password, and the host without port.
    fn authority(&self) -> (Option<&str>, &str) {
        let rest = self.0.split_once("://").map_or(self.0.as_str(), |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(u, h)| (Some(u), h));
        let host = match host.strip_prefix('[') {
            Some(v6) => v6.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        };
        (user, host)
    }

    /// Whether user, password or a query are part of it.
    pub(super) fn has_credentials(&self) -> bool {
        self.authority().0.is_some() || self.0.contains('?')
    }

    /// Whether the host is this machine.
    pub(super) fn is_loopback(&self) -> bool {
        let host = self.authority().1;
        host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|a| a.is_loopback())
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&masked(&self.0))
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text without what stands before its last `@` and without the values of a query, whether it is a URL or was only
/// meant to be one.
pub(super) fn masked(text: &str) -> String {
    let shown = match text.rsplit_once('@') {
        Some((before, host)) => {
            let scheme = ["http://", "https://"].into_iter().find(|scheme| before.starts_with(scheme));
            format!("{}***@{host}", scheme.unwrap_or_default())
        }
        None => text.to_owned(),
    };
    match shown.split_once('?') {
        Some((url, query)) if !query.is_empty() => format!("{url}?***"),
        _ => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_the_host_is_hidden_even_in_what_is_no_url() {
        for (text, shown) in [
            ("http://loki:3100", "http://loki:3100"),
            ("https://u:p@q@loki/x", "https://***@loki/x"),
            ("u:secret@loki", "***@loki"),
            ("htp://u:secret@loki", "***@loki"),
            ("http://loki/x?token=secret", "http://loki/x?***"),
            ("http://u:se?cret@loki?token=a", "http://***@loki?***"),
            ("loki?secret", "loki?***"),
            ("what?", "what?"),
        ] {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn ports_and_missing_paths_are_recognised() {
        let url = |text: &str| Url::new(text.to_owned());
        for (text, port, with_path) in [
            ("http://tempo:4317", Some(4317), "http://tempo:4317/p"),
            ("http://tempo/", None, "http://tempo/p"),
            ("tempo:4318", Some(4318), "tempo:4318/p"),
            ("http://u:1@[::1]", None, "http://u:1@[::1]/p"),
            ("http://[::1]:80/x", Some(80), "http://[::1]:80/x"),
            ("http://tempo?k=1:2", None, "http://tempo?k=1:2"),
        ] {
            assert_eq!((url(text).port(), url(text).with_path("/p").expose()), (port, with_path), "{text}");
        }
    }

    #[test]
    fn hosts_of_this_machine_and_credentials_are_recognised() {
        let url = |text: &str| Url::new(text.to_owned());
        for text in ["http://localhost:1/x", "http://u:p@127.0.0.2", "http://[::1]:80", "LOCALHOST:4317"] {
            assert!(url(text).is_loopback(), "{text}");
        }
        for text in ["http://localhost.plant", "http://localhost@10.0.0.1", "https://[2001:db8::1]:1"] {
            assert!(!url(text).is_loopback(), "{text}");
        }
        assert!(url("http://u:p@c").has_credentials() && url("http://c/?k=1").has_credentials());
        assert!(!url("http://c/@").has_credentials());
        assert_eq!(url("c:4317").with_scheme("https").expose(), "https://c:4317");
        assert_eq!(url("http://c").with_scheme("https").expose(), "http://c");
    }
}
