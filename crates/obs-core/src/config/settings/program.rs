//! `service.*`, `sdk.*`, `diag.*`: the program as a whole.

use super::{BASE, BOOLEAN, NAME, Setting};
use crate::config::parse;

pub(super) const SETTINGS: [Setting; 6] = [
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
        key: "service.instance_id",
        env: "OBS_SERVICE_INSTANCE_ID",
        unset: "host name and process id",
        accepts: NAME,
        doc: "this process among its like",
        set: |c, v| parse::name(v).map(|v| c.service_instance = Some(v)),
        ..BASE
    },
    Setting {
        key: "service.environment",
        env: "OBS_ENVIRONMENT",
        aliases: &["OPTIMIZER_ENVIRONMENT"],
        default: "development",
        accepts: NAME,
        doc: "deployment environment; production and prod sample traces by default",
        set: |c, v| parse::name(v).map(|v| c.environment = v),
        ..BASE
    },
    Setting {
        key: "sdk.disabled",
        env: "OTEL_SDK_DISABLED",
        default: "false",
        accepts: BOOLEAN,
        doc: "turns traces, metrics and profiles off; logs still print",
        lenient: true,
        set: |c, v| parse::boolean(v).map(|v| c.sdk_disabled = v),
        ..BASE
    },
    Setting {
        key: "diag.level",
        env: "OTEL_LOG_LEVEL",
        default: "warn",
        accepts: "none, error, warn, info or debug",
        doc: "how much obs says of its own troubles on stderr",
        lenient: true,
        set: |c, v| parse::diag_level(v).map(|v| c.diag_level = v),
        ..BASE
    },
];
