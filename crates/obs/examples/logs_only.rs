//! Logs and nothing else: without an endpoint no socket is ever open. It counts them to show it (Linux only).

use obs::{log, span};
use std::error::Error;
use std::time::Duration;

fn main() -> Result<(), Box<dyn Error>> {
    let before = sockets()?;
    let telemetry = obs::init("acm-batch")?;
    let logger = obs::logger("acm.batch");
    {
        let _work = span!(obs::tracer(), "pipeline.run");
        log::run!(logger, "batch started"; "before_init" => before, "sockets" => sockets()?);
    }
    let flushed = telemetry.flush(Duration::from_secs(5));
    log::run!(logger, "batch ended"; "flushed" => flushed.is_complete(), "sockets" => sockets()?);
    let report = telemetry.shutdown(Duration::from_secs(5));
    if report.is_clean() { Ok(()) } else { Err(report.to_string().into()) }
}

/// How many sockets this process has open.
fn sockets() -> std::io::Result<usize> {
    let open =
        std::fs::read_dir("/proc/self/fd")?.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    Ok(open.filter(|target| target.to_string_lossy().starts_with("socket:")).count())
}
