//! `loki.*`, `pyroscope.*`: where log lines and profiles are pushed.

use super::{BASE, BOOLEAN, HEADERS, PATH, Setting, TIMEOUT, TIMEOUT_MAX, URL};
use crate::config::parse;

const HEADER: &str = "printable ASCII without spaces";

/// The settings of the section and field `$field`; `$endpoint` is the variable of the endpoint and `$aliases` others of
/// it, `$env` what the rest begin with, `$what` and `$of` who gets what, `$timeout` the default in milliseconds.
macro_rules! section {
    ($field:ident, $endpoint:literal, $aliases:expr, $env:literal, $what:literal, $of:literal, $timeout:literal) => {
        [
            Setting {
                key: concat!(stringify!($field), ".endpoint"),
                env: $endpoint,
                aliases: &$aliases,
                accepts: URL,
                doc: concat!($what, " for ", $of, "; off when unset"),
                set: |c, v| parse::url(v).map(|v| c.$field.endpoint = Some(v)),
                ..BASE
            },
            Setting {
                key: concat!(stringify!($field), ".headers"),
                env: concat!($env, "_HEADERS"),
                accepts: HEADERS,
                doc: concat!("headers of every request to ", $what),
                secret: true,
                set: |c, v| parse::headers(v).map(|v| c.$field.headers = v),
                ..BASE
            },
            Setting {
                key: concat!(stringify!($field), ".tenant"),
                env: concat!($env, "_TENANT"),
                accepts: HEADER,
                doc: concat!("tenant of ", $what, ", sent as X-Scope-OrgID"),
                secret: true,
                set: |c, v| parse::header_value(v).map(|v| c.$field.tenant = Some(v)),
                ..BASE
            },
            Setting {
                key: concat!(stringify!($field), ".bearer_token"),
                env: concat!($env, "_BEARER_TOKEN"),
                accepts: HEADER,
                doc: concat!("token for ", $what, ", sent as Authorization: Bearer"),
                secret: true,
                set: |c, v| parse::header_value(v).map(|v| c.$field.bearer_token = Some(v)),
                ..BASE
            },
            Setting {
                key: concat!(stringify!($field), ".timeout_ms"),
                env: concat!($env, "_TIMEOUT"),
                default: $timeout,
                accepts: TIMEOUT,
                doc: concat!("time for the whole of a request to ", $what),
                set: |c, v| parse::millis(v, 1..=TIMEOUT_MAX).map(|v| c.$field.timeout = v),
                ..BASE
            },
            Setting {
                key: concat!(stringify!($field), ".certificate"),
                env: concat!($env, "_CERTIFICATE"),
                accepts: PATH,
                doc: concat!(
                    "certificates of the authorities that are trusted instead of the system's, for ",
                    $what
                ),
                set: |c, v| parse::path(v).map(|v| c.$field.certificate = Some(v)),
                ..BASE
            },
            Setting {
                key: concat!(stringify!($field), ".client_certificate"),
                env: concat!($env, "_CLIENT_CERTIFICATE"),
                accepts: PATH,
                doc: concat!("certificate chain that the client shows to ", $what),
                set: |c, v| parse::path(v).map(|v| c.$field.client_certificate = Some(v)),
                ..BASE
            },
            Setting {
                key: concat!(stringify!($field), ".client_key"),
                env: concat!($env, "_CLIENT_KEY"),
                accepts: PATH,
                doc: concat!("private key of the client certificate for ", $what),
                set: |c, v| parse::path(v).map(|v| c.$field.client_key = Some(v)),
                ..BASE
            },
        ]
    };
}

pub(super) const LOKI: [Setting; 8] =
    section!(loki, "ACM_LOKI_ENDPOINT", ["OPTIMIZER_LOKI_ENDPOINT"], "OBS_LOKI", "Loki", "log lines", "5000");
pub(super) const LOKI_SWITCH: [Setting; 1] = [Setting {
    key: "loki.enabled",
    env: "OBS_LOKI_ENABLED",
    aliases: &["OPTIMIZER_LOG_TO_LOKI"],
    default: "true",
    accepts: BOOLEAN,
    doc: "whether log lines go to a Loki that has an endpoint",
    set: |c, v| parse::boolean(v).map(|v| c.raw.no_loki = !v),
    ..BASE
}];
pub(super) const PYROSCOPE: [Setting; 8] =
    section!(pyroscope, "ACM_PYROSCOPE_ENDPOINT", [], "OBS_PYROSCOPE", "Pyroscope", "profiles", "10000");
