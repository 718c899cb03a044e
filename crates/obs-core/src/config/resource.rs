//! `OTEL_RESOURCE_ATTRIBUTES`: pairs of keys and values, of which some are settings of the service.

use super::draft::{Draft, Raw};
use super::load::{Loaded, Provenance, shown};
use super::settings::{SETTINGS, Setting};
use super::{parse, url};
use crate::keys;

/// What a pair looks like, as the warning says it.
pub(super) const PAIR: &str = "key=value pairs separated by commas, keys and values percent-encoded, without control \
                               characters, keys of 1 to 255 and values of at most 4096 bytes";

/// Longest key, in bytes.
const KEY_BYTES: usize = 255;
/// Longest value, in bytes.
const VALUE_BYTES: usize = 4096;

/// Keys that a setting of its own has, beside those of the library.
const SERVICE: [(&str, &str); 5] = [
    (keys::SERVICE_NAME, "service.name"),
    (keys::SERVICE_VERSION, "service.version"),
    (keys::SERVICE_INSTANCE_ID, "service.instance_id"),
    (keys::DEPLOYMENT_ENVIRONMENT_NAME, "service.environment"),
    (keys::DEPLOYMENT_ENVIRONMENT, "service.environment"),
];

/// Sorts the pairs of `text` into good ones, of which the last of a key counts, and bad ones.
pub(super) fn read(text: &str, raw: &mut Raw) {
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        match split(pair) {
            Some((key, value)) => {
                raw.attributes_of_resource.retain(|(known, _)| *known != key);
                raw.attributes_of_resource.push((key, value));
            }
            None => raw.bad_pairs.push(pair.to_owned()),
        }
    }
}

fn split(pair: &str) -> Option<(String, String)> {
    let (key, value) = pair.split_once('=')?;
    let key = parse::percent_decode(key.trim())?;
    let value = parse::percent_decode(value.trim())?;
    let sized = (1..=KEY_BYTES).contains(&key.len()) && value.len() <= VALUE_BYTES;
    let printable = |text: &str| !text.chars().any(char::is_control);
    (sized && printable(&key) && printable(&value)).then_some((key, value))
}

/// Hands what is about the service to the settings of the service that are unset, the rest to the configuration, and warns
/// of what cannot be used.
pub(super) fn finish(draft: &mut Draft, loaded: &mut Loaded) {
    let from = loaded.provenance("resource.attributes");
    let name = from.naming("resource.attributes");
    for pair in std::mem::take(&mut draft.raw.bad_pairs) {
        let pair: String = url::masked(&pair).chars().take(80).flat_map(char::escape_debug).collect();
        loaded.warnings.push(format!("{name}: `{pair}` is not accepted: expected {PAIR}; it is left out"));
    }
    for (key, value) in std::mem::take(&mut draft.raw.attributes_of_resource) {
        let setting = SERVICE.iter().find(|(known, _)| *known == key);
        if let Some(setting) = setting.and_then(|(_, key)| SETTINGS.iter().find(|s| s.key == *key)) {
            service(setting, &key, &value, &from, draft, loaded);
        } else if key.starts_with("telemetry.sdk.") {
            loaded.warnings.push(format!("{name}: {key} is the library's own to set; it is left out"));
        } else {
            draft.config.resource_attributes.push((key, value));
        }
    }
}

fn service(
    setting: &Setting,
    key: &str,
    value: &str,
    from: &Provenance,
    draft: &mut Draft,
    loaded: &mut Loaded,
) {
    if loaded.provenance(setting.key) != Provenance::Default {
        return;
    }
    if (setting.set)(draft, value).is_some() {
        loaded.provenance.insert(setting.key, from.clone());
    } else {
        let (name, value) = (from.naming("resource.attributes"), shown(setting, value));
        loaded.warnings.push(format!(
            "{name}: {key} = `{value}` is not accepted: expected {}; it is left out",
            setting.accepts
        ));
    }
}
