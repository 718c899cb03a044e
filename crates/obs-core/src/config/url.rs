//! [`Url`]: an endpoint's address, which may hold a password.

use std::fmt;

/// An endpoint as it was set. `Debug` and `Display` show `***` for user and password; the whole text leaves only
/// through [`Url::expose`].
///
/// ```
/// use obs_core::config::{Config, Sources};
/// let env = |name: &str| (name == "ACM_LOKI_ENDPOINT").then(|| "http://me:s3cret@loki:3100".to_owned());
/// let loki = Config::load(&Sources { env: &env, ..Sources::default() })?.config.loki_endpoint.unwrap();
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

/// The text without what stands before its last `@`, whether it is a URL or was only meant to be one.
pub(super) fn masked(text: &str) -> String {
    let Some((before, host)) = text.rsplit_once('@') else { return text.to_owned() };
    let scheme =
        ["http://", "https://"].into_iter().find(|scheme| before.starts_with(scheme)).unwrap_or_default();
    format!("{scheme}***@{host}")
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
        ] {
            assert_eq!(masked(text), shown);
        }
    }
}
