//! Resource detectors: what the machine says of where this process runs.
//!
//! [`detect`] reads a few small files and variables once, when telemetry starts. Names and values follow
//! OpenTelemetry's semantic conventions: <https://opentelemetry.io/docs/specs/semconv/resource/>. What cannot be read, or
//! does not look as it should, is left out: a start never fails for it.

mod container;
mod host;
mod kubernetes;
mod process;
mod surroundings;

pub use surroundings::Surroundings;

/// A group of resource attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detector {
    /// `host.name`, `host.arch`, `host.id`, `os.type`, `os.description`.
    Host,
    /// `process.pid`, `process.executable.name`, `process.runtime.name`. Not the command line: it may hold secrets.
    Process,
    /// `container.id`.
    Container,
    /// `k8s.pod.name`, `k8s.pod.uid`, `k8s.namespace.name`, `k8s.node.name`.
    Kubernetes,
}

impl Detector {
    /// Every detector, in the order of their attributes; all are on by default.
    pub const ALL: [Self; 4] = [Self::Host, Self::Process, Self::Container, Self::Kubernetes];

    /// `host`, `process`, `container` or `k8s`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Process => "process",
            Self::Container => "container",
            Self::Kubernetes => "k8s",
        }
    }
}

/// Keys and values that `detectors` find in `place`; each key once, each value at most 255 bytes without control
/// characters.
///
/// ```
/// use obs_core::resource::{Detector, Surroundings, detect};
/// let found = detect(&[Detector::Process], &Surroundings::here());
/// assert!(found.contains(&("process.runtime.name".to_owned(), "rust".to_owned())));
/// ```
pub fn detect(detectors: &[Detector], place: &Surroundings<'_>) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for detector in detectors {
        let attributes = match detector {
            Detector::Host => host::detect(place),
            Detector::Process => process::detect(place),
            Detector::Container => container::detect(place),
            Detector::Kubernetes => kubernetes::detect(place),
        };
        for (key, value) in attributes {
            if let Some(value) = surroundings::clean(&value)
                && !found.iter().any(|(known, _)| known == key)
            {
                found.push((key.to_owned(), value));
            }
        }
    }
    found
}

/// A key and what was found for it.
type Attribute = (&'static str, String);

/// Those of `pairs` that have a value.
fn present<const N: usize>(pairs: [(&'static str, Option<String>); N]) -> Vec<Attribute> {
    pairs.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

#[cfg(test)]
mod tests;
