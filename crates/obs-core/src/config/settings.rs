//! The table of settings: one file per section below, one table here.

mod otlp;
mod program;
mod push;
mod signals;
mod spool;

use super::Config;

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its key in builder and file: `section.name`.
    pub key: &'static str,
    /// Its environment variable.
    pub env: &'static str,
    /// Its default, as text.
    pub default: &'static str,
    /// What is accepted, as the error says it.
    pub accepts: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// Whether the value is a secret, never to be shown.
    pub secret: bool,
    /// Whether a bad value is a warning and the default is used, as OpenTelemetry demands of its own variables.
    pub lenient: bool,
    /// Writes the parsed value; `None` when the text is not accepted.
    pub(super) set: fn(&mut Config, &str) -> Option<()>,
}

const BASE: Setting = Setting {
    key: "",
    env: "",
    default: "",
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

/// Longest timeout that is accepted, in milliseconds: an hour.
const TIMEOUT_MAX: u64 = 3_600_000;

/// The sections, in the order of the reference pages.
const SECTIONS: [&[Setting]; 8] = [
    &program::SETTINGS,
    &otlp::GENERAL,
    &otlp::TRACES,
    &otlp::METRICS,
    &push::LOKI,
    &push::PYROSCOPE,
    &signals::SETTINGS,
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
