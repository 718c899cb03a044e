//! Lines for unit tests.

use std::sync::{Arc, Mutex};

use obs_core::{Clock, Ids, ServiceIdentity};

use crate::level::Level;
use crate::line::LogLine;
use crate::logs::Logs;

/// 2026-11-21 12:57:25.123456789 UTC
pub(crate) const NOW: u64 = 1_795_265_845_123_456_789;

/// Logs of service `acm` at [`NOW`], from TRACE on, and the lines they wrote.
pub(crate) fn lines(log: impl FnOnce(&Logs)) -> Vec<LogLine> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let output = Arc::clone(&lines);
    let logs = Logs::builder(&ServiceIdentity::default())
        .level(Level::Trace)
        .clock(Clock::manual(NOW))
        .ids(&Ids::sequential())
        .build(move |line| output.lock().unwrap().push(line));
    log(&logs);
    std::mem::take(&mut *lines.lock().unwrap())
}
