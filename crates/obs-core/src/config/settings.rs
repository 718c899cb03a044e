//! The table of settings: one file per section below, one table here.

mod limits;
mod otlp;
mod program;
mod push;
mod resource;
mod signals;
mod spool;
mod traces;

use super::draft::Draft;

pub(super) use otlp::TEMPO;

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its key in builder and file: `section.name`.
    pub key: &'static str,
    /// Its environment variable.
    pub env: &'static str,
    /// Other variables that set it, from other vocabularies. Of all that are set [`Setting::env`] wins, then the first
    /// here; another value in one that does not win is warned of.
    pub aliases: &'static [&'static str],
    /// Its default, as text.
    pub default: &'static str,
    /// What is in force when it is unset, where that depends on other settings; else empty, and the default is.
    pub unset: &'static str,
    /// What is accepted, as the error says it.
    pub accepts: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// Whether the value is a secret, never to be shown.
    pub secret: bool,
    /// Whether a bad value is a warning and the default is used, as OpenTelemetry demands of its own variables.
    pub lenient: bool,
    /// Writes the parsed value; `None` when the text is not accepted.
    pub(super) set: fn(&mut Draft, &str) -> Option<()>,
}

impl Setting {
    /// Every variable that sets it, in the order of their precedence: OpenTelemetry's, obs's own, then those of `ACM_`,
    /// `OPTIMIZER_` and `AURUM_`.
    pub fn variables(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.env).chain(self.aliases.iter().copied())
    }
}

const BASE: Setting = Setting {
    key: "",
    env: "",
    aliases: &[],
    default: "",
    unset: "",
    accepts: "any text",
    doc: "",
    secret: false,
    lenient: false,
    set: |_, _| None,
};

const NAME: &str = "a name of 1 to 255 characters, none of them a control character";
const URL: &str = "an http:// or https:// URL with a host, such as http://localhost:4318";
const HEADERS: &str = "name=value pairs separated by commas, values percent-encoded";
const TIMEOUT: &str = "whole milliseconds from 1 to 3600000";
const PATH: &str = "the path of a PEM file";
const BOOLEAN: &str = "true or false";
const COUNT_LIMIT: &str = "a whole number from 0 to 4294967295";

/// Longest timeout that is accepted, in milliseconds: an hour.
const TIMEOUT_MAX: u64 = 3_600_000;

/// The sections, in the order of the reference pages.
const SECTIONS: [&[Setting]; 15] = [
    &program::SETTINGS,
    &resource::SETTINGS,
    &otlp::GENERAL,
    &otlp::TRACES,
    &otlp::METRICS,
    &push::LOKI,
    &push::LOKI_SWITCH,
    &push::PYROSCOPE,
    &signals::LOG,
    &traces::GENERAL,
    &traces::KEEPING,
    &limits::SPANS,
    &limits::BATCHES,
    &signals::OTHERS,
    &spool::SETTINGS,
];

/// Every setting there is.
pub static SETTINGS: [Setting; COUNT] = table();

const COUNT: usize = {
    let (mut count, mut section) = (0, 0);
    while section < SECTIONS.len() {
        count += SECTIONS[section].len();
        section += 1;
    }
    count
};

/// The sections one after the other; constants know no iterators.
const fn table() -> [Setting; COUNT] {
    let mut all = [BASE; COUNT];
    let (mut next, mut section) = (0, 0);
    while section < SECTIONS.len() {
        let mut index = 0;
        while index < SECTIONS[section].len() {
            all[next] = SECTIONS[section][index];
            next += 1;
            index += 1;
        }
        section += 1;
    }
    all
}
