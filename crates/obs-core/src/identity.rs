//! [`ServiceIdentity`]: the one value that names this program in all four signals.

use crate::keys;

/// Who is speaking: OpenTelemetry's `service.*` and `deployment.environment.name` resource attributes, Loki's
/// `service` label and Pyroscope's `service_name` all come from here, so they cannot differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceIdentity {
    /// `service.name`; default `acm`.
    pub name: String,
    /// `service.version`; empty when unknown.
    pub version: String,
    /// `deployment.environment.name`; default `development`.
    pub environment: String,
    /// `service.instance.id`; default host name and process id.
    pub instance: String,
    /// Further resource attributes, for traces and metrics: what detectors found and what the configuration says. Each
    /// key once, and none that the fields above or the library itself set; [`ServiceIdentity::with_attributes`] sees to
    /// that. Default none.
    pub attributes: Vec<(String, String)>,
}

/// Keys that [`ServiceIdentity::resource`] sets by itself.
const OWN: [&str; 8] = [
    keys::SERVICE_NAME,
    keys::SERVICE_VERSION,
    keys::SERVICE_INSTANCE_ID,
    keys::DEPLOYMENT_ENVIRONMENT_NAME,
    keys::DEPLOYMENT_ENVIRONMENT,
    keys::SDK_NAME,
    keys::SDK_LANGUAGE,
    keys::SDK_VERSION,
];

impl Default for ServiceIdentity {
    fn default() -> Self {
        Self {
            name: "acm".to_owned(),
            version: String::new(),
            environment: "development".to_owned(),
            instance: instance(),
            attributes: Vec::new(),
        }
    }
}

fn instance() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = if host.trim().is_empty() { "localhost" } else { host.trim() };
    format!("{host}:{}", std::process::id())
}

impl ServiceIdentity {
    /// The resource attributes of OpenTelemetry's semantic conventions, with the older spelling of the environment
    /// beside the current one because deployed back ends still query it. Each key once.
    ///
    /// It is asked for with every request, so it copies no text.
    pub fn resource(&self) -> Vec<(&str, &str)> {
        let mut attributes = Vec::with_capacity(OWN.len() + self.attributes.len());
        attributes.push((keys::SERVICE_NAME, self.name.as_str()));
        if !self.version.is_empty() {
            attributes.push((keys::SERVICE_VERSION, &self.version));
        }
        attributes.push((keys::SERVICE_INSTANCE_ID, &self.instance));
        attributes.push((keys::DEPLOYMENT_ENVIRONMENT_NAME, &self.environment));
        attributes.push((keys::DEPLOYMENT_ENVIRONMENT, &self.environment));
        attributes.push((keys::SDK_NAME, "obs"));
        attributes.push((keys::SDK_LANGUAGE, "rust"));
        attributes.push((keys::SDK_VERSION, env!("CARGO_PKG_VERSION")));
        attributes.extend(self.attributes.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        attributes
    }

    /// The identity with more resource attributes. A key that has a value already keeps it.
    ///
    /// ```
    /// use obs_core::ServiceIdentity;
    /// let pairs = [("host.name", "press-7"), ("host.name", "other"), ("service.name", "other")];
    /// let pairs = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
    /// let identity = ServiceIdentity::default().with_attributes(pairs);
    /// assert_eq!(identity.attributes, [("host.name".to_owned(), "press-7".to_owned())]);
    /// ```
    #[must_use]
    pub fn with_attributes(mut self, more: impl IntoIterator<Item = (String, String)>) -> Self {
        for (key, value) in more {
            let known = OWN.contains(&key.as_str()) || self.attributes.iter().any(|(k, _)| *k == key);
            if !known {
                self.attributes.push((key, value));
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resource_names_each_key_once_and_further_attributes_last() {
        let pairs = keys().into_iter().chain(["team".to_owned()]).map(|key| (key, "x".to_owned()));
        let identity =
            ServiceIdentity { version: "1".into(), ..ServiceIdentity::default() }.with_attributes(pairs);
        let resource = identity.resource();
        let names: Vec<&str> = resource.iter().map(|(key, _)| *key).collect();
        assert_eq!(names, [OWN.as_slice(), &["team"]].concat());
        assert_eq!(resource[0], ("service.name", "acm"));
    }

    fn keys() -> Vec<String> {
        OWN.iter().map(|key| (*key).to_owned()).collect()
    }
}
