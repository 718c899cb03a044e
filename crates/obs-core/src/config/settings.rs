//! The table of settings.

use super::parse;
use super::{Config, LogFormat, Url};

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

/// Every setting there is.
pub static SETTINGS: [Setting; 13] = [
    Setting {
        key: "service.name",
        env: "OTEL_SERVICE_NAME",
        default: "acm",
        accepts: NAME,
        doc: "name of this program in all four signals",
        set: |c, v| parse::name(v).map(|v| c.service_name = v),
        ..BASE
    },
    Setting {
        key: "service.version",
        env: "OBS_SERVICE_VERSION",
        accepts: NAME,
        doc: "version of this program",
        set: |c, v| parse::name(v).map(|v| c.service_version = v),
        ..BASE
    },
    Setting {
        key: "service.environment",
        env: "OBS_ENVIRONMENT",
        default: "development",
        accepts: NAME,
        doc: "deployment environment",
        set: |c, v| parse::name(v).map(|v| c.environment = v),
        ..BASE
    },
    Setting {
        key: "otlp.endpoint",
        env: "OTEL_EXPORTER_OTLP_ENDPOINT",
        accepts: URL,
        doc: "OTLP/HTTP receiver for traces and metrics; off when unset",
        set: |c, v| parse::url(v).map(|v| c.otlp_endpoint = Some(Url::new(v))),
        ..BASE
    },
    Setting {
        key: "otlp.headers",
        env: "OTEL_EXPORTER_OTLP_HEADERS",
        accepts: "name=value pairs separated by commas, values percent-encoded",
        doc: "headers of every OTLP request",
        secret: true,
        set: |c, v| parse::headers(v).map(|v| c.otlp_headers = v),
        ..BASE
    },
    Setting {
        key: "loki.endpoint",
        env: "ACM_LOKI_ENDPOINT",
        accepts: URL,
        doc: "Loki for log lines; off when unset",
        set: |c, v| parse::url(v).map(|v| c.loki_endpoint = Some(Url::new(v))),
        ..BASE
    },
    Setting {
        key: "pyroscope.endpoint",
        env: "ACM_PYROSCOPE_ENDPOINT",
        accepts: URL,
        doc: "Pyroscope for profiles; off when unset",
        set: |c, v| parse::url(v).map(|v| c.pyroscope_endpoint = Some(Url::new(v))),
        ..BASE
    },
    Setting {
        key: "log.level",
        env: "ACM_LOG_LEVEL",
        default: "info",
        accepts: "trace, debug, info, warn, error or critical",
        doc: "least level that is logged",
        set: |c, v| parse::level(v).map(|v| c.log_level = v),
        ..BASE
    },
    Setting {
        key: "log.format",
        env: "ACM_LOG_FORMAT",
        default: "json",
        accepts: "json or console",
        doc: "format of log lines on stdout and stderr; the command uses console on a terminal unless this is set",
        set: |c, v| {
            c.log_format = Some(match v.to_ascii_lowercase().as_str() {
                "json" => LogFormat::Json,
                "console" => LogFormat::Console,
                _ => return None,
            });
            Some(())
        },
        ..BASE
    },
    Setting {
        key: "traces.sample_ratio",
        env: "OTEL_TRACES_SAMPLER_ARG",
        default: "1.0",
        accepts: "a number from 0 to 1",
        doc: "share of root traces that are recorded",
        lenient: true,
        set: |c, v| parse::number(v, 0.0..=1.0).map(|v| c.sample_ratio = v),
        ..BASE
    },
    Setting {
        key: "sdk.disabled",
        env: "OTEL_SDK_DISABLED",
        default: "false",
        accepts: "true or false",
        doc: "turns traces, metrics and profiles off; logs still print",
        lenient: true,
        set: |c, v| parse::boolean(v).map(|v| c.sdk_disabled = v),
        ..BASE
    },
    Setting {
        key: "metrics.interval_ms",
        env: "OTEL_METRIC_EXPORT_INTERVAL",
        default: "60000",
        accepts: "whole milliseconds from 100 to 86400000",
        doc: "time between two collections of the metrics",
        set: |c, v| parse::millis(v, 100..=86_400_000).map(|v| c.metric_interval = v),
        ..BASE
    },
    Setting {
        key: "profile.hz",
        env: "OBS_PROFILE_HZ",
        default: "100",
        accepts: "a whole number from 1 to 1000",
        doc: "stack samples per second of CPU time",
        set: |c, v| {
            parse::number(v, 1.0..=1000.0).filter(|v| v.fract() == 0.0).map(|v| c.profile_hz = v as u32)
        },
        ..BASE
    },
];
