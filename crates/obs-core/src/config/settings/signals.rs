//! `log.*`, `traces.*`, `metrics.*`, `profile.*`: how signals are recorded.

use super::{BASE, Setting};
use crate::config::parse;

pub(super) const SETTINGS: [Setting; 5] = [
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
        set: |c, v| parse::format(v).map(|v| c.log_format = Some(v)),
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
