//! `log.*`, `performance.*`, `metrics.*`, `profile.*`: how signals are recorded; for traces see `traces.rs`.

use super::{BASE, BOOLEAN, Setting, TIMEOUT_MAX};
use crate::config::parse;

pub(super) const LOG: [Setting; 2] = [
    Setting {
        key: "log.level",
        env: "ACM_LOG_LEVEL",
        aliases: &["OPTIMIZER_LOG_LEVEL", "AURUM_LOG_LEVEL"],
        default: "info",
        accepts: "trace, debug, info, warn, error or critical",
        doc: "least level that is logged",
        set: |c, v| parse::level(v).map(|v| c.log_level = v),
        ..BASE
    },
    Setting {
        key: "log.format",
        env: "ACM_LOG_FORMAT",
        aliases: &["AURUM_LOG_FORMAT"],
        default: "json",
        accepts: "json or console",
        doc: "format of log lines on stdout and stderr; the command uses console on a terminal unless this is set",
        set: |c, v| parse::format(v).map(|v| c.log_format = Some(v)),
        ..BASE
    },
];

pub(super) const OTHERS: [Setting; 4] = [
    Setting {
        key: "performance.enabled",
        env: "OBS_PERFORMANCE_TRACKING_ENABLED",
        aliases: &["AURUM_PERFORMANCE_TRACKING_ENABLED"],
        default: "true",
        accepts: BOOLEAN,
        doc: "whether slow work is looked for",
        set: |c, v| parse::boolean(v).map(|v| c.performance.enabled = v),
        ..BASE
    },
    Setting {
        key: "performance.slow_query_ms",
        env: "OBS_SLOW_QUERY_THRESHOLD_MS",
        aliases: &["AURUM_SLOW_QUERY_THRESHOLD_MS"],
        default: "1000",
        accepts: "whole milliseconds from 0 to 3600000",
        doc: "how long a query may take before it counts as slow",
        set: |c, v| parse::millis(v, 0..=TIMEOUT_MAX).map(|v| c.performance.slow_query = v),
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
