//! [`ServiceIdentity`]: the one value that names this program in all four signals.

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
    /// `service.instance.id`: host name and process id.
    pub instance: String,
}

impl Default for ServiceIdentity {
    fn default() -> Self {
        Self {
            name: "acm".to_owned(),
            version: String::new(),
            environment: "development".to_owned(),
            instance: instance(),
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
    /// beside the current one because deployed back ends still query it.
    pub fn resource(&self) -> Vec<(&'static str, &str)> {
        let mut attributes = vec![(crate::keys::SERVICE_NAME, self.name.as_str())];
        if !self.version.is_empty() {
            attributes.push((crate::keys::SERVICE_VERSION, &self.version));
        }
        attributes.push((crate::keys::SERVICE_INSTANCE_ID, &self.instance));
        attributes.push((crate::keys::DEPLOYMENT_ENVIRONMENT_NAME, &self.environment));
        attributes.push((crate::keys::DEPLOYMENT_ENVIRONMENT, &self.environment));
        attributes.push((crate::keys::SDK_NAME, "obs"));
        attributes.push((crate::keys::SDK_LANGUAGE, "rust"));
        attributes.push((crate::keys::SDK_VERSION, env!("CARGO_PKG_VERSION")));
        attributes
    }
}
