//! Reading settings from their sources.

use super::draft::Draft;
use super::environment::{self, Variable};
use super::settings::{SETTINGS, Setting};
use super::{Config, check, url};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// Where settings come from.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// Set by the program: key and value; the last of a key wins.
    pub builder: &'a [(String, String)],
    /// Looks up an environment variable; an empty value counts as unset, as OpenTelemetry has it.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// The names of all variables that are set, of which unknown ones that begin with `OBS_` are warned of. Other names
    /// do not matter.
    pub variables: &'a [String],
    /// A TOML file with a table per section: `[otlp]`, `endpoint = "…"`.
    pub file: Option<&'a Path>,
}

impl fmt::Debug for Sources<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the values: a builder's may be secret.
        f.debug_struct("Sources").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Default for Sources<'_> {
    fn default() -> Self {
        Self { builder: &[], env: &|_| None, variables: &[], file: None }
    }
}

/// Where a setting's value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// The program set it.
    Builder,
    /// The environment variable of this name.
    Environment(&'static str),
    /// This file.
    File(PathBuf),
    /// Nobody set it.
    Default,
}

impl Provenance {
    /// What the setting `key` is called where it was set.
    pub(super) fn naming(&self, key: &str) -> String {
        match self {
            Self::Environment(name) => (*name).to_owned(),
            Self::File(path) => format!("{key} in {}", path.display()),
            Self::Builder | Self::Default => key.to_owned(),
        }
    }
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Builder => f.write_str("builder"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A configuration, where each setting came from, and what deserves a warning.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// One line each: bad values of lenient settings, whose default is in force; variables that contradict each other,
    /// have no effect or are unknown; destinations beyond this machine that are not encrypted.
    pub warnings: Vec<String>,
    pub(super) provenance: BTreeMap<&'static str, Provenance>,
}

impl Loaded {
    /// Where the setting `key` came from; [`Provenance::Default`] for an unknown key.
    pub fn provenance(&self, key: &str) -> Provenance {
        self.provenance.get(key).cloned().unwrap_or(Provenance::Default)
    }
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A value that is not accepted.
    #[error("{what} = `{value}` is not accepted: expected {accepts}")]
    Value {
        /// The variable, file key or builder key.
        what: String,
        /// The value, shortened; `***` when secret.
        value: String,
        /// What is accepted.
        accepts: &'static str,
    },
    /// A value that is larger than another allows.
    #[error("{what} = {value} is not accepted: expected at most {limit}, which is {other}")]
    TooLarge {
        /// The variable, file key or builder key.
        what: String,
        /// Its value.
        value: usize,
        /// The variable, file key or builder key that bounds it.
        other: String,
        /// The largest value that it allows.
        limit: usize,
    },
    /// A key that does not exist.
    #[error("unknown setting `{key}` in {place}: expected one of {known}")]
    UnknownKey {
        /// The key.
        key: String,
        /// The file, or the builder.
        place: String,
        /// Every key there is.
        known: String,
    },
    /// A file that cannot be read.
    #[error("cannot read configuration file {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that is not TOML.
    #[error("configuration file {path} is not valid TOML: {message}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Line and reason, in one line.
        message: String,
    },
}

pub(super) fn load(sources: &Sources<'_>) -> Result<Loaded, ConfigError> {
    let from_file = sources.file.map(read_file).transpose()?.unwrap_or_default();
    for (key, _) in sources.builder {
        known(key, "the builder")?;
    }
    let mut draft = Draft::default();
    let mut loaded = Loaded { config: Config::default(), warnings: Vec::new(), provenance: BTreeMap::new() };
    for setting in &SETTINGS {
        let builder = sources.builder.iter().rev().find(|(k, _)| k == setting.key);
        let variables = || environment::set(setting, sources.env);
        if let Some((_, value)) = builder {
            apply(setting, value, Provenance::Builder, &mut draft, &mut loaded)?;
        } else if let [Variable { name, value }, others @ ..] = variables().as_slice() {
            apply(setting, value, Provenance::Environment(name), &mut draft, &mut loaded)?;
            loaded.warnings.extend(environment::contradictions(setting, name, value, others));
        } else if let (Some(path), Some(value)) = (sources.file, from_file.get(setting.key)) {
            apply(setting, value, Provenance::File(path.to_owned()), &mut draft, &mut loaded)?;
        }
    }
    draft.finish(&mut loaded)?;
    check::schemes(&loaded)?;
    check::plaintext(&mut loaded);
    loaded.warnings.extend(environment::unknown(sources.variables));
    Ok(loaded)
}

fn apply(
    setting: &Setting,
    value: &str,
    from: Provenance,
    draft: &mut Draft,
    loaded: &mut Loaded,
) -> Result<(), ConfigError> {
    if (setting.set)(draft, value.trim()).is_some() {
        loaded.provenance.insert(setting.key, from);
        return Ok(());
    }
    let error = refused(setting, value, &from);
    if setting.lenient {
        loaded.warnings.push(format!("{error}; using {}", setting.default));
        // Said aloud, so that it holds also where being unset means something else.
        (setting.set)(draft, setting.default);
        return Ok(());
    }
    Err(error)
}

pub(super) fn refused(setting: &Setting, value: &str, from: &Provenance) -> ConfigError {
    ConfigError::Value {
        what: from.naming(setting.key),
        value: shown(setting, value),
        accepts: setting.accepts,
    }
}

/// A value as messages show it.
pub(super) fn shown(setting: &Setting, value: &str) -> String {
    // Masked before it is shortened: the mark that a password precedes may lie beyond the cut.
    if setting.secret {
        "***".to_owned()
    } else {
        url::masked(value).chars().take(80).flat_map(char::escape_debug).collect()
    }
}

fn known(key: &str, place: &str) -> Result<(), ConfigError> {
    if SETTINGS.iter().any(|s| s.key == key) {
        return Ok(());
    }
    let keys: Vec<&str> = SETTINGS.iter().map(|s| s.key).collect();
    Err(ConfigError::UnknownKey { key: key.to_owned(), place: place.to_owned(), known: keys.join(", ") })
}

/// A file's settings by dotted key, each value as text.
fn read_file(path: &Path) -> Result<BTreeMap<String, String>, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
    let table: toml::Table = text.parse().map_err(|e: toml::de::Error| ConfigError::Syntax {
        path: path.to_owned(),
        message: e.to_string(),
    })?;
    let mut values = BTreeMap::new();
    for (section, content) in table {
        let entries = match content {
            toml::Value::Table(entries) => entries,
            scalar => toml::Table::from_iter([(String::new(), scalar)]),
        };
        for (name, value) in entries {
            let key = if name.is_empty() { section.clone() } else { format!("{section}.{name}") };
            known(&key, &path.display().to_string())?;
            let text = match value {
                toml::Value::String(text) => text,
                other => other.to_string(),
            };
            values.insert(key, text);
        }
    }
    Ok(values)
}
