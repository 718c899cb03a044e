//! The delivery engine as the settings want it.

use crate::error::InitError;
use obs_core::{BatchConfig, Clock, Config, Diag, Ledger};
use obs_export::{Engine, Limits, Retry, Spool, SpoolOptions};
use std::sync::Arc;

/// Lines are small and come in crowds: larger batches than OpenTelemetry's 512 spare requests.
const LINES_IN_A_BATCH: usize = 4096;

/// An engine, with a spool if one is wanted and there is a folder for it.
pub(crate) fn engine(
    config: &Config,
    ledger: Arc<Ledger>,
    clock: Clock,
    diag: Diag,
    spooling: bool,
) -> Result<Engine, InitError> {
    let engine = Engine::new(ledger, clock.clone(), diag.clone());
    let Some(dir) = config.spool.dir.as_ref().filter(|_| spooling) else { return Ok(engine) };
    let options = SpoolOptions {
        max_bytes: config.spool.max_bytes,
        max_age: config.spool.max_age,
        ..SpoolOptions::new(dir)
    };
    let spool = Spool::open(options, &config.service_name, clock, diag)?;
    Ok(engine.with_spool(Arc::new(spool)))
}

/// The bounds of log lines on their way.
pub(crate) fn line_limits() -> Limits {
    Limits { batch_items: LINES_IN_A_BATCH, ..Limits::default() }
}

/// The bounds of spans on their way.
pub(crate) fn span_limits(batch: &BatchConfig) -> Limits {
    Limits {
        queue_items: batch.queue,
        batch_items: batch.batch,
        max_age: batch.delay,
        retry: Retry { deadline: batch.timeout, ..Retry::default() },
        ..Limits::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_settings_of_spans_are_the_default_bounds_of_delivery() {
        assert_eq!(span_limits(&BatchConfig::default()), Limits::default());
    }
}
