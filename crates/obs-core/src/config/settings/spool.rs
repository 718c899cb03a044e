//! `spool.*`: where items wait on disk.

use super::{BASE, Setting};
use crate::config::parse;
use std::time::Duration;

pub(super) const SETTINGS: [Setting; 3] = [
    Setting {
        key: "spool.dir",
        env: "OBS_SPOOL_DIR",
        accepts: "the path of a folder",
        doc: "folder where items wait for destinations that do not take them; off when unset",
        set: |c, v| parse::path(v).map(|v| c.spool.dir = Some(v)),
        ..BASE
    },
    Setting {
        key: "spool.max_bytes",
        env: "OBS_SPOOL_MAX_BYTES",
        default: "1073741824",
        accepts: "a whole number of bytes, at least 1048576 (1 MiB)",
        doc: "bytes on disk that the spool may hold",
        set: |c, v| parse::whole(v, 1 << 20..=u64::MAX).map(|v| c.spool.max_bytes = v),
        ..BASE
    },
    Setting {
        key: "spool.max_age_s",
        env: "OBS_SPOOL_MAX_AGE",
        default: "604800",
        accepts: "whole seconds from 1 to 315360000 (ten years)",
        doc: "age at which an item in the spool is given up",
        set: |c, v| parse::whole(v, 1..=315_360_000).map(|v| c.spool.max_age = Duration::from_secs(v)),
        ..BASE
    },
];
