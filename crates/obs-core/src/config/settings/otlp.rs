//! `otlp.*`, `otlp_traces.*`, `otlp_metrics.*`: the exporter variables of OpenTelemetry, for all signals and for one.
//!
//! <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>

use super::{BASE, BOOLEAN, HEADERS, PATH, Setting, TIMEOUT, TIMEOUT_MAX};
use crate::config::parse;

const ENDPOINT: &str =
    "an http:// or https:// URL with a host, such as http://localhost:4318; for grpc also HOST:PORT";

/// The variable of a Tempo, whose users are used to give its base and the port of gRPC.
pub(in crate::config) const TEMPO: &str = "OPTIMIZER_TEMPO_ENDPOINT";

/// What of one signal is unset comes from the general settings.
const NO_DEFAULTS: [&str; 4] = [""; 4];

/// The settings of the section `$section`, whose variables begin with `$env`, in the field `$field`; `$aliases` are other
/// variables of the endpoint, `$of` is whose requests they are about, `$endpoint` what is done with the endpoint,
/// `$defaults` those of timeout, compression, protocol and insecure.
macro_rules! section {
    ($section:literal, $env:literal, $aliases:expr, $field:ident, $of:literal, $endpoint:literal, $defaults:expr) => {
        [
            Setting {
                key: concat!($section, ".endpoint"),
                env: concat!($env, "_ENDPOINT"),
                aliases: &$aliases,
                accepts: ENDPOINT,
                doc: $endpoint,
                set: |c, v| parse::url_or_address(v).map(|v| c.$field.endpoint = v.into()),
                ..BASE
            },
            Setting {
                key: concat!($section, ".headers"),
                env: concat!($env, "_HEADERS"),
                accepts: HEADERS,
                doc: concat!("headers of every OTLP request of ", $of),
                secret: true,
                set: |c, v| parse::headers(v).map(|v| c.$field.headers = v.into()),
                ..BASE
            },
            Setting {
                key: concat!($section, ".timeout_ms"),
                env: concat!($env, "_TIMEOUT"),
                default: $defaults[0],
                accepts: TIMEOUT,
                doc: concat!("time for the whole of an OTLP request of ", $of),
                set: |c, v| parse::millis(v, 1..=TIMEOUT_MAX).map(|v| c.$field.timeout = v.into()),
                ..BASE
            },
            Setting {
                key: concat!($section, ".compression"),
                env: concat!($env, "_COMPRESSION"),
                default: $defaults[1],
                accepts: "none, gzip or zstd",
                doc: concat!("compression of OTLP requests of ", $of),
                set: |c, v| parse::compression(v).map(|v| c.$field.compression = v.into()),
                ..BASE
            },
            Setting {
                key: concat!($section, ".protocol"),
                env: concat!($env, "_PROTOCOL"),
                default: $defaults[2],
                accepts: "http/protobuf or grpc",
                doc: concat!("what carries OTLP requests of ", $of),
                set: |c, v| parse::protocol(v).map(|v| c.$field.protocol = v.into()),
                ..BASE
            },
            Setting {
                key: concat!($section, ".certificate"),
                env: concat!($env, "_CERTIFICATE"),
                accepts: PATH,
                doc: concat!(
                    "certificates of the authorities that are trusted instead of the system's, for ",
                    $of
                ),
                set: |c, v| parse::path(v).map(|v| c.$field.certificate = Some(v)),
                ..BASE
            },
            Setting {
                key: concat!($section, ".client_key"),
                env: concat!($env, "_CLIENT_KEY"),
                accepts: PATH,
                doc: concat!("private key of the client certificate, for ", $of),
                set: |c, v| parse::path(v).map(|v| c.$field.client_key = Some(v)),
                ..BASE
            },
            Setting {
                key: concat!($section, ".client_certificate"),
                env: concat!($env, "_CLIENT_CERTIFICATE"),
                accepts: PATH,
                doc: concat!("certificate chain that the client shows, for ", $of),
                set: |c, v| parse::path(v).map(|v| c.$field.client_certificate = Some(v)),
                ..BASE
            },
            Setting {
                key: concat!($section, ".insecure"),
                env: concat!($env, "_INSECURE"),
                default: $defaults[3],
                accepts: BOOLEAN,
                doc: concat!("whether a grpc endpoint without http:// or https:// is plaintext, for ", $of),
                set: |c, v| parse::boolean(v).map(|v| c.$field.insecure = v.into()),
                ..BASE
            },
        ]
    };
}

pub(super) const GENERAL: [Setting; 9] = section!(
    "otlp",
    "OTEL_EXPORTER_OTLP",
    [],
    otlp,
    "traces and metrics",
    "OTLP receiver for traces and metrics; HTTP appends /v1/traces or /v1/metrics; off when unset",
    ["10000", "gzip", "http/protobuf", "false"]
);
pub(super) const TRACES: [Setting; 9] = section!(
    "otlp_traces",
    "OTEL_EXPORTER_OTLP_TRACES",
    [TEMPO],
    traces,
    "traces alone",
    "OTLP receiver for traces alone; used as it is, but from OPTIMIZER_TEMPO_ENDPOINT, which is a base: port 4317 means \
     grpc unless a protocol is set, and HTTP appends /v1/traces to one without a path",
    NO_DEFAULTS
);
pub(super) const METRICS: [Setting; 9] = section!(
    "otlp_metrics",
    "OTEL_EXPORTER_OTLP_METRICS",
    [],
    metrics,
    "metrics alone",
    "OTLP receiver for metrics alone; used as it is",
    NO_DEFAULTS
);
